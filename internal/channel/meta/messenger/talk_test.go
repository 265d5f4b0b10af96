package messenger_test

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
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/messenger"
)

func TestTalk(t *testing.T) {
	both(t, func(t *testing.T, s *stage) {
		if err := s.Say(t.Context(), hana, "こんにちは"); err != nil {
			t.Fatal(err)
		}
		if m := s.last(t); m.Visible != "こんにちは" || m.From.Address != hana.Address || m.At.IsZero() {
			t.Errorf("%+v", m)
		}
		out := letter(strings.Repeat("長い文です。", 400))
		out.Parts = []channel.OutgoingPart{{Name: "a.png", ContentType: "image/png", Size: 3,
			Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("png")), nil }}}
		out.Link = func(int) string { return "https://desk.example/f/1" }
		if err := s.ch.Send(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		words, file := "", ""
		for _, l := range s.Screen(hana.Address)[1:] {
			words, file = words+l.Text, l.File
		}
		want := "a.png"
		if s.instagram() {
			want = "https://desk.example/f/1"
		}
		if words != out.Text || file != want || len(out.Accepted) != s.Screens() {
			t.Errorf("the screen shows %q and %q, accepted %v", words, file, out.Accepted)
		}
		if err := s.Deliver(t.Context(), hana); err != nil {
			t.Fatal(err)
		}
		if m := s.last(t); !s.instagram() && (len(m.Receipts) != len(out.Accepted) || m.Receipts[0].State != "delivered") {
			t.Errorf("%+v", m)
		}
		if err := s.Read(t.Context(), hana); err != nil {
			t.Fatal(err)
		}
		if m := s.last(t); s.instagram() && (len(m.Receipts) != 1 || m.Receipts[0].State != "read") || !s.instagram() && m.Subject != "read" {
			t.Errorf("%+v", m)
		}
	})
}

func TestPeople(t *testing.T) {
	both(t, func(t *testing.T, s *stage) {
		steps := []struct {
			name string
			do   func() error
			ok   func(m *channel.Message) bool
		}{
			{"sticker", func() error { return s.Sticker(t.Context(), hana, s.api.URL, []byte("png")) }, func(m *channel.Message) bool { return m.Thing.Name == "sticker" && len(m.Parts) == 1 }},
			{"press", func() error { return s.Press(t.Context(), hana, "Yes", "Y") }, func(m *channel.Message) bool { return m.Thing.Data["value"] == "Y" && m.Text == "Yes" }},
			{"react", func() error { return s.React(t.Context(), hana, "❤", "m_B1") }, func(m *channel.Message) bool { return m.Thing.Data["to"] == "m_B1" }},
			{"unsend", func() error { return s.Unsend(t.Context(), hana) }, func(m *channel.Message) bool { return m.Deletes != "" && m.Empty() }},
		}
		for _, step := range steps {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if m := s.last(t); !step.ok(m) {
				t.Errorf("%s: %+v", step.name, m)
			}
		}
		who, err := s.ch.(channel.Profiler).Profile(t.Context(), hana.Address)
		if err != nil || who.Name != hana.Name || who.Language != "ja-JP" {
			t.Errorf("%+v, %v", who, err)
		}
		for _, address := range []string{"", "../me", "999"} {
			if _, err := s.ch.(channel.Profiler).Profile(t.Context(), address); err == nil {
				t.Errorf("%q has a profile", address)
			}
		}
	})
}

func TestCommentIsAnsweredInPrivate(t *testing.T) {
	both(t, func(t *testing.T, s *stage) {
		if err := s.Comment(t.Context(), hana, "111_9", "まだ届きません"); err != nil {
			t.Fatal(err)
		}
		m := s.last(t)
		if m.Thing == nil || m.Thing.Name != "comment" || m.Text != "まだ届きません" || m.From.Name != hana.Name {
			t.Fatalf("%+v", m)
		}
		long := letter(strings.Repeat("長い文です。", 400))
		long.InReplyTo = m.ExternalID
		if _, refused := channel.IsRefused(s.ch.Send(t.Context(), long)); !refused || s.Screens() != 0 {
			t.Error("a comment was answered with more than one message")
		}
		out := letter("お調べします。")
		out.InReplyTo = m.ExternalID
		if err := s.ch.Send(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		if got := s.Screen(hana.Address); len(got) != 1 || got[0].Text != out.Text || len(out.Accepted) != 1 {
			t.Errorf("the screen shows %+v", got)
		}
		if _, refused := channel.IsRefused(s.ch.Send(t.Context(), out)); !refused {
			t.Error("a comment was answered twice")
		}
	})
}

func TestCommentsOff(t *testing.T) {
	s := newStage(t, messenger.Kind)
	settings, secrets := papers(s.api.URL, false)
	ch, err := messenger.Kind.Open(settings, secrets, channel.Host{})
	if err != nil {
		t.Fatal(err)
	}
	s.ch = ch
	if err := s.Comment(t.Context(), hana, "111_9", "x"); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); !m.Empty() || m.Subject == "" {
		t.Errorf("%+v", m)
	}
}

func TestFetch(t *testing.T) {
	both(t, func(t *testing.T, s *stage) {
		if err := s.Picture(t.Context(), hana, s.api.URL, []byte("jpeg bytes")); err != nil {
			t.Fatal(err)
		}
		m := s.last(t)
		if len(m.Parts) != 1 {
			t.Fatalf("%+v", m)
		}
		f := s.ch.(channel.Fetcher)
		r, contentType, err := f.Fetch(t.Context(), m.Parts[0].Ref)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(data, []byte("jpeg bytes")) || contentType != "image/jpeg" {
			t.Errorf("%q, %s, %v", data, contentType, err)
		}
		for _, ref := range []string{"", "file:///etc/passwd", "http://scontent.example/x", "https:///x", s.api.URL + "/files/none.jpg"} {
			_, _, err := f.Fetch(t.Context(), ref)
			if _, gone := channel.IsRefused(err); !gone {
				t.Errorf("%q: %v", ref, err)
			}
		}
	})
}

// TestFetchGivesNoToken: files are public, wherever they are.
func TestFetchGivesNoToken(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || strings.Contains(r.URL.RawQuery, token) {
			t.Error("the token was given away")
		}
		if r.URL.Path == "/a" {
			http.Redirect(w, r, "/b", http.StatusFound)
			return
		}
		if r.URL.Path == "/circle" {
			http.Redirect(w, r, "/circle", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "b")
	}))
	defer api.Close()
	f := (&stage{kind: messenger.Kind}).open(t, api.URL).(channel.Fetcher)
	r, _, err := f.Fetch(t.Context(), api.URL+"/a")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	_, _, err = f.Fetch(t.Context(), api.URL+"/circle")
	if _, gone := channel.IsRefused(err); !gone {
		t.Errorf("%v", err)
	}
}

func TestSendErrors(t *testing.T) {
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
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
		"token expired":       {says(400, `{"error":{"message":"expired","code":190,"error_subcode":463}}`), "settings"},
		"no permission":       {says(403, `{"error":{"message":"(#200) requires pages_messaging","code":200}}`), "settings"},
		"window over":         {says(400, `{"error":{"message":"(#10) outside of allowed window","code":10,"error_subcode":2018278}}`), "refused"},
		"window over there":   {says(400, `{"error":{"message":"(#10) outside of allowed window","code":10,"error_subcode":2534022}}`), "refused"},
		"person away":         {says(400, `{"error":{"message":"(#551) This person isn't available","code":551,"error_subcode":1545041}}`), "blocked"},
		"person away, as 200": {says(400, `{"error":{"message":"(#200) This person isn't receiving messages","code":200,"error_subcode":1545041}}`), "blocked"},
		"nobody":              {says(400, `{"error":{"message":"(#100) No matching user found","code":100,"error_subcode":2018001}}`), "refused"},
		"too many":            {says(400, `{"error":{"message":"(#613) Calls to this api have exceeded the rate limit","code":613}}`), "later"},
		"try again":           {says(500, `{"error":{"message":"(#1200) Temporary send message failure","code":1200,"is_transient":true}}`), ""},
		"down, says somebody": {says(502, `<html>`), "ambiguous"},
		"garbage":             {says(200, `<html>`), "ambiguous"},
		"no answer":           {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "ambiguous"},
	} {
		t.Run(name, func(t *testing.T) {
			api := httptest.NewServer(c.api)
			defer api.Close()
			err := (&stage{kind: messenger.Kind}).open(t, api.URL).Send(t.Context(), letter("x"))
			if err == nil {
				t.Fatal("sent")
			}
			for kind, is := range kinds {
				if is(err) != (kind == c.want) {
					t.Errorf("%v is %s: %v", err, kind, is(err))
				}
			}
		})
	}
}

func TestCheckComparesTheIDs(t *testing.T) {
	both(t, func(t *testing.T, s *stage) {
		steps := s.ch.(channel.Checker).Check(t.Context())
		if len(steps) < 3 || !steps[0].OK || !steps[1].OK {
			t.Errorf("%+v", steps)
		}
		settings, secrets := papers(s.api.URL, true)
		settings = bytes.Replace(settings, []byte(`"111"`), []byte(`"112"`), 1)
		ch, err := s.kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
		if err != nil {
			t.Fatal(err)
		}
		if steps := ch.(channel.Checker).Check(t.Context()); steps[0].OK || !strings.Contains(steps[0].Text, "112") {
			t.Errorf("%+v", steps)
		}
	})
}

func TestWindow(t *testing.T) {
	both(t, func(t *testing.T, s *stage) {
		if err := s.Say(t.Context(), hana, "?"); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(25 * time.Hour)
		if _, refused := channel.IsRefused(s.ch.Send(t.Context(), letter("late"))); !refused {
			t.Error("an answer was taken after the time for answers")
		}
		s.Block(hana.Address)
		if err := s.ch.Send(t.Context(), letter("x")); !channel.IsBlocked(err) {
			t.Errorf("%v", err)
		}
	})
}

func TestSendInPartFails(t *testing.T) {
	s := newStage(t, messenger.Instagram)
	if err := s.Say(t.Context(), hana, "?"); err != nil {
		t.Fatal(err)
	}
	out := letter("text")
	out.Parts = []channel.OutgoingPart{{Name: "a.png", ContentType: "image/png", Size: 3}}
	if _, refused := channel.IsRefused(s.ch.Send(t.Context(), out)); !refused || s.Screens() != 0 {
		t.Error("a file that nobody can fetch did not stop the message")
	}
	out.Link = func(int) string { return "https://desk.example/f/1" }
	n := 0
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		s.ServeHTTP(w, r)
	}))
	defer front.Close()
	if err := s.open(t, front.URL).Send(t.Context(), out); !channel.IsAmbiguous(err) || !strings.Contains(err.Error(), "text 1") || len(out.Accepted) != 1 {
		t.Errorf("%v", err)
	}
}
