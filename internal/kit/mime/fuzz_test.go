package mime_test

import (
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// FuzzHeader puts any value into every field that is understood. What comes out
// is one line of text, and an address is nothing but an address.
func FuzzHeader(f *testing.F) {
	for _, seed := range []string{
		`=?utf-8?B?44GC?= =?utf-8?Q?=E3=81?= <a@b.example>`, `"a\" <x@y.example>, " <b@c.example>`, `group: a@b, "c, d" <e@f>;`,
		"=?iso-2022-jp?B?GyRCJCIbKEI=?=", "=?x?y?z?=", "a\r\n b\r\n\tc", `multipart/mixed; boundary*0="a"; boundary*1=b; name*=utf-8''%E3%81%82`,
		"<a@b> <c@d>\t<e", "Thu, 32 Foo 99999 99:99:99 +9999", "\xe3\x81", "=?utf-8?Q?=0D=0ABcc:_x@y?=", "a@b\x00c", "<\"a b\"@c.example>", "a@[127.0.0.1]",
	} {
		f.Add(seed)
	}
	for _, b := range corpus.Seeds(f, "email", ".eml", 40, 4<<10) {
		head, _, _ := strings.Cut(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n\n")
		for _, line := range strings.Split(head, "\n")[:min(3, strings.Count(head, "\n")+1)] {
			_, value, _ := strings.Cut(line, ":")
			f.Add(value)
		}
	}
	f.Fuzz(func(t *testing.T, value string) {
		var raw strings.Builder
		for _, name := range []string{"Message-ID", "In-Reply-To", "References", "Date", "From", "Sender", "Reply-To", "To", "Cc", "Delivered-To",
			"Subject", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Auto-Submitted", "Precedence", "List-Id"} {
			raw.WriteString(name + ": " + strings.NewReplacer("\r", " ", "\n", "\n ").Replace(value) + "\n")
		}
		m, err := mime.Parse([]byte(raw.String()+"\nbody\n"), mime.Limits{})
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		line := func(what, s string) {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") {
				t.Errorf("%s is not one line: %q", what, s)
			}
		}
		line("subject", m.Subject)
		for _, list := range [][]string{{m.MessageID}, m.InReplyTo, m.References} {
			for _, id := range list {
				line("id", id)
				if strings.ContainsAny(id, "<>") {
					t.Errorf("id %q", id)
				}
			}
		}
		for _, a := range m.DeliveredTo {
			line("recipient", a)
			// Between quotes an address may hold anything (RFC 5321, 4.1.2).
			if !strings.HasPrefix(a, `"`) && strings.ContainsAny(a, "<>") {
				t.Errorf("recipient %q", a)
			}
		}
		for _, list := range [][]mime.Address{m.From, m.Sender, m.ReplyTo, m.To, m.Cc} {
			for _, a := range list {
				line("name", a.Name)
				line("address", a.Addr)
				if a.Addr == "" {
					continue
				}
				// As the recipient of an answer it is one address, and the same.
				written := (&mail.Address{Address: a.Addr}).String()
				if !strings.HasPrefix(a.Addr, `"`) && (!strings.Contains(a.Addr, "@") || strings.ContainsAny(a.Addr, "<>,;")) || strings.ContainsAny(written, "\r\n") {
					t.Errorf("address %q", a.Addr)
				}
				if back, err := mail.ParseAddressList(written); err == nil && len(back) != 1 {
					t.Errorf("address %q is %d addresses", a.Addr, len(back))
				}
			}
		}
		mime.IsReplySubject(mime.BaseSubject(m.Subject))
	})
}
