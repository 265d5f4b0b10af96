package app

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// TestPagesAsTheyAreAccepted asks for what was built in every form.
func TestPagesAsTheyAreAccepted(t *testing.T) {
	script := strings.Repeat("let x = 1;\n", 300)
	s, err := newSPA(fstest.MapFS{
		"index.html": {Data: []byte("<p>")}, "assets/a.js": {Data: []byte(script)}, "assets/a.js.br": {Data: []byte("dense")}, "assets/b.js": {Data: []byte(script)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, accepts, encoding, body string }{
		{"/assets/a.js", "gzip, deflate, br, zstd", "br", "dense"},
		{"/assets/a.js", "gzip", "gzip", ""},
		{"/assets/a.js", "", "", script},
		{"/assets/b.js", "gzip, br", "gzip", ""},
		{"/", "gzip, br", "", "<p>"},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Accept-Encoding", c.accepts)
		got := httptest.NewRecorder()
		s.ServeHTTP(got, r)
		if e := got.Header().Get("Content-Encoding"); e != c.encoding || c.body != "" && got.Body.String() != c.body || got.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s for %q: %q, %d bytes", c.path, c.accepts, e, got.Body.Len())
		}
		if caching := got.Header().Get("Cache-Control"); strings.HasPrefix(c.path, "/assets/") != strings.Contains(caching, "immutable") {
			t.Errorf("%s: %s", c.path, caching)
		}
	}
	missing := httptest.NewRecorder()
	s.ServeHTTP(missing, httptest.NewRequest("GET", "/assets/a.js.br", nil))
	if missing.Code != 404 {
		t.Errorf("the denser form is a page of its own: %d", missing.Code)
	}
}
