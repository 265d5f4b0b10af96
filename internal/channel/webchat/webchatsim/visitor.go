package webchatsim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// Config is the chat that a visitor comes to.
type Config struct {
	Desk   string       // address, "http://127.0.0.1:8080"
	Inbox  string       // id
	Origin string       // of the page; "": what is no browser
	Lang   string       // "ja", "en"
	Client *http.Client // nil: the usual one, or one that connects by Dial
	// Dial opens the connections, such as from an address of the visitor's own; nil:
	// the usual way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Visitor is one visitor's page. It is not safe for concurrent use.
type Visitor struct {
	cfg   Config
	Token string
	n     int
}

// New returns a visitor who has not begun.
func New(cfg Config) *Visitor {
	switch {
	case cfg.Client == nil && cfg.Dial != nil: // thousands of visitors keep no idle connections
		cfg.Client = &http.Client{Transport: &http.Transport{DialContext: cfg.Dial, DisableKeepAlives: true}}
	case cfg.Client == nil:
		cfg.Client = http.DefaultClient
	}
	return &Visitor{cfg: cfg}
}

// Line is one message on the visitor's screen.
type Line struct {
	ID     string    `json:"id"`
	Client string    `json:"client"`
	Ours   bool      `json:"ours"` // the desk's
	Author string    `json:"author"`
	Text   string    `json:"text"`
	Seen   bool      `json:"seen"`
	At     time.Time `json:"at"`
	Files  []File    `json:"files"`
}

// File is a file of a message.
type File struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Survey is what the visitor is asked.
type Survey struct {
	ID       string `json:"id"`
	Question string `json:"question"`
	Score    int    `json:"score"`
}

// Screen is what the visitor sees.
type Screen struct {
	Seq     int64   `json:"seq"`
	Lines   []Line  `json:"messages"`
	Unread  int     `json:"unread"`
	Talking bool    `json:"talking"`
	Survey  *Survey `json:"survey"`
}

// RefusedError is an answer that is none of success.
type RefusedError struct {
	Status int
	Code   string
}

// Error implements error.
func (e *RefusedError) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Code) }

// call asks the desk and reads a good answer.
func (v *Visitor) call(ctx context.Context, method, path string, body, into any) error {
	q := fetch.Request{Method: method, URL: v.cfg.Desk + "/chat/" + v.cfg.Inbox + "/" + path, Header: v.header()}
	switch b := body.(type) {
	case nil:
	case []byte:
		q.Body, q.Type = bytes.NewReader(b), "application/octet-stream"
	default:
		doc, err := json.Marshal(b)
		if err != nil {
			return err
		}
		q.Body, q.Type = bytes.NewReader(doc), "application/json"
	}
	a, err := fetch.Ask(ctx, v.cfg.Client, q)
	if err != nil {
		return err
	}
	if !a.OK() {
		var p struct{ Code string }
		_ = json.Unmarshal(a.Body, &p) // an answer in other words has no code
		return &RefusedError{a.Status, p.Code}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(a.Body, into)
}

func (v *Visitor) header() http.Header {
	h := http.Header{}
	if v.cfg.Origin != "" {
		h.Set("Origin", v.cfg.Origin)
	}
	if v.Token != "" {
		h.Set("Authorization", "Bearer "+v.Token)
	}
	if v.cfg.Lang != "" {
		h.Set("Accept-Language", v.cfg.Lang)
	}
	return h
}

// Begin begins a session, or goes on with the one there is.
func (v *Visitor) Begin(ctx context.Context, name string) error {
	var s struct{ Token string }
	if err := v.call(ctx, http.MethodPost, "session", map[string]string{"name": name}, &s); err != nil {
		return err
	}
	if s.Token != "" {
		v.Token = s.Token
	}
	return nil
}

// Say says something under an id of its own, with files that Upload returned.
func (v *Visitor) Say(ctx context.Context, text string, files ...string) error {
	v.n++
	return v.call(ctx, http.MethodPost, "messages", map[string]any{"id": fmt.Sprintf("client-%06d", v.n), "text": text, "files": files}, nil)
}

// Upload brings a file and returns its id.
func (v *Visitor) Upload(ctx context.Context, name string, content []byte) (string, error) {
	var f struct{ ID string }
	err := v.call(ctx, http.MethodPost, "files?name="+url.QueryEscape(name), content, &f)
	return f.ID, err
}

// Leave leaves a mail address.
func (v *Visitor) Leave(ctx context.Context, email string) error {
	return v.call(ctx, http.MethodPost, "visitor", map[string]string{"email": email}, nil)
}

// Screen returns what the visitor sees: the latest messages.
func (v *Visitor) Screen(ctx context.Context) (s Screen, err error) {
	err = v.call(ctx, http.MethodGet, "messages", nil, &s)
	return s, err
}

// Read reads all there is, and says so.
func (v *Visitor) Read(ctx context.Context) error {
	s, err := v.Screen(ctx)
	if err != nil || len(s.Lines) == 0 {
		return err
	}
	return v.call(ctx, http.MethodPost, "read", map[string]string{"upTo": s.Lines[len(s.Lines)-1].ID}, nil)
}

// Rate answers what the visitor is asked.
func (v *Visitor) Rate(ctx context.Context, score int, comment string) error {
	s, err := v.Screen(ctx)
	if err != nil {
		return err
	}
	if s.Survey == nil {
		return errors.New("nobody asks how it went")
	}
	return v.call(ctx, http.MethodPost, "survey", map[string]any{"id": s.Survey.ID, "score": score, "comment": comment}, nil)
}

// End ends the session.
func (v *Visitor) End(ctx context.Context) error {
	err := v.call(ctx, http.MethodDelete, "session", nil, nil)
	v.Token = ""
	return err
}

// live is the address of the WebSocket.
func (v *Visitor) live() string {
	return "ws" + strings.TrimPrefix(v.cfg.Desk, "http") + "/chat/" + v.cfg.Inbox + "/live"
}
