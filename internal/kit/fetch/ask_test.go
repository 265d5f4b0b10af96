package fetch_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

func client() *http.Client { return fetch.Client((&net.Dialer{}).DialContext) }

func TestAskReadsAnAnswerWhole(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(r.Header.Get("Content-Type") + r.Header.Get("X-Mine")))
	}))
	defer srv.Close()
	a, err := fetch.Ask(t.Context(), client(), fetch.JSON(http.MethodPost, srv.URL, http.Header{"X-Mine": {"1"}}, []byte(`{}`)))
	if err != nil || a.Status != http.StatusTeapot || a.OK() || string(a.Body) != "application/json1" {
		t.Fatalf("%+v %v", a, err)
	}
}

func TestAskBoundsWhatItReads(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat("x", 1<<20+1)))
	}))
	defer srv.Close()
	if _, err := fetch.Ask(t.Context(), client(), fetch.Request{URL: srv.URL}); err == nil || fetch.Unsent(err) {
		t.Fatalf("%v", err)
	}
}

// TestUnsentIsToldFromLost is what decides whether a letter may be sent again.
func TestUnsentIsToldFromLost(t *testing.T) {
	dropping := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer dropping.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for _, c := range []struct {
		name, url string
		c         *http.Client
		unsent    bool
	}{
		{"the connection is cut", dropping.URL + "/secret", client(), false},
		{"nobody listens", gone.URL + "/secret", client(), true},
		{"no TLS there", strings.Replace(plain.URL, "http:", "https:", 1) + "/secret", client(), true},
		{"not allowed", plain.URL + "/secret", fetch.Client(fetch.Dialer{}.Dial), true},
		{"no address", "http://[::1/secret", client(), true},
	} {
		_, err := fetch.Ask(t.Context(), c.c, fetch.Request{Method: http.MethodPost, URL: c.url})
		if err == nil || fetch.Unsent(err) != c.unsent || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: unsent %v, %v", c.name, fetch.Unsent(err), err)
		}
		var network net.Error
		if c.unsent && errors.As(err, &network) {
			t.Errorf("%s: what was not sent looks like what may have been lost: %v", c.name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fetch.Ask(ended, client(), fetch.Request{URL: plain.URL}); !fetch.Unsent(err) {
		t.Errorf("an ended context: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": time.Minute, "7": 7 * time.Second, "0": 0, "-3": time.Minute, "soon": time.Minute,
		now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second, now.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := fetch.RetryAfter(http.Header{"Retry-After": {value}}, now, time.Minute); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestBase(t *testing.T) {
	for entered, want := range map[string]string{
		"": "https://usual.example", " https://api.example/x/ ": "https://api.example/x", "http://127.0.0.1:80": "http://127.0.0.1:80", "http://localhost": "http://localhost",
		"http://api.example": "", "ftp://api.example": "", "api.example": "", "https://u:p@api.example": "", "https://api.example?x": "", "https://": "",
	} {
		got, err := fetch.Base(entered, "https://usual.example")
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", entered, got, err)
		}
	}
}

// TestOnlyReadingIsLedOn: a POST that is answered with 302 would become a GET.
func TestOnlyReadingIsLedOn(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/there", http.StatusFound)
		}
	}))
	defer srv.Close()
	for method, want := range map[string]int{http.MethodGet: http.StatusOK, http.MethodPost: http.StatusFound} {
		a, err := fetch.Ask(t.Context(), client(), fetch.Request{Method: method, URL: srv.URL + "/"})
		if err != nil || a.Status != want {
			t.Errorf("%s: %d %v", method, a.Status, err)
		}
	}
}
