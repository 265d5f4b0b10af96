// Command peer is the mail provider of the browser tests: a real IMAP and SMTP
// server with accounts that are made on demand, and an HTTP door through which a
// test plays the customer.
//
//	POST /account {"address", "password"}
//	POST /deliver {"from", "name", "to", "subject", "text", "html", "inReplyTo"}   a customer writes
//	GET  /sent?to=ADDRESS                                                        what the desk sent
//
// It prints one line of JSON with its addresses and runs until it is stopped.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func run() error {
	office, err := emailtest.New(emailtest.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = office.Close() }() // the process ends
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p := &peer{office}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /account", p.account)
	mux.HandleFunc("POST /deliver", p.deliver)
	mux.HandleFunc("GET /sent", p.sent)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"http": "http://" + l.Addr().String(), "imap": office.IMAP(), "smtp": office.SMTP()}); err != nil {
		return err
	}
	if err := srv.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

type peer struct{ office *emailtest.Office }

func (p *peer) account(w http.ResponseWriter, r *http.Request) {
	var in struct{ Address, Password string }
	if !read(w, r, &in) {
		return
	}
	p.office.Add(in.Address, in.Password)
	w.WriteHeader(http.StatusNoContent)
}

func (p *peer) deliver(w http.ResponseWriter, r *http.Request) {
	var in struct{ From, Name, To, Subject, Text, HTML, InReplyTo string }
	if !read(w, r, &in) {
		return
	}
	id := fmt.Sprintf("%d.%s", time.Now().UnixNano(), in.From)
	from := in.From
	if in.Name != "" {
		from = fmt.Sprintf("%q <%s>", in.Name, in.From)
	}
	m := emailtest.Mail{From: from, To: in.To, Subject: in.Subject, Text: in.Text, ID: id, InReplyTo: in.InReplyTo, Date: time.Now().Format(time.RFC1123Z)}
	raw := m.Bytes()
	if in.HTML != "" {
		head, _, _ := bytes.Cut(raw, []byte("MIME-Version:"))
		raw = append(head, "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString([]byte(in.HTML))+"\r\n"...)
	}
	if err := p.office.Deliver(in.To, raw); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, map[string]string{"id": id})
}

func (p *peer) sent(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	type mail struct {
		ID      string `json:"id"`
		Subject string `json:"subject"`
		Text    string `json:"text"`
	}
	list := []mail{}
	for _, s := range p.office.Sent() {
		if to != "" && !slices.ContainsFunc(s.To, func(a string) bool { return strings.EqualFold(a, to) }) {
			continue
		}
		m, err := email.Parse(s.Raw)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		list = append(list, mail{ID: m.ExternalID, Subject: m.Subject, Text: m.Text})
	}
	answer(w, list)
}

func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
	}
}
