package hostile

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
)

// bound puts parts between boundary lines.
func bound(boundary string, parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--" + boundary + "\n" + p + "\n")
	}
	return b.String() + "--" + boundary + "--\n"
}

const (
	head = "From: Ana <ana@customer.example>\nTo: support@shop.example\nSubject: odd\nDate: Wed, 15 Apr 2026 01:00:00 +0000\nMIME-Version: 1.0\n"
	text = "Content-Type: text/plain; charset=utf-8\n\nHello from Ana\n"
)

// TestMailThatBreaksHelpDesks brings in what has broken others. Each mail must
// end in a visible state; those of a person are readable in a conversation.
func TestMailThatBreaksHelpDesks(t *testing.T) {
	long := strings.Repeat("長い名前", 20_000)
	cases := []struct {
		name, raw string
		state     string // of the ledger
		says      string // what the thread shows
		not       string // what it must not show as the customer's words
	}{
		{"no boundary", head + "Content-Type: multipart/mixed\n\n" + bound("b", text), "linked", "Hello from Ana", ""},
		{"wrong boundary", head + "Content-Type: multipart/mixed; boundary=a\n\n" + bound("b", text), "linked", "Hello from Ana", ""},
		{"boundary never closed", head + "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + text, "linked", "Hello from Ana", ""},
		{"boundary of spaces", head + "Content-Type: multipart/mixed; boundary=\" \"\n\nHello from Ana\n", "linked", "Hello from Ana", ""},
		{"nested message", head + "Content-Type: multipart/mixed; boundary=b\n\n" + bound("b", text, "Content-Type: message/rfc822\n\nFrom: boss@other.example\nSubject: inner\n\nINNER WORDS\n"), "linked", "Hello from Ana", "INNER WORDS"},
		{"attached page", head + "Content-Type: multipart/mixed; boundary=b\n\n" + bound("b", text, "Content-Type: text/html; name=x.html\nContent-Disposition: attachment; filename=x.html\n\n<p>FILE WORDS</p><script>top.pwned=1</script>\n"), "linked", "Hello from Ana", "FILE WORDS"},
		{"attached text", head + "Content-Type: multipart/mixed; boundary=b\n\n" + bound("b", text, "Content-Type: text/plain; name=x.txt\nContent-Disposition: attachment; filename=x.txt\n\nFILE WORDS\n"), "linked", "Hello from Ana", "FILE WORDS"},
		{"no Message-ID", head + text, "linked", "Hello from Ana", ""},
		{"no From", "To: support@shop.example\nSubject: odd\n" + text, "quarantined", "", ""},
		{"From of nobody", strings.Replace(head, "Ana <ana@customer.example>", "undisclosed", 1) + text, "quarantined", "", ""},
		{"From of many", strings.Replace(head, "Ana <ana@customer.example>", strings.Repeat("a@b.example, ", 3000)+"ana@customer.example", 1) + text, "linked", "Hello from Ana", ""},
		{"long name", strings.Replace(head, "Ana <", "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(long))+"?= <", 1) + text, "linked", "Hello from Ana", ""},
		{"long address", strings.Replace(head, "ana@customer.example", strings.Repeat("a", 250)+"@"+strings.Repeat("b", 60)+".example", 1) + text, "linked", "Hello from Ana", ""},
		{"address beyond all", strings.Replace(head, "ana@customer.example", strings.Repeat("a", 5000)+"@customer.example", 1) + text, "quarantined", "", ""},
		{"long subject", strings.Replace(head, "odd", long, 1) + text, "linked", "Hello from Ana", ""},
		{"long Message-ID", head + "Message-ID: <" + strings.Repeat("m", 5000) + "@x.example>\n" + text, "linked", "Hello from Ana", ""},
		{"many references", head + "References: " + strings.Repeat("<a@b.example> ", 20_000) + "\n" + text, "linked", "Hello from Ana", ""},
		{"null bytes", strings.Replace(head, "odd", "o\x00dd", 1) + "Message-ID: <n\x00ul@x.example>\nIn-Reply-To: <n\x00@x>\n" + "Content-Type: text/plain\n\nHello\x00 from Ana\n", "linked", "Hello from Ana", "\x00"},
		{"broken bytes", strings.Replace(head, "Ana <", "\xff\xfe <", 1) + "Content-Type: text/plain; charset=utf-8\n\nHello from Ana \xff\xfe\n", "linked", "Hello from Ana", ""},
		{"control characters", strings.Replace(head, "Ana <", "=?utf-8?Q?A=1B[31m=0D=0ABcc:_x@y.example=07?= <", 1) + text, "linked", "Hello from Ana", ""},
		{"out of office", head + "Auto-Submitted: auto-replied\nMessage-ID: <ooo@x.example>\n" + text, "auto-reply", "", ""},
		{"bulk", head + "Precedence: bulk\nMessage-ID: <bulk@x.example>\n" + text, "linked", "Hello from Ana", ""},
		{"list", head + "List-Id: <l.x.example>\nList-Unsubscribe: <mailto:u@x.example>\nMessage-ID: <list@x.example>\n" + text, "linked", "Hello from Ana", ""},
		{"bounce of nothing", "From: MAILER-DAEMON@x.example\nTo: support@shop.example\nSubject: failure notice\nMessage-ID: <b@x.example>\nAuto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
			bound("b", "Content-Type: text/plain\n\nfailed\n", "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; who@x.example\nAction: failed\nStatus: 5.1.1\n"), "bounce", "", ""},
		{"from ourselves", strings.Replace(head, "Ana <ana@customer.example>", support, 1) + "Message-ID: <self@x.example>\n" + text, "quarantined", "", ""},
		{"no header", "Hello from Ana\n", "quarantined", "", ""},
		{"header only", head, "linked", "", ""},
		{"date of the year 9999", strings.Replace(head, "2026", "9999", 1) + text, "linked", "Hello from Ana", ""},
		{"unknown charset", head + "Content-Type: text/plain; charset=x-klingon\n\nHello from Ana\n", "linked", "Hello from Ana", ""},
		{"name with a path", head + "Content-Type: multipart/mixed; boundary=b\n\n" + bound("b", text, "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"../../../../etc/passwd\"\n\nx\n", "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"C:\\\\x\\\\con.exe\\\"; evil=\\\"\"\n\nx\n", "Content-Type: text/html\nContent-Disposition: attachment; filename*=utf-8''a%0d%0aSet-Cookie:%20x=y%00.html\n\nx\n"), "linked", "Hello from Ana", ""},
	}
	onBoth(t, func(d *desk) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				raw := c.raw
				if !strings.Contains(raw, "Message-ID") && strings.HasPrefix(raw, "From") && c.name != "no Message-ID" {
					raw = fmt.Sprintf("Message-ID: <case%d@x.example>\n", i) + raw
				}
				before := len(d.root.list("/ledger"))
				d.mail(raw)
				d.rest()
				e := d.ledger()
				if n := len(d.root.list("/ledger")); n != before+1 {
					t.Fatalf("%d new entries in the ledger", n-before)
				}
				if e["state"] != c.state {
					t.Fatalf("state %v (%v), want %s", e["state"], e["reason"], c.state)
				}
				if s := fmt.Sprint(e["from"], e["subject"]); !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\n\x1b") {
					t.Errorf("the ledger shows %q", s)
				}
				if c.state != "linked" {
					return
				}
				var said, files []string
				for _, m := range d.thread(e["conversationId"]) {
					if m["kind"] == "incoming" && m["id"] == e["messageId"] {
						said = append(said, fmt.Sprint(m["text"], m["quoted"]))
						list, _ := m["attachments"].([]any)
						for _, a := range list {
							files = append(files, fmt.Sprint(a.(object)["name"]))
							d.download(t, a.(object))
						}
					}
				}
				all := strings.Join(said, "\n")
				if !strings.Contains(all, c.says) || c.not != "" && strings.Contains(all, c.not) {
					t.Errorf("shows %.300q, want %q and not %q", all, c.says, c.not)
				}
				for _, f := range files {
					if strings.ContainsAny(f, "/\\\r\n\x00") {
						t.Errorf("a file is called %q", f)
					}
				}
			})
		}
		if dead := d.root.list("/jobs?state=dead"); len(dead) > 0 {
			t.Errorf("dead duties: %v", dead)
		}
		if strings.Contains(d.log.String(), "panic") {
			t.Error("something panicked")
		}
	})
}

// download looks at how a file is given out: as a file, whatever it says it is.
func (d *desk) download(t *testing.T, a object) {
	t.Helper()
	for _, query := range []string{"", "?inline=true", "?inline=1"} {
		r := d.root.call("GET", fmt.Sprintf("/attachments/%v%s", a["id"], query), nil)
		kind, disposition := r.header.Get("Content-Type"), r.header.Get("Content-Disposition")
		if r.status != 200 || r.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(r.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%v: %d %v", a["name"], r.status, r.header)
		}
		if !strings.HasPrefix(disposition, "attachment") && !slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}, kind) ||
			strings.Contains(kind, "html") || strings.Contains(kind, "svg") || strings.Contains(kind, "xml") || strings.Contains(kind, "script") {
			t.Errorf("%v as %s, %s", a["name"], kind, disposition)
		}
		if strings.ContainsAny(disposition, "/\\\r\n\x00") || len(r.header["Set-Cookie"]) > 0 {
			t.Errorf("%v: %q", a["name"], disposition)
		}
	}
}

// TestManyAttachments: five thousand files in one mail cost one mail.
func TestManyAttachments(t *testing.T) {
	onBoth(t, func(d *desk) {
		parts := []string{text}
		for i := range 5000 {
			parts = append(parts, fmt.Sprintf("Content-Type: application/pdf\nContent-Disposition: attachment; filename=f%d.pdf\n\nfile %d\n", i, i))
		}
		start := time.Now()
		d.mail(head + "Message-ID: <many@x.example>\nContent-Type: multipart/mixed; boundary=b\n\n" + bound("b", parts...))
		d.rest()
		e := d.ledger()
		if e["state"] != "linked" {
			t.Fatalf("%v %v", e["state"], e["reason"])
		}
		m := d.thread(e["conversationId"])[0]
		files, _ := m["attachments"].([]any)
		if len(files) == 0 || len(files) > 1000 || !strings.Contains(fmt.Sprint(m["text"]), "Hello from Ana") {
			t.Errorf("%d files", len(files))
		}
		t.Logf("%d of 5,000 files shown after %s; the raw mail has all", len(files), time.Since(start).Round(time.Millisecond))
		r := d.root.call("GET", fmt.Sprintf("/messages/%v/raw", m["id"]), nil)
		if !strings.Contains(r.body, "f4999.pdf") {
			t.Error("the raw mail lacks the last file")
		}
	})
}

// TestNothingIsUnpacked: an archive or a picture of a few bytes may stand for
// gigabytes. Files are kept as they came.
func TestNothingIsUnpacked(t *testing.T) {
	onBoth(t, func(d *desk) {
		zeros := gzipped(64 << 20)                                                                                                      // 64 kB that mean 64 MB
		png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x06\x00\x00\x00\xb1\x1c\x97\xb9" + zeros[:1000] // 100,000 × 100,000 pixels
		attach := func(name, kind, data string) string {
			return "Content-Type: " + kind + "\nContent-Disposition: attachment; filename=" + name + "\nContent-Transfer-Encoding: base64\n\n" + wrapped(data) + "\n"
		}
		d.mail(head + "Message-ID: <bomb@x.example>\nContent-Type: multipart/mixed; boundary=b\n\n" + bound("b", text, attach("a.gz", "application/gzip", zeros), attach("a.zip", "application/zip", zeros), attach("a.png", "image/png", png), attach("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", zeros)))
		d.rest()
		m := d.thread(d.ledger()["conversationId"])[0]
		files, _ := m["attachments"].([]any)
		if len(files) != 4 {
			t.Fatalf("files: %v", files)
		}
		for i, want := range []string{zeros, zeros, png, zeros} {
			if r := d.root.call("GET", fmt.Sprintf("/attachments/%v", files[i].(object)["id"]), nil); r.body != want {
				t.Errorf("file %d came back as %d bytes, want %d", i, len(r.body), len(want))
			}
		}
		if size := d.blobBytes(); size > 1<<20 {
			t.Errorf("%d bytes are kept of a mail of %d", size, 4*len(zeros))
		}
	})
}

// TestSameMailToTwoInboxes arrives in both; the second time in one it is a duplicate.
func TestSameMailToTwoInboxes(t *testing.T) {
	onBoth(t, func(d *desk) {
		raw := d.letter("ana@customer.example", "both")
		d.mail(raw, support, sales)
		d.mail(raw, sales)
		d.mail("Received: by another way\n"+raw, sales)
		d.rest()
		states := map[string]int{}
		for _, e := range d.root.list("/ledger") {
			states[fmt.Sprint(e["inboxId"] == d.boxes[sales], " ", e["state"])]++
		}
		if states["false linked"] != 1 || states["true linked"] != 1 || states["true duplicate"] != 1 {
			t.Errorf("%v", states)
		}
	})
}

// TestStrangerQuotesOurMail: a stranger who knows the Message-IDs of somebody's
// conversation gets a conversation of their own, and the answers go to each alone.
func TestStrangerQuotesOurMail(t *testing.T) {
	onBoth(t, func(d *desk) {
		ana := d.conversation("ana@customer.example")
		d.root.ok("POST", "/conversations/"+ana+"/messages", object{"kind": "reply", "text": "Dear Ana, your secret is 4711."})
		d.wait(time.Minute)
		sent := d.office.Sent()
		if len(sent) != 1 {
			t.Fatalf("%d mails left", len(sent))
		}
		m, err := email.Parse(sent[0].Raw)
		d.must(err)
		first := "<h1@customer.example>"
		d.mail(d.letter("mallory@evil.example", "Re: A question of ana@customer.example", "In-Reply-To: <"+m.ExternalID+">", "References: "+first+" <"+m.ExternalID+">"))
		d.rest()
		theirs := fmt.Sprint(d.ledger()["conversationId"])
		if theirs == ana {
			t.Fatal("the stranger is in Ana's conversation")
		}
		for _, x := range d.thread(theirs) {
			if strings.Contains(fmt.Sprint(x), "4711") {
				t.Errorf("the stranger's conversation shows Ana's: %v", x)
			}
		}
		d.root.ok("POST", "/conversations/"+theirs+"/messages", object{"kind": "reply", "text": "Dear stranger", "replyAll": true})
		d.root.ok("POST", "/conversations/"+ana+"/messages", object{"kind": "reply", "text": "Dear Ana again", "replyAll": true})
		d.wait(time.Minute)
		for _, s := range d.office.Sent()[1:] {
			body := string(s.Raw)
			switch {
			case strings.Contains(body, "Dear stranger") && !slices.Equal(s.To, []string{"mallory@evil.example"}), strings.Contains(body, "Dear Ana") && !slices.Equal(s.To, []string{"ana@customer.example"}):
				t.Errorf("went to %v:\n%s", s.To, body)
			case strings.Contains(body, "Dear stranger") && strings.Contains(body, "4711"):
				t.Errorf("tells the stranger Ana's secret:\n%s", body)
			}
		}
	})
}

// TestHeadersCannotBeAdded: names, subjects, addresses and references from
// outside, and those an agent types, stay in their field when we write.
func TestHeadersCannotBeAdded(t *testing.T) {
	onBoth(t, func(d *desk) {
		evil := "x\r\nBcc: victim@other.example\r\nX-Evil: 1\r\n\r\nbody"
		coded := "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(evil)) + "?="
		d.mail(fmt.Sprintf("From: %s <ana@customer.example>\nReply-To: \"a\\\", victim@other.example, \\\"\" <ana@customer.example>\nTo: support@shop.example\nSubject: %s\nMessage-ID: <a@b>\nReferences: <x@y> <z\x00@y> =?utf-8?Q?=3Cq=0D=0ABcc:_victim=40other.example=3E?=\nMIME-Version: 1.0\nContent-Type: text/plain\n\nhi\n", coded, coded))
		d.rest()
		conv := fmt.Sprint(d.ledger()["conversationId"])
		d.root.ok("POST", "/conversations/"+conv+"/messages", object{"kind": "reply", "text": "one"})
		for _, to := range []object{{"address": "ana@customer.example", "name": evil}, {"address": "ana@customer.example\r\nBcc: victim@other.example"}, {"address": "ana@customer.example, victim@other.example"},
			{"address": "<ana@customer.example> victim@other.example"}, {"address": "\"\r\nBcc: victim@other.example\"@x.example"}} {
			r := d.root.call("POST", "/conversations/"+conv+"/messages", object{"kind": "reply", "text": "two", "to": []object{to}})
			if r.status >= 500 {
				t.Errorf("%v: %d %s", to, r.status, r.body)
			}
		}
		d.root.call("PATCH", "/conversations/"+conv, object{"subject": evil})
		d.root.ok("POST", "/conversations/"+conv+"/messages", object{"kind": "reply", "text": "three"})
		d.wait(time.Minute)
		if len(d.office.Sent()) < 2 {
			t.Fatalf("%d mails left", len(d.office.Sent()))
		}
		for _, s := range d.office.Sent() {
			header, _, _ := strings.Cut(strings.ReplaceAll(string(s.Raw), "\r\n", "\n"), "\n\n")
			for _, line := range strings.Split(header, "\n") {
				if low := strings.ToLower(line); strings.HasPrefix(low, "bcc") || strings.HasPrefix(low, "x-evil") {
					t.Errorf("a field was added: %q in\n%s", line, header)
				}
			}
			for _, to := range s.To {
				if to != "ana@customer.example" {
					t.Errorf("went to %q", to)
				}
			}
		}
	})
}

// blobBytes is how much the blob folder holds.
func (d *desk) blobBytes() (n int64) {
	_, n = d.debris()
	return n
}
