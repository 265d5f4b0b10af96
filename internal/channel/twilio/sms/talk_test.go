package sms_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/sms"
)

func TestTalk(t *testing.T) {
	s := newStage(t)
	if err := s.Say(t.Context(), taro, "こんにちは"); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); m.Visible != "こんにちは" || m.From.Address != taro.Address || m.ExternalID == "" {
		t.Errorf("%+v", m)
	}
	out := letter(strings.Repeat("長い文です。", 300))
	out.Parts = []channel.OutgoingPart{{Name: "a.png", ContentType: "image/png", Size: 10}}
	out.Link = func(int) string { return "https://desk.example/f/1" }
	if err := s.ch.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	got := s.Screen(taro.Address)
	if len(got) != 3 || got[1].Text+got[2].Text != out.Text || got[1].File != "https://desk.example/f/1" || got[2].File != "" || len(out.Accepted) != 2 {
		t.Errorf("the screen shows %+v, accepted %v", got, out.Accepted)
	}
	if err := s.Deliver(t.Context(), taro); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); len(m.Receipts) != 1 || m.Receipts[0].ExternalID != out.ID || m.Receipts[0].State != "delivered" {
		t.Errorf("%+v", m)
	}
	if err := s.ch.Send(t.Context(), letter("again")); err != nil {
		t.Fatal(err)
	}
	if err := s.Undelivered(t.Context(), taro, 30005); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); m.Bounce == nil || !m.Bounce.Hard || m.Bounce.Recipients[0] != taro.Address {
		t.Errorf("%+v", m)
	}
}

func TestStopAndStart(t *testing.T) {
	s := newStage(t)
	if err := s.Block(t.Context(), taro); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); m.Contact != channel.ContactEnded || m.Text != "STOP" {
		t.Errorf("%+v", m)
	}
	if err := s.ch.Send(t.Context(), letter("x")); !channel.IsBlocked(err) {
		t.Errorf("%v", err)
	}
	if err := s.Unblock(t.Context(), taro); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); m.Contact != channel.ContactAllowed {
		t.Errorf("%+v", m)
	}
	if err := s.ch.Send(t.Context(), letter("x")); err != nil {
		t.Error(err)
	}
}

func TestFetch(t *testing.T) {
	s := newStage(t)
	if err := s.Picture(t.Context(), taro, s.api.URL, []byte("\xff\xd8\xff jpeg")); err != nil {
		t.Fatal(err)
	}
	m := s.last(t)
	if len(m.Parts) != 1 || m.Parts[0].Name != "file-1.jpg" {
		t.Fatalf("%+v", m)
	}
	f := s.ch.(channel.Fetcher)
	r, contentType, err := f.Fetch(t.Context(), m.Parts[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || !bytes.HasPrefix(data, []byte("\xff\xd8")) || contentType != "image/jpeg" {
		t.Errorf("%q, %s, %v", data, contentType, err)
	}
	for _, ref := range []string{"", "file:///etc/passwd", "http://api.twilio.com/x", "https://twilio.com.evil.example/x", "https://eviltwilio.com/", s.api.URL + "/gone"} {
		_, _, err := f.Fetch(t.Context(), ref)
		if _, gone := channel.IsRefused(err); !gone {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

// TestFetchFollowsToTheStore: Twilio keeps files elsewhere, and its credentials
// stay with it.
func TestFetchFollowsToTheStore(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the store was given credentials")
		}
		_, _ = io.WriteString(w, "picture")
	}))
	defer store.Close()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != token {
			t.Error("Twilio was not given credentials")
		}
		http.Redirect(w, r, store.URL+"/x", http.StatusTemporaryRedirect)
	}))
	defer api.Close()
	r, _, err := open(t, api.URL, "").(channel.Fetcher).Fetch(t.Context(), api.URL+"/media")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(data) != "picture" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestSendErrors(t *testing.T) {
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	kinds := map[string]func(error) bool{
		"refused":   func(err error) bool { _, ok := channel.IsRefused(err); return ok },
		"later":     func(err error) bool { _, ok := channel.AsLater(err); return ok },
		"blocked":   channel.IsBlocked,
		"settings":  channel.IsSettings,
		"ambiguous": channel.IsAmbiguous,
	}
	for name, c := range map[string]struct {
		api  http.HandlerFunc
		want string // "" is temporary
	}{
		"wrong token":         {says(401, `{"code":20003,"message":"Authenticate","status":401}`), "settings"},
		"403 without words":   {says(403, ``), "settings"},
		"not our number":      {says(400, `{"code":21606,"message":"not a valid From","status":400}`), "settings"},
		"no such number":      {says(400, `{"code":21211,"message":"Invalid 'To'","status":400}`), "refused"},
		"country not allowed": {says(403, `{"code":21408,"message":"Permission to send is not enabled","status":403}`), "refused"},
		"stopped":             {says(400, `{"code":21610,"message":"unsubscribed","status":400}`), "blocked"},
		"too many":            {says(429, `{"code":20429,"message":"Too Many Requests","status":429}`), "later"},
		"down, says Twilio":   {says(503, `{"code":20503,"message":"Service unavailable","status":503}`), ""},
		"down, says somebody": {says(502, `<html>`), "ambiguous"},
		"garbage":             {says(201, `<html>`), "ambiguous"},
		"no answer":           {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "ambiguous"},
	} {
		t.Run(name, func(t *testing.T) {
			api := httptest.NewServer(c.api)
			defer api.Close()
			err := open(t, api.URL, "").Send(t.Context(), letter("x"))
			if err == nil {
				t.Fatal("sent")
			}
			for kind, is := range kinds {
				if is(err) != (kind == c.want) {
					t.Errorf("%v is %s: %v", err, kind, is(err))
				}
			}
			if l, ok := channel.AsLater(err); ok && l.After != 17*time.Second {
				t.Errorf("wait %v", l.After)
			}
			if strings.Contains(err.Error(), token) {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
	t.Run("a later part fails", func(t *testing.T) {
		s := newStage(t)
		n := 0
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n == 2 {
				says(400, `{"code":30007,"message":"filtered"}`)(w, r)
				return
			}
			s.ServeHTTP(w, r)
		}))
		defer front.Close()
		out := letter(strings.Repeat("長い文です。", 300))
		if err := open(t, front.URL, "").Send(t.Context(), out); !channel.IsAmbiguous(err) || !strings.Contains(err.Error(), "1 of 2") || len(out.Accepted) != 1 {
			t.Errorf("%v", err)
		}
	})
	t.Run("hangs after the commit", func(t *testing.T) {
		hang := make(chan struct{})
		api := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
		defer api.Close()
		defer close(hang)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := open(t, api.URL, "").Send(ctx, letter("x")); !channel.IsAmbiguous(err) {
			t.Errorf("%v", err)
		}
	})
	t.Run("a file that nobody can fetch", func(t *testing.T) {
		out := letter("x")
		out.Parts = []channel.OutgoingPart{{Name: "a.png", ContentType: "image/png", Size: 10}}
		if _, refused := channel.IsRefused(newStage(t).ch.Send(t.Context(), out)); !refused {
			t.Error("sent")
		}
	})
}

func TestMeasure(t *testing.T) {
	for text, want := range map[string]sms.Size{
		"":                       {Room: 160},
		"hello":                  {Segments: 1, Units: 5, Room: 160},
		strings.Repeat("a", 160): {Segments: 1, Units: 160, Room: 160},
		strings.Repeat("a", 161): {Segments: 2, Units: 161, Room: 306},
		strings.Repeat("a", 306): {Segments: 2, Units: 306, Room: 306},
		strings.Repeat("a", 307): {Segments: 3, Units: 307, Room: 459},
		strings.Repeat("€", 80):  {Segments: 1, Units: 160, Room: 160},
		"a" + strings.Repeat("€", 80) + strings.Repeat("a", 3): {Segments: 2, Units: 164, Room: 306},
		strings.Repeat("あ", 70):                                {Segments: 1, Units: 70, Room: 70, Wide: true},
		strings.Repeat("あ", 71):                                {Segments: 2, Units: 71, Room: 134, Wide: true},
		strings.Repeat("😀", 35):                                {Segments: 1, Units: 70, Room: 70, Wide: true},
		strings.Repeat("😀", 67):                                {Segments: 3, Units: 134, Room: 201, Wide: true}, // 33 fit into a segment: none is cut in two
		"Grüße, naïve":                                         {Segments: 1, Units: 12, Room: 70, Wide: true},
		"Grüße aus Köln für 5 £":                               {Segments: 1, Units: 22, Room: 160},
	} {
		if got := sms.Measure(text); got != want {
			t.Errorf("%.20q (%d): %+v, want %+v", text, len(text), got, want)
		}
	}
}

func TestCheckFindsTheHook(t *testing.T) {
	s := newStage(t)
	steps := s.ch.(channel.Checker).Check(t.Context())
	if len(steps) != 3 || !steps[2].OK || steps[2].Text != s.hook.URL+"/hook/ib_1" {
		t.Errorf("%+v", steps)
	}
	steps = open(t, s.api.URL, "https://elsewhere.example/hook/ib_2").(channel.Checker).Check(t.Context())
	if len(steps) != 3 || steps[2].OK {
		t.Errorf("%+v", steps)
	}
}
