package telegram_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram/telegramsim"
)

func isRefused(err error) bool { _, ok := channel.IsRefused(err); return ok }

// temporary is an error after which the product tries again by itself: none of the
// network, which it takes for a lost answer.
func temporary(err error) bool {
	var network net.Error
	return err != nil && !errors.As(err, &network) && !isRefused(err) && !channel.IsSettings(err) && !channel.IsAmbiguous(err) && !channel.IsBlocked(err)
}

func waits(d time.Duration) func(error) bool {
	return func(err error) bool { l, ok := channel.AsLater(err); return ok && l.After == d }
}

func TestAnswersOfTheOtherSide(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header http.Header
		want   func(error) bool
	}{
		"bad request":  {400, nil, isRefused},
		"wrong token":  {401, nil, channel.IsSettings},
		"no such bot":  {404, nil, channel.IsSettings},
		"forbidden":    {403, nil, channel.IsBlocked},
		"slow down":    {429, http.Header{"Retry-After": {"7"}}, waits(7 * time.Second)},
		"slow down ?":  {429, nil, waits(30 * time.Second)},
		"says it fell": {500, nil, temporary},
		"too large":    {413, nil, isRefused},
	} {
		w := newWorld(t, "poll")
		w.sim.Fail(1, c.status, c.header)
		if err := w.bot.Send(t.Context(), answer("x")); !c.want(err) || strings.Contains(err.Error(), "AAsecret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t, "poll")
	for address, want := range map[string]func(error) bool{"1": isRefused, "@shop": isRefused, "-100123": isRefused, "": isRefused} {
		out := answer("x")
		out.To[0].Address = address
		if err := w.bot.Send(t.Context(), out); !want(err) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := w.sim.Block(t.Context(), hana); err != nil {
		t.Fatal(err)
	}
	if err := w.bot.Send(t.Context(), answer("x")); !channel.IsBlocked(err) {
		t.Errorf("to somebody who blocked us: %v", err)
	}
}

func TestGarbageAndSilence(t *testing.T) {
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  func(error) bool
	}{
		"garbage": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, channel.IsAmbiguous},
		"gateway": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, channel.IsAmbiguous},
		"proxy":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(413) }, isRefused},
		"silence": {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, channel.IsAmbiguous},
		"cut":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, channel.IsAmbiguous},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(c.serve)
			defer srv.Close()
			w := newWorld(t, "poll")
			bot, err := telegram.Kind.Open(doc(t, map[string]string{"apiBase": srv.URL}), w.secrets, w.host)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if err := bot.Send(ctx, answer("x")); !c.want(err) || strings.Contains(err.Error(), "AAsecret") {
				t.Errorf("%v", err)
			}
			srv.Close()
			if bot, err = telegram.Kind.Open(doc(t, map[string]string{"apiBase": srv.URL}), w.secrets, w.desk.Host(t)); err != nil {
				t.Fatal(err)
			}
			if err := bot.Send(t.Context(), answer("x")); !temporary(err) || strings.Contains(err.Error(), "AAsecret") {
				t.Errorf("nobody there: %v", err)
			}
		})
	}
	w := newWorld(t, "poll")
	w.sim.Lose(1)
	if err := w.bot.Send(t.Context(), answer("x")); !channel.IsAmbiguous(err) || len(w.ours()) != 1 {
		t.Errorf("the answer is lost: %v", err)
	}
}

func file(name, contentType, content string) channel.OutgoingPart {
	return channel.OutgoingPart{Name: name, ContentType: contentType, Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func TestWordsAndFiles(t *testing.T) {
	w := newWorld(t, "poll")
	out := answer(strings.Repeat("あ", 4096) + "い")
	out.Parts = []channel.OutgoingPart{file("箱.jpg", "image/jpeg", "j"), file("wide.png", "image/png", "p"), file("a.gif", "image/gif", "g"),
		file("v.mp4", "video/mp4", "v"), file("s.mp3", "audio/mpeg", "m"), file("約\r\n款.pdf", "application/pdf; x=y", "d")}
	if err := w.bot.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	calls := w.sim.Calls()
	want := []string{"sendMessage", "sendMessage", "sendPhoto", "sendPhoto", "sendDocument", "sendAnimation", "sendVideo", "sendAudio", "sendDocument"}
	if !slices.Equal(calls, want) || len(out.Accepted) != 8 || !strings.HasPrefix(out.Accepted[0], hana.Address+"/") {
		t.Errorf("%v, %v", calls, out.Accepted)
	}
	lines := w.ours()
	if lines[1] != (telegramsim.Line{Ours: true, Text: "い"}) || lines[2].File != "箱.jpg" || lines[3].File != "wide.png" || lines[7].File != "約__款.pdf" {
		t.Errorf("%+v", lines[1:])
	}
	if !isRefused(w.bot.Send(t.Context(), answer(" "))) {
		t.Error("a message of nothing is not refused")
	}
}

// TestLaterParts tells which parts arrived, and waits where the first ones did.
func TestLaterParts(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		want   func(error) bool
	}{
		"slow down": {429, func(err error) bool { return err == nil }},
		"refused": {400, func(err error) bool {
			return channel.IsAmbiguous(err) && !isRefused(err) && strings.Contains(err.Error(), "1 of 2")
		}},
		"blocked": {403, func(err error) bool { return channel.IsAmbiguous(err) && !channel.IsBlocked(err) }},
	} {
		w := newWorld(t, "poll")
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if len(w.sim.Calls()) == 1 {
				w.sim.Fail(1, c.status, http.Header{"Retry-After": {"3"}})
			}
			w.sim.ServeHTTP(rw, r)
		}))
		bot, err := telegram.Kind.Open(doc(t, map[string]string{"apiBase": srv.URL}), w.secrets, w.host)
		if err != nil {
			t.Fatal(err)
		}
		out := answer("一")
		out.Parts = []channel.OutgoingPart{file("二.pdf", "application/pdf", "2")}
		if err := bot.Send(t.Context(), out); !c.want(err) {
			t.Errorf("%s: %v", name, err)
		}
		srv.Close()
	}
}
