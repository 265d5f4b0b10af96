package email_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/go-cmp/cmp"
	"github.com/jhillyerd/enmime/v2"
	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
)

// letter is a message with everything in it.
func letter() *channel.Outgoing {
	return &channel.Outgoing{
		ID:         "01J8.k3y@desk.example.jp",
		From:       channel.Address{Name: "金継商店 サポート", Address: "support@example.jp"},
		ReplyTo:    []channel.Address{{Address: "support+abc@example.jp"}},
		To:         []channel.Address{{Name: "佐藤 花子", Address: "hanako@例え.jp"}, {Name: `Ito, "Ken"`, Address: "a..b@carrier.example"}},
		Cc:         []channel.Address{{Name: "Plain Name", Address: "plain@example.com"}},
		Bcc:        []channel.Address{{Name: "Secret", Address: "secret@example.com"}},
		Subject:    "Re: ご注文番号 12345 の商品が壊れて届いた件につきまして、お詫びとお知らせ（交換品の発送について）",
		Text:       "佐藤様\n\nこのたびは申し訳ございません。\n.\n..dots\n",
		HTML:       `<p>佐藤様</p><img src="cid:logo@desk">`,
		InReplyTo:  "orig@mail.example.com",
		References: []string{"first@x", "orig@mail.example.com"},
		Headers:    map[string]string{"X-Desk-Note": "注 note"},
		At:         time.Date(2026, 11, 21, 9, 30, 0, 0, time.FixedZone("", 9*3600)),
		Parts: []channel.OutgoingPart{
			file("logo.png", "image/png", "logo@desk", true, "PNG"),
			file("見積書（2026年11月）最終版.pdf", "application/pdf", "", false, "%PDF-1.7"),
			file(`../etc/pass"wd.txt`, "text/plain; charset=utf-8", "", false, "x"),
			file("forwarded.eml", "message/rfc822", "", false, "From: a@b\r\n\r\nhi"),
		},
	}
}

func file(name, contentType, id string, inline bool, data string) channel.OutgoingPart {
	return channel.OutgoingPart{Name: name, ContentType: contentType, ContentID: id, Inline: inline,
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil }}
}

// composer opens an endpoint that sends nothing.
func composer(t *testing.T, settings, secrets string) *email.Endpoint {
	t.Helper()
	return open(t, channeltest.NewDesk(), []byte(settings), []byte(secrets))
}

func compose(t *testing.T, out *channel.Outgoing) string {
	t.Helper()
	raw, err := composer(t, `{}`, `{}`).Compose(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestComposeReadBack reads what is composed with a reader that is not ours.
func TestComposeReadBack(t *testing.T) {
	raw := compose(t, letter())
	env, err := enmime.ReadEnvelope(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range env.Errors {
		t.Errorf("the reader complains: %v", e)
	}
	out := letter()
	got := map[string]string{}
	for _, h := range []string{"Subject", "From", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Date", "X-Desk-Note", "Auto-Submitted"} {
		got[h] = env.GetHeader(h)
	}
	want := map[string]string{
		"Subject": out.Subject, "From": "金継商店 サポート <support@example.jp>", "Reply-To": "<support+abc@example.jp>",
		"To": `佐藤 花子 <hanako@xn--r8jz45g.jp>, "Ito, \"Ken\"" <"a..b"@carrier.example>`, "Cc": "Plain Name <plain@example.com>", "Bcc": "",
		"Message-ID": "<01J8.k3y@desk.example.jp>", "In-Reply-To": "<orig@mail.example.com>",
		"References": "<first@x> <orig@mail.example.com>", "Date": "Sat, 21 Nov 2026 09:30:00 +0900",
		"X-Desk-Note": "注 note", "Auto-Submitted": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if got, want := strings.ReplaceAll(env.Text, "\r\n", "\n"), out.Text; strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
		t.Errorf("text %q, want %q", got, want)
	}
	if strings.TrimSpace(env.HTML) != out.HTML {
		t.Errorf("html %q", env.HTML)
	}
	var names []string
	for _, p := range append(env.Inlines, env.Attachments...) {
		names = append(names, p.FileName+" "+p.ContentType+" "+string(p.Content))
	}
	wantNames := []string{"logo.png image/png PNG", "見積書（2026年11月）最終版.pdf application/pdf %PDF-1.7", `pass"wd.txt text/plain x`, "forwarded.eml application/octet-stream From: a@b\r\n\r\nhi"}
	if diff := cmp.Diff(wantNames, names); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if strings.Contains(raw, "secret@example.com") {
		t.Error("the blind copy is in the message")
	}
	checkLines(t, raw)
}

// TestComposeParseBack reads it with our own reader.
func TestComposeParseBack(t *testing.T) {
	out := letter()
	m, err := email.Parse([]byte(compose(t, out)))
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != out.Subject || m.ExternalID != out.ID || m.From.Name != out.From.Name || m.To[0].Name != "佐藤 花子" || m.To[0].Address != "hanako@xn--r8jz45g.jp" {
		t.Errorf("subject %q id %q from %v to %v", m.Subject, m.ExternalID, m.From, m.To)
	}
	if len(m.Problems) > 0 || len(m.Parts) != 4 || !m.Parts[0].Inline || m.Parts[0].ContentID != "logo@desk" {
		t.Errorf("problems %v, parts %+v", m.Problems, m.Parts)
	}
	if m.Auto != "" || m.Bounce != nil {
		t.Errorf("a person's mail counts as automatic: %q %v", m.Auto, m.Bounce)
	}
}

// checkLines holds the message to the limits of the wire.
func checkLines(t *testing.T, raw string) {
	t.Helper()
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(line) > 78 {
			t.Errorf("header line of %d bytes: %s", len(line), line)
		}
		if strings.TrimSpace(line) == "" {
			t.Errorf("an empty header line in %q", head)
		}
	}
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("bad line of %d bytes: %.100q", len(line), line)
		}
		if i := strings.IndexFunc(line, func(r rune) bool { return r > 126 }); i >= 0 {
			t.Errorf("8-bit line: %.100q", line)
		}
	}
}

func TestComposeIsStable(t *testing.T) {
	if a, b := compose(t, letter()), compose(t, letter()); a != b {
		t.Errorf("the second try differs:\n%s", cmp.Diff(a, b))
	}
}

func TestComposeShapes(t *testing.T) {
	plain := &channel.Outgoing{ID: "a@b", From: channel.Address{Address: "a@b.example"}, To: []channel.Address{{Address: "c@d.example"}}, Subject: "Hi", Text: "hello"}
	tests := []struct {
		name   string
		change func(*channel.Outgoing)
		has    []string
		hasNot []string
	}{
		{"text only", func(*channel.Outgoing) {}, []string{"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nhello\r\n"}, []string{"multipart", "Cc:", "Reply-To", "References"}},
		{"html", func(o *channel.Outgoing) { o.HTML = "<b>hello</b>" }, []string{"multipart/alternative"}, []string{"multipart/mixed", "multipart/related"}},
		{"inline without html", func(o *channel.Outgoing) {
			o.Parts = []channel.OutgoingPart{file("a.png", "image/png", "x@y", true, "p")}
		}, []string{"multipart/mixed", "Content-Disposition: attachment"}, []string{"related"}},
		{"automatic", func(o *channel.Outgoing) { o.Automatic = true }, []string{"Auto-Submitted: auto-generated\r\n", "X-Auto-Response-Suppress: All\r\n", "X-Kintsugi-Loop: b\r\n"}, nil},
		{"blind only", func(o *channel.Outgoing) { o.Bcc, o.To = o.To, nil }, []string{"To: undisclosed-recipients:;"}, []string{"c@d.example"}},
		{"strange type", func(o *channel.Outgoing) {
			o.Parts = []channel.OutgoingPart{file("a", "text/x\r\nX: y", "", false, "p")}
		}, []string{"application/octet-stream"}, []string{"X: y"}},
		{"wide text", func(o *channel.Outgoing) { o.Text = strings.Repeat("あ", 300) }, []string{"Content-Transfer-Encoding: base64"}, nil},
		{"long ascii line", func(o *channel.Outgoing) { o.Text = strings.Repeat("word ", 300) }, []string{"Content-Transfer-Encoding: quoted-printable"}, nil},
		{"foreign ids", func(o *channel.Outgoing) { o.References = []string{"a b", "ok@x", "日本@x"}; o.InReplyTo = "odd>" }, []string{"References: <ok@x>\r\n"}, []string{"In-Reply-To"}},
		{"hostile ids", func(o *channel.Outgoing) {
			o.References, o.InReplyTo = []string{"q\x02@x", "a@x\r\nX-Evil: 1", "ok@x"}, "a\x01b@x"
		}, []string{"References: <ok@x>\r\n"}, []string{"In-Reply-To", "Evil"}},
		{"long thread", func(o *channel.Outgoing) {
			for i := range 200 {
				o.References = append(o.References, fmt.Sprintf("m%d@x", i))
			}
			o.InReplyTo = "m199@x"
		}, []string{"References: <m0@x>\r\n <m181@x>\r\n", " <m199@x>\r\n"}, []string{"<m1@x>", "<m180@x>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := *plain
			tt.change(&out)
			raw := compose(t, &out)
			for _, s := range tt.has {
				if !strings.Contains(raw, s) {
					t.Errorf("no %q in:\n%s", s, raw)
				}
			}
			for _, s := range tt.hasNot {
				if strings.Contains(raw, s) {
					t.Errorf("%q in:\n%s", s, raw)
				}
			}
			checkLines(t, raw)
		})
	}
}

func TestNoFieldCarriesALineBreak(t *testing.T) {
	const evil = "x\r\nBcc: victim@example.com"
	tests := map[string]func(*channel.Outgoing){
		"id":           func(o *channel.Outgoing) { o.ID = "a@b>\r\nBcc: v" },
		"subject":      func(o *channel.Outgoing) { o.Subject = evil },
		"subject lf":   func(o *channel.Outgoing) { o.Subject = "x\nBcc: v" },
		"subject cr":   func(o *channel.Outgoing) { o.Subject = "x\rBcc: v" },
		"from name":    func(o *channel.Outgoing) { o.From.Name = evil },
		"from address": func(o *channel.Outgoing) { o.From.Address = "a@b\r\nBcc: v@w" },
		"to name":      func(o *channel.Outgoing) { o.To[0].Name = evil },
		"to address":   func(o *channel.Outgoing) { o.To[0].Address = "a\r\n@b.example" },
		"to domain":    func(o *channel.Outgoing) { o.To[0].Address = "a@b.example>, <v@w.example" },
		"cc":           func(o *channel.Outgoing) { o.Cc = []channel.Address{{Name: evil, Address: "c@d.example"}} },
		"reply-to":     func(o *channel.Outgoing) { o.ReplyTo = []channel.Address{{Name: evil, Address: "c@d.example"}} },
		"header value": func(o *channel.Outgoing) { o.Headers = map[string]string{"X-A": evil} },
		"header name":  func(o *channel.Outgoing) { o.Headers = map[string]string{"X-A: y\r\nBcc": "v"} },
		"own header":   func(o *channel.Outgoing) { o.Headers = map[string]string{"bcc": "v@w"} },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			out := letter()
			change(out)
			raw, err := composer(t, `{}`, `{}`).Compose(t.Context(), out)
			if _, ok := channel.IsRefused(err); !ok {
				t.Errorf("error %v, message:\n%s", err, raw)
			}
		})
	}
	t.Run("file name", func(t *testing.T) {
		out := letter()
		out.Parts = []channel.OutgoingPart{file("a.pdf\r\nBcc: victim@example.com", "application/pdf", "x\r\nBcc: v", false, "p")}
		if raw := compose(t, out); strings.Contains(raw, "\r\nBcc") {
			t.Error(raw)
		}
	})
}

// TestSubjectsSurvive is the property that any text comes back as it went, up to
// white space.
func TestSubjectsSurvive(t *testing.T) {
	m := composer(t, `{}`, `{}`)
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("abc =?_. 日本語ｶﾅ😀é\"(),:;<>@")), rapid.Rune())).Draw(rt, "text")
		text = strings.Map(func(r rune) rune {
			if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffd {
				return -1
			}
			return r
		}, text)
		out := letter()
		out.Subject, out.To[0].Name = text, text
		raw, err := m.Compose(context.Background(), out)
		if err != nil {
			rt.Fatal(err)
		}
		env, err := enmime.ReadEnvelope(strings.NewReader(raw))
		if err != nil {
			rt.Fatal(err)
		}
		want := strings.Join(strings.Fields(text), " ")
		if got := strings.Join(strings.Fields(env.GetHeader("Subject")), " "); got != want {
			rt.Errorf("subject %q, want %q", got, want)
		}
		to, err := env.AddressList("To")
		if err != nil || len(to) != 2 || strings.Join(strings.Fields(to[0].Name), " ") != want {
			rt.Errorf("to %v (%v), want name %q", to, err, want)
		}
	})
}

func TestAttachmentThatFails(t *testing.T) {
	out := letter()
	out.Parts[1].Open = func(context.Context) (io.ReadCloser, error) { return nil, errors.New("disk on fire") }
	_, err := composer(t, `{}`, `{}`).Compose(t.Context(), out)
	if err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Fatalf("error %v", err)
	}
	if _, refused := channel.IsRefused(err); refused {
		t.Error("a file that cannot be read now counts as refused for ever")
	}
}

// TestLargeAttachment sends more than memory is meant to hold.
func TestLargeAttachment(t *testing.T) {
	out := letter()
	data := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB
	out.Parts = []channel.OutgoingPart{file("big.bin", "application/octet-stream", "", false, data)}
	env, err := enmime.ReadEnvelope(strings.NewReader(compose(t, out)))
	if err != nil {
		t.Fatal(err)
	}
	if len(env.Attachments) != 1 || !bytes.Equal(env.Attachments[0].Content, []byte(data)) {
		t.Error("the attachment changed on its way")
	}
}

func TestDKIM(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edPub, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaPub, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := func(key any) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}))
	tests := map[string]struct{ key, record string }{
		"rsa pkcs8": {pkcs8(rsaKey), "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPub)},
		"rsa pkcs1": {pkcs1, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPub)},
		"ed25519":   {pkcs8(edKey), "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edPub)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			secrets, err := json.Marshal(map[string]string{"dkimKey": tt.key})
			if err != nil {
				t.Fatal(err)
			}
			m := composer(t, `{"dkim":{"domain":"example.jp","selector":"s1"}}`, string(secrets))
			raw, err := m.Compose(t.Context(), letter())
			if err != nil {
				t.Fatal(err)
			}
			verify := func(raw string) error {
				v, err := dkim.VerifyWithOptions(strings.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
					if name != "s1._domainkey.example.jp" {
						return nil, fmt.Errorf("asked for %s", name)
					}
					return []string{tt.record}, nil
				}})
				if err != nil {
					return err
				}
				if len(v) != 1 {
					return fmt.Errorf("%d signatures", len(v))
				}
				return v[0].Err
			}
			if err := verify(raw); err != nil {
				t.Errorf("the signature does not hold: %v", err)
			}
			for _, forged := range []string{
				strings.Replace(raw, "From: ", "From: evil@example.com\r\nFrom: ", 1),
				strings.Replace(raw, "Subject: ", "Subject: evil\r\nSubject: ", 1),
				raw + "more\r\n",
			} {
				if verify(forged) == nil {
					t.Errorf("the signature holds for a forged message:\n%.300s", forged)
				}
			}
		})
	}
	for name, secrets := range map[string]string{"no key": `{}`, "no PEM": `{"dkimKey":"x"}`, "public": `{"dkimKey":"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}`} {
		_, err := email.Kind.Open([]byte(`{"dkim":{"domain":"example.jp","selector":"s1"}}`), []byte(secrets), channeltest.NewDesk().Host(t))
		if !channel.IsSettings(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
