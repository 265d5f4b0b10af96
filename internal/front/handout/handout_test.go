package handout_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/front/handout"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

type open struct{ *bytes.Reader }

func (open) Close() error { return nil }

func newFiles(key *seal.Key, c clock.Clock) *handout.Files {
	return &handout.Files{Key: key, Clock: c, Origin: "https://desk.example", Get: func(_ context.Context, key string) (io.ReadSeekCloser, error) {
		if key != "blob-1" {
			return nil, fault.New(fault.NotFound, "error.blob.notFound")
		}
		return open{bytes.NewReader([]byte("a picture"))}, nil
	}}
}

func get(t *testing.T, f *handout.Files, method, url string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, strings.TrimPrefix(url, "https://desk.example"), nil))
	return w.Result()
}

func TestFilesAreHandedOut(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	f := newFiles(seal.Random(), c)
	link := f.Link(handout.File{BlobKey: "blob-1", ContentType: "image/png", Name: "写真/1.png"})
	res := get(t, f, http.MethodGet, link)
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 || string(b) != "a picture" || res.Header.Get("Content-Type") != "image/png" {
		t.Fatalf("%d %q %v %v", res.StatusCode, b, res.Header, err)
	}
	if d := res.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || strings.ContainsAny(d, "\r\n") {
		t.Errorf("disposition %q", d)
	}
	if res.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(res.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("headers %v", res.Header)
	}
	gone := f.Link(handout.File{BlobKey: "blob-2"})
	altered := strings.Replace(link, "/f/", "/f/e", 1)
	foreign := newFiles(seal.Random(), c).Link(handout.File{BlobKey: "blob-1"})
	for name, url := range map[string]string{"gone": gone, "altered": altered, "another instance's": foreign, "nothing": "https://desk.example/f/"} {
		if res := get(t, f, http.MethodGet, url); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if res := get(t, f, http.MethodPost, link); res.StatusCode != http.StatusNotFound {
		t.Errorf("posted: %d", res.StatusCode)
	}
	c.Advance(8 * 24 * time.Hour)
	if res := get(t, f, http.MethodGet, link); res.StatusCode != http.StatusNotFound {
		t.Errorf("a week later: %d", res.StatusCode)
	}
}

// TestPreviews makes small pictures of large ones, and of nothing else.
func TestPreviews(t *testing.T) {
	var large bytes.Buffer
	if err := png.Encode(&large, image.NewGray(image.Rect(0, 0, 1500, 1000))); err != nil {
		t.Fatal(err)
	}
	f := newFiles(seal.Random(), clock.NewManual(time.Unix(0, 0)))
	blobs := map[string][]byte{"picture": large.Bytes(), "film": []byte("mp4"), "words": []byte("no picture")}
	f.Get = func(_ context.Context, key string) (io.ReadSeekCloser, error) {
		return open{bytes.NewReader(blobs[key])}, nil
	}
	for key, c := range map[string]struct {
		contentType string
		status      int
		wide        int
	}{"picture": {"image/png", 200, 512}, "film": {"video/mp4", 200, 480}, "words": {"image/jpeg", 404, 0}} {
		res := get(t, f, http.MethodGet, f.Preview(handout.File{BlobKey: key, ContentType: c.contentType, Name: "x"}, 3<<20))
		if res.StatusCode != c.status {
			t.Errorf("%s: %d", key, res.StatusCode)
		}
		if c.status != 200 {
			continue
		}
		size, format, err := image.DecodeConfig(res.Body)
		if err != nil || format != "jpeg" || size.Width != c.wide || res.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s: %v %s %v", key, size, format, err)
		}
	}
	for name, link := range map[string]string{
		"a document": f.Preview(handout.File{BlobKey: "x", ContentType: "application/pdf"}, 1),
		"too large":  f.Preview(handout.File{BlobKey: "x", ContentType: "image/jpeg"}, 21<<20),
	} {
		if link != "" {
			t.Errorf("%s: %s", name, link)
		}
	}
}

func TestNoAddressWithoutTLS(t *testing.T) {
	f := newFiles(seal.Random(), clock.NewManual(time.Unix(0, 0)))
	f.Origin = "http://desk.example"
	if link := f.Link(handout.File{BlobKey: "blob-1"}); link != "" {
		t.Errorf("a vendor is sent to %s", link)
	}
}
