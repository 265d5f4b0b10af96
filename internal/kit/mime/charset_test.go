package mime_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// TestCharsets reads bodies in the charsets of the world, with honest labels,
// the wrong ones and none.
func TestCharsets(t *testing.T) {
	wide := func(s string, little bool) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			if little {
				b.WriteString(string([]byte{byte(u), byte(u >> 8)}))
			} else {
				b.WriteString(string([]byte{byte(u >> 8), byte(u)}))
			}
		}
		return b.String()
	}
	for _, c := range []struct{ label, raw, want string }{
		{"utf-8", "日本", "日本"},
		{"UTF8", "日本", "日本"},
		{"\"'utf-8'\"", "日本", "日本"},
		{"", "日本", "日本"},
		{"us-ascii", "日本", "日本"},
		{"iso-8859-1", "日本語です", "日本語です"},
		{"shift_jis", "日本語です", "日本語です"},
		{"utf-8", "\x93\xfa\x96\x7b\x8c\xea\x82\xc5\x82\xb7", "日本語です"},
		{"iso-8859-1", "caf\xe9", "café"},
		{"utf-8", "caf\xe9", "café"},
		{"windows-1252", "\x93quoted\x94", "“quoted”"},
		{"iso-8859-15", "\xa4", "€"},
		{"x-sjis", "\x87\x40", "①"},
		{"cp51932", "\xad\xa1", "①"},
		{"iso-2022-jp", "\x1b$B-!\x1b(B", "①"},
		{"iso-2022-jp", "\x1b$B$\"\n$$", "あ\n$$"},
		{"iso-2022-jp", "\x1b$@$\"\x1b(J\\", "あ\\"},
		{"iso-2022-jp", "\x1b(I1\x1b(B", "ｱ"},
		{"iso-2022-jp", "\x0e1\x0f", "ｱ"},
		{"iso-2022-jp-1", "\x1b$(D\x30\x21\x1b(B", "丂"},
		{"iso-2022-jp-2004", "\x1b$(Q$\"\x1b(B", "あ"},
		{"iso-2022-jp-3", "\x1b$(P!!\x1b(B", "\uFFFD"},
		{"us-ascii", "\x1b$B$\"\x1b(B", "あ"},
		{"iso-2022-kr", "\x1b$)C\x0e0!\x0f", "가"},
		{"ks_c_5601-1987", "\xb0\xa1", "가"},
		{"gb2312", "\xc4\xe3\xba\xc3", "你好"},
		{"hz-gb-2312", "~{DcFC~}", "你泼"},
		{"big5", "\xa7\x41\xa6\x6e", "你好"},
		{"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"},
		{"windows-1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
		{"utf-7", "+ZeVnLIqe-!+-", "日本語!+"},
		{"unicode-1-1-utf-7", "a+AOk-b", "aéb"},
		{"utf-16be", wide("日本", false), "日本"},
		{"utf-16le", wide("日本", true), "日本"},
		{"utf-16", "\xff\xfe" + wide("日本", true), "日本"},
		{"utf-16", wide("hello", true), "hello"},
		{"utf-8", "\xef\xbb\xbfbom", "bom"},
		{"x-unknown-charset", "caf\xe9", "café"},
		{"ibm850", "\x82", "é"},
		{"macintosh", "\x8e", "é"},
		{"tis-620", "\xca\xc7\xd1\xca\xb4\xd5", "สวัสดี"},
		{"iso-8859-8-i", "\xf9\xec\xe5\xed", "שלום"},
		{"utf-8", "か\u3099", "が"},
		{"utf-8", "福\ufa1b か\u3099", "福\ufa1b が"},
		{"utf-8", "a\x00b", "ab"},
	} {
		m := parse(t, "Content-Type: text/plain; charset="+c.label+"\nContent-Transfer-Encoding: 8bit\n\n"+c.raw)
		if m.Text != c.want {
			t.Errorf("%q in %q = %q, want %q", c.raw, c.label, m.Text, c.want)
		}
	}
}

func TestHTMLCharset(t *testing.T) {
	m := parse(t, "Content-Type: text/html\n\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=Shift_JIS\"></head>\x93\xfa\x96\x7b</html>")
	if m.Text != "日本" || !m.TextDerived {
		t.Errorf("text = %q", m.Text)
	}
}

func TestBodies(t *testing.T) {
	for _, c := range []struct{ name, raw, text, html string }{
		{"alternative", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<b>rich</b>\n--b--\n", "plain", "<b>rich</b>"},
		{"html only", "Content-Type: text/html\n\n<p>one<p>two", "one\n\ntwo", "<p>one<p>two"},
		{"empty plain", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<b>rich</b>\n--b--\n", "rich", "<b>rich</b>"},
		{"footer of a list", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<b>rich</b>\n--b--\n--a\n\nfooter\n--a--\n", "plain\nfooter", "<b>rich</b><p>footer</p>"},
		{"enriched", "Content-Type: text/enriched\n\n<bold>Hi</bold> <<x>\n\nthere<param>red</param>", "Hi <x>\nthere", ""},
		{"related, picture first", "Content-Type: multipart/related; boundary=b; start=\"<root>\"\n\n--b\nContent-Type: image/png\n\nx\n--b\nContent-ID: <root>\nContent-Type: text/html\n\n<i>page</i>\n--b--\n", "page", "<i>page</i>"},
		{"amp", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/x-amp-html\n\n<html amp>\n--b--\n", "plain", ""},
		{"base64 with noise", "Content-Type: text/plain\nContent-Transfer-Encoding: BASE64\n\naGVs\n bG8*\n=\nIQ==", "hello!", ""},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\na=20=\nb =3D=ZZ  \n", "a b ==ZZ\n", ""},
		{"mbox line", "From a@b Wed May  1 10:00:00 2024\nSubject: s\n\nbody", "body", ""},
		{"no separator", "Subject: s\nFrom: a@b.c\nThis is the text: at once.\nMore.", "This is the text: at once.\nMore.", ""},
		{"stray line", "Subject: s\nthis is garbage\nFrom: a@b.c\nMIME-Version: 1.0\n\nbody", "body", ""},
	} {
		m := parse(t, c.raw)
		if m.Text != c.text || m.HTML != c.html {
			t.Errorf("%s: text %q, want %q; html %q, want %q (problems %v)", c.name, m.Text, c.text, m.HTML, c.html, m.Problems)
		}
	}
}

func TestHeaderAccess(t *testing.T) {
	m := parse(t, "X-A: one\nx-a: =?utf-8?q?two?=\nX-Empty:\n\nbody")
	if got := strings.Join(m.Header.All("X-A"), "|"); got != "one|two" || m.Header.Get("x-A") != "one" || !m.Header.Has("X-Empty") || m.Header.Has("X-B") {
		t.Errorf("header = %q", got)
	}
	if string(m.HeaderBytes) != "X-A: one\nx-a: =?utf-8?q?two?=\nX-Empty:\n" {
		t.Errorf("header bytes = %q", m.HeaderBytes)
	}
	if !mime.IsReplySubject("Re: x") || mime.IsReplySubject("x") || (mime.Auto{Kind: mime.AutoNone}).Automatic() || !(mime.Auto{Kind: mime.AutoBulk}).Automatic() {
		t.Error("IsReplySubject or Automatic")
	}
}
