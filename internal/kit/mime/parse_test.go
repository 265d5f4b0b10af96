package mime_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

func parse(t testing.TB, raw string) *mime.Mail {
	t.Helper()
	m, err := mime.Parse([]byte(raw), mime.Limits{})
	if err != nil {
		t.Fatalf("%v: %.80q", err, raw)
	}
	return m
}

func names(m *mime.Mail) string {
	var out []string
	for _, p := range m.Parts {
		out = append(out, p.Name)
	}
	return strings.Join(out, " | ")
}

// TestFixtures reads mails written for this test, one a class of trouble.
func TestFixtures(t *testing.T) {
	for _, c := range []struct{ file, from, subject, text, parts string }{
		{"iso-2022-jp.eml", "山田 太郎 <taro@example.jp>", "ご注文の確認（第①回）", "お世話になっております。\n①番の商品が㈱サンプルから届きません。\n", ""},
		{"iso-2022-jp-ms.eml", "髙橋 <takahashi@example.jp>", "髙橋です", "髙島屋の㈲サンプルです。ｶﾅも。\n", ""},
		{"cp932.eml", "佐藤 <sato@example.jp>", "返品①", "Ⅲ番の商品です。～\n", ""},
		{"unlabelled-sjis.eml", "鈴木 <suzuki@example.jp>", "至急お願いします", "商品が壊れていました。交換してください。\n", ""},
		{"unlabelled-euc.eml", "田中 <tanaka@example.jp>", "納期について", "いつ届きますか。\n", ""},
		{"rfc2231.eml", "A <a@example.com>", "names", "See attached.\n", "とても長い名前の見積書（最終版）.pdf | naïve file.txt | 写真.jpg"},
		{"bad-boundary.eml", "A <a@example.com>", "wrong boundary", "The text.\n", "a.csv"},
		{"no-end.eml", "A <a@example.com>", "cut off", "Text before the cut.\n", "half.bin"},
		{"nested-message.eml", "A <a@example.com>", "Fwd: 転送します", "ご確認ください。\n", "元の件名.eml | report.html"},
		{"cr-only.eml", "Old Mac <mac@example.com>", "bare CR", "line one\nline two\n", ""},
		{"uuencode.eml", "A <a@example.com>", "uu", "before\nafter\n", "hello.txt"},
		{"tnef.eml", "A <a@example.com>", "winmail", "Body inside TNEF", "inside.txt"},
		{"calendar.eml", "A <a@example.com>", "招待", "会議です。\n", "invite.ics"},
		{"flowed.eml", "A <a@example.com>", "flowed", "one long line that was wrapped by the mailer\n> quoted and wrapped\nend\n", ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", c.file))
			if err != nil {
				t.Fatal(err)
			}
			m := parse(t, string(raw))
			from := ""
			if len(m.From) > 0 {
				from = m.From[0].Name + " <" + m.From[0].Addr + ">"
			}
			for _, q := range []struct{ what, want, got string }{{"from", c.from, from}, {"subject", c.subject, m.Subject}, {"text", c.text, m.Text}, {"parts", c.parts, names(m)}} {
				if q.want != q.got {
					t.Errorf("%s = %q, want %q (problems %v)", q.what, q.got, q.want, m.Problems)
				}
			}
		})
	}
}

func TestFixtureContents(t *testing.T) {
	read := func(name string) *mime.Mail {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return parse(t, string(raw))
	}
	if m := read("tnef.eml"); string(m.Parts[0].Data) != "hello from tnef" || m.Parts[0].Size != 15 {
		t.Errorf("tnef part = %q", m.Parts[0].Data)
	}
	if m := read("uuencode.eml"); string(m.Parts[0].Data) != "hello, uuencode\n" {
		t.Errorf("uu part = %q", m.Parts[0].Data)
	}
	m := read("nested-message.eml")
	if strings.Contains(m.Text+m.HTML, "中の本文") || strings.Contains(m.Text+m.HTML, "attached page") {
		t.Error("the text of an attachment became the text of the mail")
	}
	if m := read("calendar.eml"); len(m.Calendar) != 1 || !bytes.Contains(m.Calendar[0].Data, []byte("METHOD:REQUEST")) {
		t.Errorf("calendar = %v", m.Calendar)
	}
}

func TestRefused(t *testing.T) {
	for _, raw := range []string{"", " \r\n\n", "\x00\x00"} {
		if _, err := mime.Parse([]byte(raw), mime.Limits{}); err != mime.ErrEmpty {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if _, err := mime.Parse(bytes.Repeat([]byte{1, 2, 3, 0, 0xff}, 100), mime.Limits{}); err != mime.ErrNotMail {
		t.Errorf("binary: %v", err)
	}
	if m := parse(t, "just words"); m.Text != "just words" {
		t.Errorf("text = %q", m.Text)
	}
}

func TestHeaders(t *testing.T) {
	sjis := func(s string) string {
		out, err := japanese.ShiftJIS.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct{ raw, want string }{
		{"=?UTF-8?B?44GC?=\n =?UTF-8?B?44GE?=", "あい"},
		{"=?UTF-8?B?44E=?= =?UTF-8?B?gg==?=", "あ"},
		{"=?iso-2022-jp?B?GyRCJCIbKEI=?= x", "あ x"},
		{"=?utf-8?q?a_b=5Fc?=", "a b_c"},
		{"=?utf-8*ja?q?x?=", "x"},
		{"\"=?utf-8?q?quoted?=\"", "\"quoted\""},
		{"a=?utf-8?q?b?=c", "abc"},
		{"=?utf-8?q?with space?=", "with space"},
		{"=?x-nonsense?q?=82=A0=82=A2=82=B3=82=F1=82=B1=82=F1?=", "あいさんこん"},
		{"=?utf-8?q?no end", "=?utf-8?q?no end"},
		{sjis("件名：返品のお願い"), "件名：返品のお願い"},
		{"\x1b$B7oL>\x1b(B", "件名"},
		{"?= =? ?", "?= =? ?"},
		{"=?utf-8?b?!!!?=", ""},
	} {
		m := parse(t, "Subject: "+c.raw+"\nFrom: a@b.c\n\nx")
		if m.Subject != c.want {
			t.Errorf("subject %q = %q, want %q", c.raw, m.Subject, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{`a@Example.COM`, `a@example.com`},
		{`"Yamada, Taro" <taro@example.jp>, b@x.y`, `Yamada, Taro <taro@example.jp> | b@x.y`},
		{`taro@example.jp (山田)`, `山田 <taro@example.jp>`},
		{`team: a@x.y, b@x.y;, c@x.y`, `a@x.y | b@x.y | c@x.y`},
		{`undisclosed-recipients:;`, ``},
		{`A <a@x.y> B <b@x.y>`, `A <a@x.y> | B <b@x.y>`},
		{`a@x.y; b@x.y`, `a@x.y | b@x.y`},
		{`Taro Yamada taro@example.jp`, `Taro Yamada <taro@example.jp>`},
		{`<a@日本.example>`, `a@xn--wgv71a.example`},
		{`a@XN--WGV71A.example`, `a@xn--wgv71a.example`},
		{`"a..b"@docomo.ne.jp`, `"a..b"@docomo.ne.jp`},
		{`a..b.@docomo.ne.jp`, `a..b.@docomo.ne.jp`},
		{`nobody here`, `nobody here <>`},
		{`=?utf-8?q?=22Quoted=22?= <a@x.y>`, `Quoted <a@x.y>`},
		{`a@x.y <a@x.y>`, `a@x.y`},
		{`Name <mailto:a@x.y>`, `Name <a@x.y>`},
		{`"broken <a@x.y>`, `broken <a@x.y>`},
		{`,, ;`, ``},
	} {
		var got []string
		for _, a := range parse(t, "To: "+c.raw+"\n\nx").To {
			if a.Name != "" {
				got = append(got, a.Name+" <"+a.Addr+">")
			} else {
				got = append(got, a.Addr)
			}
		}
		if s := strings.Join(got, " | "); s != c.want {
			t.Errorf("%q = %q, want %q", c.raw, s, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"Wed, 1 May 2024 10:23:45 +0900", "2024-05-01T01:23:45Z"},
		{"Wed, 1 May 2024 10:23:45 +0900 (JST)", "2024-05-01T01:23:45Z"},
		{"1 May 2024 10:23 JST", "2024-05-01T01:23:00Z"},
		{"Wed,  1 May 24 10:23:45 GMT", "2024-05-01T10:23:45Z"},
		{"Wed May  1 10:23:45 2024", "2024-05-01T10:23:45Z"},
		{"2024-05-01T10:23:45+09:00", "2024-05-01T01:23:45Z"},
		{"Wed, 01 May 2024 10:23:45 GMT+09:00", "2024-05-01T01:23:45Z"},
		{"Wed, 1 May 2024 10.23.45 +0900", "2024-05-01T01:23:45Z"},
		{"2024/05/01 10:23:45", "2024-05-01T10:23:45Z"},
		{"yesterday", ""}, {"", ""}, {"Wed, 99 May 2024 10:23:45 +0900", ""}, {"1 Jan 0001 00:00:00 +0000", ""},
	} {
		got := ""
		if d := parse(t, "Date: "+c.raw+"\n\nx").Date; !d.IsZero() {
			got = d.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("date %q = %q, want %q", c.raw, got, c.want)
		}
	}
}

func TestIDs(t *testing.T) {
	m := parse(t, "Message-ID: <a@x>\nIn-Reply-To: <b@x>\nReferences: <c@x>\n <d@x> <c@x>\n\nx")
	if got := fmt.Sprint(m.MessageID, m.InReplyTo, m.References); got != "a@x[b@x] [c@x d@x]" {
		t.Error(got)
	}
	m = parse(t, "Message-ID: a@x\nIn-Reply-To: Your message of \"Tue\" <b@x>\nReferences: <broken@\n x>\n\nx")
	if got := fmt.Sprint(m.MessageID, m.InReplyTo, m.References); got != "a@x[b@x] [broken@x]" {
		t.Error(got)
	}
}

func TestAuto(t *testing.T) {
	for _, c := range []struct {
		header string
		want   mime.AutoKind
	}{
		{"Subject: hello", mime.AutoNone},
		{"Auto-Submitted: no", mime.AutoNone},
		{"Auto-Submitted: auto-replied", mime.AutoReply},
		{"Auto-Submitted: auto-generated", mime.AutoGenerated},
		{"Auto-Submitted: auto-generated\nSubject: Automatic reply: x", mime.AutoReply},
		{"Subject: Automatic reply: order", mime.AutoReply},
		{"Subject: Out of Office: x", mime.AutoReply},
		{"Subject: Re: Out of office chairs", mime.AutoReply},
		{"Subject: I got an automatic reply from you", mime.AutoNone},
		{"Subject: 自動返信: お問い合わせ", mime.AutoReply},
		{"Subject: 【自動返信】お問い合わせありがとうございます", mime.AutoReply},
		{"Subject: 不在のお知らせ", mime.AutoReply},
		{"Subject: 自動返信が届きました", mime.AutoReply},
		{"X-Autoreply: yes", mime.AutoReply},
		{"Precedence: auto_reply", mime.AutoReply},
		{"Precedence: bulk", mime.AutoBulk},
		{"List-Id: <x.y>", mime.AutoList},
		{"List-Unsubscribe: <mailto:x>", mime.AutoBulk},
		{"X-Auto-Response-Suppress: All", mime.AutoGenerated},
		{"Return-Path: <>", mime.AutoGenerated},
		{mime.LoopHeader + ": 1\nPrecedence: bulk", mime.AutoLoop},
	} {
		if got := parse(t, c.header+"\nFrom: a@b.c\n\nx").Auto; got.Kind != c.want {
			t.Errorf("%q: %v, want %s", c.header, got, c.want)
		}
	}
}

func TestBaseSubject(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Re: RE: Fwd: order", "order"}, {"Re[2]: order", "order"}, {"Re(3): order", "order"}, {"返信: 転送：注文の件", "注文の件"}, {"Ｒｅ：注文", "Ｒｅ：注文"},
		{"AW: WG: Frage", "Frage"}, {"[4] order", "order"}, {"[ticket #4] order", "[ticket #4] order"}, {"order (fwd)", "order"}, {"【返信】注文", "注文"},
		{"Regarding: x", "Regarding: x"}, {"I: hello", "hello"}, {"Re:", ""}, {"RE : order", "order"}, {"", ""}, {"回复：订单", "订单"},
	} {
		if got := mime.BaseSubject(c.in); got != c.want {
			t.Errorf("BaseSubject(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ header, want string }{
		{`Content-Type: application/pdf; name="../../etc/passwd"`, "passwd"},
		{`Content-Type: application/pdf; name="C:\Users\a\見積.pdf"`, "見積.pdf"},
		{"Content-Type: image/png", "attachment-1.png"},
		{"Content-Disposition: attachment; filename=\"\"\nContent-Type: text/csv", "attachment-1.csv"},
		{"Content-Disposition: attachment; filename=\"a\u202egpj.exe\"", "agpj.exe"},
		{"Content-Disposition: attachment; filename*=UTF-8''%E8%A6%8B%E7%A9%8D.pdf", "見積.pdf"},
		{"Content-Disposition: attachment; filename*0*=iso-2022-jp'ja'%1B%24B8%2B%1B%28B; filename*1=\".pdf\"", "見.pdf"},
		{"Content-Disposition: attachment; filename=\"=?iso-2022-jp?B?GyRCOCsbKEI=?=.pdf\"", "見.pdf"},
		{"Content-Disposition: attachment; filename=a b c.pdf", "a b c.pdf"},
		{"Content-Disposition: attachment; filename=..", "attachment-1.txt"},
		{"Content-Disposition: attachment; filename=" + strings.Repeat("長", 300) + ".pdf", strings.Repeat("長", 65) + ".pdf"},
		{"Content-Type: application/octet-stream; name=winmail.dat", "winmail.dat"},
	} {
		m := parse(t, "Content-Type: multipart/mixed; boundary=b\n\n--b\n"+c.header+"\n\nx\n--b--\n")
		if names(m) != c.want {
			t.Errorf("%q: %q, want %q", c.header, names(m), c.want)
		}
	}
}
