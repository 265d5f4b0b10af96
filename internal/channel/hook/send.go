package hook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	sendTimeout = 30 * time.Second
	laterPause  = time.Minute // when the other side asks to wait and does not say how long
	maxInline   = 5 << 20     // bytes of all files that go inside the document
	maxWords    = 300         // bytes of an answer that are told
	noLink      = "delivery.reason.noLink"
)

// The types of what is sent.
const (
	typeMessage = "message"
	typePing    = "ping"
)

// outgoing is what goes.
type outgoing struct {
	Type      string           `json:"type"`
	ID        string           `json:"id"`
	To        *channel.Address `json:"to,omitempty"`
	From      *channel.Address `json:"from,omitempty"`
	Subject   string           `json:"subject,omitempty"`
	Text      string           `json:"text,omitempty"`
	At        time.Time        `json:"at"`
	Automatic bool             `json:"automatic,omitempty"`
	Files     []file           `json:"files,omitempty"`
	Choices   []string         `json:"choices,omitempty"`
}

// Send implements channel.Channel.
func (e *endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	to := m.Recipients()
	switch {
	case e.url == "":
		return &channel.SettingsError{Err: errors.New("there is no address to send to")}
	case len(to) != 1:
		return &channel.RefusedError{Text: fmt.Sprintf("a message is for one person, not for %d", len(to))}
	}
	files, err := inside(ctx, m)
	if err != nil {
		return err
	}
	out := outgoing{Type: typeMessage, ID: nameOf(m.ID), To: &to[0], From: &m.From, Subject: m.Subject, Text: strings.TrimSpace(m.Text), At: m.At, Automatic: m.Automatic, Files: files, Choices: m.Choices}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	theirs, err := e.post(ctx, out.ID, body)
	if err != nil {
		return err
	}
	m.Accepted = []string{out.ID}
	if theirs != "" && theirs != out.ID {
		m.Accepted = append(m.Accepted, theirs)
	}
	return nil
}

// nameOf makes a message's id one that can stand before a full stop.
func nameOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// inside describes the files of a message: by their addresses, or with their
// bytes where the desk has no address and they are small.
func inside(ctx context.Context, m *channel.Outgoing) (files []file, err error) {
	room := int64(maxInline)
	for i, p := range m.Parts {
		f := file{Name: p.Name, ContentType: p.ContentType, Size: p.Size}
		if m.Link != nil {
			f.URL = m.Link(i)
		}
		if f.URL == "" {
			if f.Data, err = read(ctx, p, room); err != nil {
				return nil, err
			}
			room -= int64(len(f.Data))
		}
		files = append(files, f)
	}
	return files, nil
}

func read(ctx context.Context, p channel.OutgoingPart, room int64) ([]byte, error) {
	r, err := p.Open(ctx)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, room+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if int64(len(b)) > room {
		return nil, &channel.RefusedError{Text: noLink}
	}
	return b, nil
}

// post makes one signed call and returns the id that the other side gave, if any.
func (e *endpoint) post(ctx context.Context, id string, body []byte) (theirs string, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	h := http.Header{}
	e.out.sign(h, id, e.host.Clock.Now(), body)
	a, err := fetch.Ask(ctx, e.host.Client, fetch.JSON(http.MethodPost, e.url, h, body))
	switch {
	case fetch.Unsent(err):
		return "", err
	case err != nil:
		return "", &channel.AmbiguousError{Err: err}
	case a.OK():
		var got struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(a.Body, &got) != nil { // any success will do
			return "", nil
		}
		return got.ID, nil
	}
	return "", e.judge(a)
}

// judge says what an answer that is no success means.
func (e *endpoint) judge(a fetch.Answer) error {
	words := fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	if told := bytes.TrimSpace(a.Body); len(told) > 0 {
		words += ": " + string(bytes.ToValidUTF8(told[:min(len(told), maxWords)], []byte("…")))
	}
	switch {
	case a.Status == http.StatusGone:
		return &channel.BlockedError{Text: words}
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusRequestTimeout, a.Status == http.StatusTooEarly, a.Status >= 500:
		return &channel.LaterError{After: fetch.RetryAfter(a.Header, e.host.Clock.Now(), laterPause), Text: words}
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden, a.Status == http.StatusNotFound,
		a.Status == http.StatusMethodNotAllowed, a.Status < 400: // the address or the secret is wrong, not the message
		return &channel.SettingsError{Err: errors.New(words)}
	}
	return &channel.RefusedError{Code: a.Status, Text: words}
}

// Check implements channel.Checker: it calls the other side with a signed ping.
func (e *endpoint) Check(ctx context.Context) []channel.Step {
	steps := []channel.Step{{Part: "receive", Name: "secret", OK: true, Text: e.host.Hook}}
	if e.url == "" {
		return steps
	}
	now := e.host.Clock.Now()
	ping := outgoing{Type: typePing, ID: nameOf("ping " + now.String()), At: now}
	body, err := json.Marshal(ping)
	if err == nil {
		_, err = e.post(ctx, ping.ID, body)
	}
	step := channel.Step{Part: "send", Name: "ping", OK: err == nil, Text: e.url}
	var settings *channel.SettingsError
	if errors.As(err, &settings) {
		step.Text = settings.Err.Error()
	} else if err != nil {
		step.Text = err.Error()
	}
	return append(steps, step)
}
