package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"strings"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// letter is a mail as a customer's program writes it.
type letter struct{ from, id, subject, answers, text string }

func (l letter) bytes() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: =?UTF-8?B?%s?= <%s>\r\nTo: <%s>\r\nSubject: =?UTF-8?B?%s?=\r\nMessage-ID: <%s>\r\nDate: %s\r\n",
		encoded("佐藤 花子"), l.from, ownAddress, encoded(l.subject), l.id, time.Now().Format(time.RFC1123Z))
	if l.answers != "" {
		fmt.Fprintf(&b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", l.answers, l.answers)
	}
	b.WriteString("MIME-Version: 1.0\r\nReceived: from mail.example (mail.example [192.0.2.7]) by mx.example; Sat, 21 Nov 2026 10:00:00 +0000\r\n")
	b.WriteString("Content-Type: multipart/alternative; boundary=part\r\n\r\n")
	for _, kind := range []string{"plain", "html"} {
		text := l.text
		if kind == "html" {
			text = "<html><body><p>" + strings.ReplaceAll(text, "\n", "</p><p>") + "</p></body></html>"
		}
		fmt.Fprintf(&b, "--part\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", kind)
		for line := encoded(text); line != ""; {
			n := min(76, len(line))
			b.WriteString(line[:n] + "\r\n")
			line = line[n:]
		}
	}
	b.WriteString("--part--\r\n")
	return []byte(b.String())
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// words is what customers of the bench write.
const words = "お世話になっております。先日注文した急須の注ぎ口が欠けておりました。\n写真を撮りましたのでご確認いただけますでしょうか。交換をお願いしたく存じます。\n" +
	"The parcel arrived on Tuesday and the box was open at one side. Could you tell me whether a refund is possible, and how long it takes?\n" +
	"お忙しいところ恐れ入りますが、どうぞよろしくお願いいたします。\n"

func fresh() string { return strings.ToLower(rand.Text()) }

// carry sends mails one after the other over one connection.
func (d *desk) carry(mails []letter) error {
	c, err := smtp.Dial(d.mail)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.Hello("mail.example"); err != nil {
		return err
	}
	for _, m := range mails {
		if err := errors.Join(c.Mail(m.from), c.Rcpt(ownAddress)); err != nil {
			return err
		}
		w, err := c.Data()
		if err != nil {
			return err
		}
		if _, err := w.Write(m.bytes()); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return c.Quit()
}

// longThread has a customer write n mails in one conversation, and returns it.
func (d *desk) longThread(ctx context.Context, n int) (string, error) {
	from, first := fresh()+"@long.example", fresh()+"@long.example"
	mails := []letter{{from: from, id: first, subject: "急須について", text: words}}
	for len(mails) < n {
		mails = append(mails, letter{from: from, id: fresh() + "@long.example", subject: "Re: 急須について", answers: first, text: words})
	}
	if err := d.carry(mails); err != nil {
		return "", err
	}
	return d.newest(ctx)
}

// newest returns the bench's conversation that was written to last.
func (d *desk) newest(ctx context.Context) (string, error) {
	var page struct{ Items []struct{ ID string } }
	err := d.call(ctx, "GET", "/conversations?limit=1&inboxId="+d.inboxID, nil, &page)
	if err == nil && len(page.Items) == 0 {
		err = errors.New("the mail did not arrive")
	}
	if err != nil {
		return "", err
	}
	return page.Items[0].ID, nil
}

// sink takes what the desk sends.
type sink struct {
	listener net.Listener
	server   *gosmtp.Server
}

func openSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return swallow{}, nil }))
	s.Domain = "sink.example"
	go func() { _ = s.Serve(l) }() // it ends with close
	return &sink{l, s}, nil
}

func (s *sink) address() string { return s.listener.Addr().String() }
func (s *sink) close()          { _ = s.server.Close() }

// swallow forgets every mail.
type swallow struct{}

// Mail implements smtp.Session.
func (swallow) Mail(string, *gosmtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (swallow) Rcpt(string, *gosmtp.RcptOptions) error { return nil }

// Data implements smtp.Session.
func (swallow) Data(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }

// Reset implements smtp.Session.
func (swallow) Reset() {}

// Logout implements smtp.Session.
func (swallow) Logout() error { return nil }

// reply is the body of a request that answers a customer.
func reply() []byte {
	b, err := json.Marshal(map[string]any{"kind": "reply", "text": "ご不便をおかけしております。すぐに交換品をお送りいたします。"})
	if err != nil {
		panic(err) // plain strings always encode
	}
	return b
}
