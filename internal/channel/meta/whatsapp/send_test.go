package whatsapp_test

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
)

func attached(name, contentType string, data []byte) channel.OutgoingPart {
	return channel.OutgoingPart{Name: name, ContentType: contentType, Size: int64(len(data)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

func TestSend(t *testing.T) {
	s := newStage(t)
	if err := s.Say(t.Context(), hana, "こんにちは"); err != nil {
		t.Fatal(err)
	}
	out := letter("領収書です。")
	out.Parts = []channel.OutgoingPart{attached("領収書.pdf", "application/pdf", []byte("%PDF")), attached("a.png", "image/png", []byte("png"))}
	if err := s.ch.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	lines := s.Screen(hana.Address)
	if len(lines) != 3 || lines[1].File != "領収書.pdf" || lines[1].Text != "領収書です。" || lines[2].File != "a.png" || lines[2].Text != "" {
		t.Errorf("the screen shows %+v", lines)
	}
	if len(out.Accepted) != 2 || out.Accepted[0] != lines[1].ID {
		t.Errorf("accepted %v", out.Accepted)
	}

	if err := s.Deliver(t.Context(), hana); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); len(m.Receipts) != 1 || m.Receipts[0].State != "delivered" || m.Receipts[0].ExternalID != out.ID {
		t.Errorf("delivered: %+v", m)
	}
	if err := s.Read(t.Context(), hana); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); len(m.Receipts) != 1 || m.Receipts[0].State != "read" {
		t.Errorf("read: %+v", m)
	}
}

func TestSendCutsLongText(t *testing.T) {
	s := newStage(t)
	if err := s.Say(t.Context(), hana, "?"); err != nil {
		t.Fatal(err)
	}
	out := letter(strings.Repeat("長い文です。", 1000))
	if err := s.ch.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if got := s.Screen(hana.Address); len(got) != 3 || got[1].Text+got[2].Text != out.Text || len(out.Accepted) != 2 {
		t.Errorf("%d lines, accepted %v", len(got), out.Accepted)
	}
}

func TestTemplates(t *testing.T) {
	s := newStage(t)
	list, err := s.ch.(channel.Templated).Templates(t.Context())
	if err != nil || len(list) != 5 {
		t.Fatalf("%+v, %v", list, err)
	}
	if got := list[1]; got.Name != "order_news" || got.Language != "en" || len(got.Variables) != 2 || got.Variables[1] != "order" {
		t.Errorf("template %+v", got)
	}
	if got := list[2].Variables; !strings.HasPrefix(list[2].Body, "{{2}} is ready, {{1}}.") || len(got) != 2 || got[0] != "1" || got[1] != "2" {
		t.Errorf("variables %v", got)
	}
	out := letter("Dear Hana, we have news about your order 12.")
	if err := s.ch.Send(t.Context(), out); err == nil {
		t.Error("text was taken outside the time for answers")
	}
	out.Template = &channel.TemplateUse{Name: "order_news", Language: "en", Variables: list[1].Variables, Values: []string{"Hana", "12"}}
	if err := s.ch.Send(t.Context(), out); err != nil {
		t.Error(err)
	}
	if got := s.Screen(hana.Address); len(got) != 1 || got[0].Text != "order_news" {
		t.Errorf("the screen shows %+v", got)
	}
}

// TestTemplateWithPicture: what a header shows is uploaded first, and nothing is
// sent that is another sort of file, or none.
func TestTemplateWithPicture(t *testing.T) {
	s := newStage(t)
	list, err := s.ch.(channel.Templated).Templates(t.Context())
	if err != nil || list[3].Name != "with_picture" || list[3].Media != "image" {
		t.Fatalf("%+v, %v", list, err)
	}
	for name, parts := range map[string][]channel.OutgoingPart{
		"no file":    nil,
		"a document": {attached("a.pdf", "application/pdf", []byte("%PDF"))},
		"two":        {attached("a.png", "image/png", []byte("png")), attached("b.png", "image/png", []byte("png"))},
	} {
		out := letter("See for yourself.")
		out.Template, out.Parts = &channel.TemplateUse{Name: "with_picture", Language: "en", Media: "image"}, parts
		out.Committing = func(context.Context) error { t.Errorf("%s: committed", name); return nil }
		if _, refused := channel.IsRefused(s.ch.Send(t.Context(), out)); !refused {
			t.Errorf("%s: not refused", name)
		}
	}
	out := letter("See for yourself.")
	out.Template, out.Parts = &channel.TemplateUse{Name: "with_picture", Language: "en", Media: "image"}, []channel.OutgoingPart{attached("a.png", "image/png", []byte("png"))}
	if err := s.ch.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if got := s.Screen(hana.Address); len(got) != 1 || got[0].Text != "with_picture" || got[0].File != "a.png" {
		t.Errorf("the screen shows %+v", got)
	}
}

// TestTemplateWithButton: header and button have variables of their own, although all
// are called the same, and each value goes to its place.
func TestTemplateWithButton(t *testing.T) {
	s := newStage(t)
	list, err := s.ch.(channel.Templated).Templates(t.Context())
	if err != nil || list[4].Name != "parcel" || strings.Join(list[4].Variables, " ") != "header:1 1 button:1" {
		t.Fatalf("%+v, %v", list, err)
	}
	values := []string{"12", "Hana", "ab-12"}
	if got := list[4].Fill(values); got != "Order 12\n\nDear Hana, your parcel is on its way.\n\nTrack: https://shop.example/track/ab-12" {
		t.Errorf("it reads %q", got)
	}
	out := letter("Order 12")
	out.Template = &channel.TemplateUse{Name: "parcel", Language: "en", Variables: list[4].Variables, Values: values}
	if err := s.ch.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	out = letter("Order 12")
	out.Template = &channel.TemplateUse{Name: "parcel", Language: "en", Variables: list[4].Variables[1:2], Values: values[1:2]}
	if _, refused := channel.IsRefused(s.ch.Send(t.Context(), out)); !refused {
		t.Error("the vendor took it without header and button")
	}
	if got := s.Screen(hana.Address); len(got) != 1 || got[0].Text != "parcel" {
		t.Errorf("the screen shows %+v", got)
	}
}

func TestFetch(t *testing.T) {
	s := newStage(t)
	if err := s.Picture(t.Context(), hana, "box.jpg", []byte("jpeg bytes"), "見てください"); err != nil {
		t.Fatal(err)
	}
	m := s.last(t)
	if m.Text != "見てください" || len(m.Parts) != 1 {
		t.Fatalf("%+v", m)
	}
	f := s.ch.(channel.Fetcher)
	r, contentType, err := f.Fetch(t.Context(), m.Parts[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(data) != "jpeg bytes" || contentType != "image/jpeg" {
		t.Errorf("%q, %s, %v", data, contentType, err)
	}
	for _, ref := range []string{"", "../me", "7/8", "404404"} {
		if _, _, err := f.Fetch(t.Context(), ref); err == nil {
			t.Errorf("%q was fetched", ref)
		} else if _, gone := channel.IsRefused(err); !gone {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

// TestFetchKeepsTheToken: the API says where a file is, and the token goes to the
// vendor's hosts only.
func TestFetchKeepsTheToken(t *testing.T) {
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer elsewhere.Close()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"url":"`+elsewhere.URL+`/x","mime_type":"image/png"}`)
	}))
	defer api.Close()
	ch := (&stage{}).open(t, api.URL)
	_, _, err := ch.(channel.Fetcher).Fetch(t.Context(), "7001")
	if _, refused := channel.IsRefused(err); !refused || asked {
		t.Errorf("asked %v, %v", asked, err)
	}
}

// refusal is how the API says no.
func refusal(status int, header http.Header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestSendErrors(t *testing.T) {
	kinds := map[string]func(error) bool{
		"refused":   func(err error) bool { _, ok := channel.IsRefused(err); return ok },
		"blocked":   channel.IsBlocked,
		"settings":  channel.IsSettings,
		"ambiguous": channel.IsAmbiguous,
		"later":     func(err error) bool { _, ok := channel.AsLater(err); return ok },
	}
	for name, c := range map[string]struct {
		api  http.HandlerFunc
		want string // "" is temporary
		wait time.Duration
	}{
		"token expired":       {refusal(401, nil, `{"error":{"message":"Error validating access token","type":"OAuthException","code":190,"error_subcode":463}}`), "settings", 0},
		"no permission":       {refusal(403, nil, `{"error":{"message":"Permission denied","code":10}}`), "settings", 0},
		"401 without words":   {refusal(401, nil, ``), "settings", 0},
		"403 without words":   {refusal(403, nil, `<html>`), "settings", 0},
		"number unknown":      {refusal(400, nil, `{"error":{"message":"Unsupported post request","code":100,"error_subcode":33}}`), "settings", 0},
		"window over":         {refusal(400, nil, `{"error":{"message":"(#131047) Re-engagement message","code":131047}}`), "refused", 0},
		"undeliverable":       {refusal(400, nil, `{"error":{"message":"(#131026) Message undeliverable","code":131026}}`), "refused", 0},
		"in an experiment":    {refusal(400, nil, `{"error":{"message":"(#130472) experiment","code":130472}}`), "refused", 0},
		"opted out":           {refusal(400, nil, `{"error":{"message":"(#131050) User opted out","code":131050}}`), "blocked", 0},
		"throughput":          {refusal(400, nil, `{"error":{"message":"(#130429) Rate limit hit","code":130429}}`), "later", time.Minute},
		"account throttled":   {refusal(400, nil, `{"error":{"message":"(#80007) Rate limit issues","code":80007}}`), "later", 5 * time.Minute},
		"usage is told":       {refusal(400, http.Header{"X-Business-Use-Case-Usage": {`{"900":[{"type":"whatsapp","estimated_time_to_regain_access":7}]}`}}, `{"error":{"message":"x","code":80007}}`), "later", 7 * time.Minute},
		"429":                 {refusal(429, http.Header{"Retry-After": {"17"}}, ``), "later", 17 * time.Second},
		"down, says the API":  {refusal(503, nil, `{"error":{"message":"(#131016) Service overloaded","code":131016}}`), "", 0},
		"down, says somebody": {refusal(502, nil, `<html>bad gateway</html>`), "ambiguous", 0},
		"garbage":             {refusal(200, nil, `<html>`), "ambiguous", 0},
		"no answer":           {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "ambiguous", 0},
	} {
		t.Run(name, func(t *testing.T) {
			api := httptest.NewServer(c.api)
			defer api.Close()
			ch := (&stage{}).open(t, api.URL)
			err := ch.Send(t.Context(), letter("x"))
			if err == nil {
				t.Fatal("sent")
			}
			for kind, is := range kinds {
				if is(err) != (kind == c.want) {
					t.Errorf("%v is %s: %v", err, kind, is(err))
				}
			}
			if strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "http://") {
				t.Errorf("the error tells too much: %v", err)
			}
			if l, ok := channel.AsLater(err); ok && l.After != c.wait {
				t.Errorf("wait %v", l.After)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		api := httptest.NewServer(nil)
		api.Close()
		err := (&stage{}).open(t, api.URL).Send(t.Context(), letter("x"))
		if err == nil || channel.IsAmbiguous(err) {
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
		if err := (&stage{}).open(t, api.URL).Send(ctx, letter("x")); !channel.IsAmbiguous(err) {
			t.Errorf("%v", err)
		}
	})
}

func TestSendInPartFails(t *testing.T) {
	s := newStage(t)
	if err := s.Say(t.Context(), hana, "?"); err != nil {
		t.Fatal(err)
	}
	out := letter(strings.Repeat("長い文です。", 1000))
	out.Committing = func(context.Context) error { return nil }
	n := 0
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 {
			refusal(400, nil, `{"error":{"message":"no","code":131000}}`)(w, r)
			return
		}
		s.ServeHTTP(w, r)
	}))
	defer front.Close()
	err := s.open(t, front.URL).Send(t.Context(), out)
	if !channel.IsAmbiguous(err) || !strings.Contains(err.Error(), "text 1") || len(out.Accepted) != 1 {
		t.Errorf("%v, accepted %v", err, out.Accepted)
	}
	// A file that cannot be uploaded stops the message before anything is said.
	out = letter("x")
	out.Parts = []channel.OutgoingPart{attached("a.png", "image/png", []byte("png"))}
	out.Committing = func(context.Context) error { t.Error("committed"); return nil }
	s.Fail(1, http.StatusServiceUnavailable, nil)
	if err := s.ch.Send(t.Context(), out); err == nil || channel.IsAmbiguous(err) {
		t.Errorf("%v", err)
	}
	out.Parts = []channel.OutgoingPart{attached("a.exe", "application/x-msdownload", []byte("MZ"))}
	if _, refused := channel.IsRefused(s.ch.Send(t.Context(), out)); !refused {
		t.Error("a program was not refused")
	}
}

func TestCheckTellsWhatIsWrong(t *testing.T) {
	s := newStage(t)
	s.Fail(1, http.StatusServiceUnavailable, nil)
	steps := s.ch.(channel.Checker).Check(t.Context())
	if len(steps) != 1 || steps[0].OK || steps[0].Text == "" {
		t.Errorf("%+v", steps)
	}
	steps = s.ch.(channel.Checker).Check(t.Context())
	if len(steps) != 3 || steps[2].Part != "receive" || !strings.Contains(steps[2].Text, "/hook/ib_1") {
		t.Errorf("%+v", steps)
	}
}
