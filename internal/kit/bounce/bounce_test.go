package bounce_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/bounce"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

func detect(t testing.TB, raw string) (bounce.Report, bool) {
	t.Helper()
	m, err := mime.Parse([]byte(raw), mime.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return bounce.Detect(m, []byte(raw))
}

const dsn = `Return-Path: <>
From: MAILER-DAEMON@mx.example.jp (Mail Delivery System)
To: desk@example.jp
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

<gone@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1
    <gone@example.com>: no such user (in reply to RCPT TO command)

<full@example.com>: host mx.example.com[192.0.2.1] said: 452 4.2.2
    mailbox full (in reply to RCPT TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.jp

Final-Recipient: rfc822; gone@EXAMPLE.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <gone@example.com>: no such user

Final-Recipient: rfc822; full@example.com
Action: failed
Status: 4.2.2
Diagnostic-Code: smtp; 452 4.2.2 mailbox full

--b
Content-Type: message/rfc822

From: desk@example.jp
To: gone@example.com, full@example.com
Subject: =?utf-8?B?44GU5rOo5paH44Gu?=
 =?utf-8?B?5Lu2?=
Message-ID: <abc.123@example.jp>

body
--b--
`

func TestStandardReport(t *testing.T) {
	for name, raw := range map[string]string{"LF": dsn, "CRLF": strings.ReplaceAll(dsn, "\n", "\r\n"), "CR": strings.ReplaceAll(dsn, "\n", "\r")} {
		r, ok := detect(t, raw)
		if !ok || r.Kind != bounce.KindBounce || len(r.Recipients) != 2 {
			t.Fatalf("%s: %v %+v", name, ok, r)
		}
		gone, full := r.Recipients[0], r.Recipients[1]
		if gone.Addr != "gone@example.com" || !gone.Hard || gone.Status != "5.1.1" || gone.Code != "550" || gone.Reason != bounce.ReasonUserUnknown {
			t.Errorf("%s: %+v", name, gone)
		}
		if full.Addr != "full@example.com" || full.Hard || full.Status != "4.2.2" || full.Code != "452" || full.Reason != bounce.ReasonMailboxFull {
			t.Errorf("%s: %+v", name, full)
		}
		if r.OriginalMessageID != "abc.123@example.jp" || r.OriginalTo != "gone@example.com" || r.OriginalSubject != "ご注文の件" {
			t.Errorf("%s: original %q %q %q", name, r.OriginalMessageID, r.OriginalTo, r.OriginalSubject)
		}
	}
}

// TestProse reads reports of servers that follow no standard.
func TestProse(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		kind      bounce.Kind
		addr      string
		reason    bounce.Reason
		hard      bool
	}{
		{"qmail", "From: MAILER-DAEMON@mx.example.jp\nReturn-Path: <>\nSubject: failure notice\n\nHi. This is the qmail-send program.\nI'm afraid I wasn't able to deliver your message.\n\n<a@example.com>:\nRemote host said: 550 5.1.1 unknown mailbox\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <x@y>\nTo: a@example.com\n\nbody",
			bounce.KindBounce, "a@example.com", bounce.ReasonUserUnknown, true},
		{"exim", "From: Mail Delivery System <Mailer-Daemon@example.jp>\nX-Failed-Recipients: a@example.com\nSubject: Mail delivery failed\n\nA message that you sent could not be delivered.\n\n  a@example.com\n    Unrouteable domain\n    host or domain name not found\n",
			bounce.KindBounce, "a@example.com", bounce.ReasonHostUnknown, true},
		{"carrier filter", "From: Postmaster@carrier.example\nSubject: Mail System Error - Returned Mail\n\n<a@carrier.example>\n\nEach of the following recipients was rejected by a remote mail server.\n",
			bounce.KindBounce, "a@carrier.example", bounce.ReasonFiltered, false},
		{"unknown user after data", "From: MAILER-DAEMON@mx.example.jp\nSubject: Returned mail\n\n<a@carrier.example>: host mx.carrier.example said: 550 Unknown user a@carrier.example (in reply to end of DATA command)\n",
			bounce.KindBounce, "a@carrier.example", bounce.ReasonFiltered, false},
		{"ja", "From: postmaster@example.jp\nReturn-Path: <>\nSubject: メールエラー通知\nContent-Type: text/plain; charset=utf-8\n\n以下のメールアドレスへの送信に失敗しました。\na@example.com\n-------server message\n550 5.1.1 user unknown\n",
			bounce.KindBounce, "a@example.com", bounce.ReasonUserUnknown, true},
		{"delay", "From: Mail Delivery Subsystem <mailer-daemon@example.com>\nSubject: Delivery Status Notification (Delay)\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n  a@example.com\n\nMessage will be retried for 2 more day(s)\n",
			bounce.KindDelayed, "a@example.com", bounce.ReasonExpired, false},
	} {
		r, ok := detect(t, c.raw)
		if !ok || r.Kind != c.kind || len(r.Recipients) != 1 {
			t.Errorf("%s: %v %+v", c.name, ok, r)
			continue
		}
		if rec := r.Recipients[0]; rec.Addr != c.addr || rec.Reason != c.reason || rec.Hard != c.hard {
			t.Errorf("%s: %+v", c.name, rec)
		}
	}
}

func TestFeedback(t *testing.T) {
	r, ok := detect(t, "From: fbl@isp.example\nSubject: FW: hello\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nThis is an email abuse report.\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nOriginal-Rcpt-To: a@isp.example\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <m@example.jp>\nTo: a@isp.example\nSubject: hello\n\nbody\n--b--\n")
	if !ok || r.Kind != bounce.KindFeedback || r.FeedbackType != "abuse" || len(r.Recipients) != 1 || r.Recipients[0].Addr != "a@isp.example" || r.Recipients[0].Hard || r.OriginalMessageID != "m@example.jp" {
		t.Errorf("%v %+v", ok, r)
	}
}

// TestNoReport has what people and machines write about mail that is no
// report on ours.
func TestNoReport(t *testing.T) {
	for name, raw := range map[string]string{
		"question":        "From: a@example.com\nSubject: Undelivered mail?\n\nHello, I got a mail that said user unknown. What does 550 5.1.1 mean?",
		"forwarded":       "From: a@example.com\nSubject: Fwd: Undelivered Mail Returned to Sender\n\n> <x@example.com>: 550 5.1.1 user unknown\n\nWhat is this?",
		"vacation":        "Return-Path: <>\nFrom: a@example.com\nAuto-Submitted: auto-replied\nSubject: Automatic reply: your order\n\nI am out of office. Mail could not be delivered to my phone.",
		"vacation ja":     "Return-Path: <>\nFrom: a@example.jp\nSubject: 自動返信: 不在にしております\nContent-Type: text/plain; charset=utf-8\n\n休暇中です。",
		"postmaster":      "From: postmaster@example.com\nSubject: New mail system on Monday\n\nDear users, the mail system will be replaced on Monday.",
		"parcel":          "From: post@parcel.example\nSubject: Delivery failed: parcel 123\n\nWe could not deliver your parcel.",
		"parcel ja":       "From: info@parcel.example\nSubject: 配送できませんでした\nContent-Type: text/plain; charset=utf-8\n\nお荷物を配送できませんでした。",
		"read receipt":    "From: a@example.com\nSubject: Read: order\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nYour message was read.\n\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; a@example.com\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n",
		"attached report": "From: a@example.com\nSubject: please help\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\n\nSee the attached report.\n\n--outer\nContent-Type: message/rfc822\n\n" + dsn + "--outer--\n",
		"list":            "From: a@example.com\nList-Id: <x>\nSubject: Re: bounce handling\n\nOn Monday B wrote:\n> the transcript of session follows",
	} {
		if r, ok := detect(t, raw); ok {
			t.Errorf("%s was taken for a report: %+v", name, r)
		}
	}
}

// patience allows for a busy machine and the race detector; work that grows
// with the square of these sizes takes many minutes.
const patience = time.Minute

// TestDetectIsBounded reads reports made to cost time.
func TestDetectIsBounded(t *testing.T) {
	head := "From: MAILER-DAEMON@example.com\nReturn-Path: <>\nSubject: failure notice\n\n"
	for name, body := range map[string]string{
		"recipients": strings.Repeat("<a@b.example>:\n550 5.1.1 user unknown\n", 20_000),
		"different":  strings.Repeat("<aaaaaaaaaaaaaaaaaaaaaaaaaaa@b.example>:\n<c@d.example>:\n", 20_000),
		"fields":     strings.Repeat("Final-Recipient: rfc822; a@b.example\nAction: failed\n\n", 20_000),
		"headers":    strings.Repeat("Received: x\n", 200_000),
		"ats":        strings.Repeat("@", 500_000),
		"dots":       "a@" + strings.Repeat("b.", 300_000),
		"codes":      strings.Repeat("550 ", 300_000),
	} {
		start := time.Now()
		r, _ := detect(t, head+body)
		if took := time.Since(start); took > patience {
			t.Errorf("%s took %v", name, took)
		}
		if len(r.Recipients) > 200 {
			t.Errorf("%s: %d recipients", name, len(r.Recipients))
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte(dsn))
	f.Add([]byte("From: MAILER-DAEMON\nSubject: failure notice\n\n<a@b>:\n550 user unknown"))
	for _, raw := range corpus.Seeds(f, "bounce", ".eml", 120, 8<<10) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := mime.Parse(raw, mime.Limits{})
		if err != nil {
			return
		}
		r, ok := bounce.Detect(m, raw)
		if ok && r.Kind == "" {
			t.Errorf("a report of no kind: %+v", r)
		}
		for _, rec := range r.Recipients {
			if strings.ContainsAny(rec.Addr+rec.Diagnostic, "\r\n") || rec.Hard && r.Kind != bounce.KindBounce {
				t.Errorf("%+v", rec)
			}
		}
	})
}
