package hook

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phone"
)

// Limits of a document.
const (
	maxFiles    = 20
	maxReceipts = 1000
	maxAddress  = 320 // bytes, as the longest mail address
)

const refURL = "url:" // Part.Ref

// document is what comes.
type document struct {
	ID        string          `json:"id"`
	From      channel.Address `json:"from"`
	Text      string          `json:"text"`
	At        moment          `json:"at"`
	Subject   string          `json:"subject"`
	Language  string          `json:"language"`
	InReplyTo string          `json:"inReplyTo"`
	Edits     string          `json:"edits"`
	Deletes   string          `json:"deletes"`
	Contact   channel.Contact `json:"contact"`
	Thing     *struct {
		Name string            `json:"name"`
		Data map[string]string `json:"data"`
	} `json:"thing"`
	Call     *call     `json:"call"`
	Files    []file    `json:"files"`
	Receipts []receipt `json:"receipts"`
	Failed   *struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	} `json:"failed"`
}

type file struct {
	Name        string `json:"name"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size,omitempty"`
	URL         string `json:"url,omitempty"`
	Data        []byte `json:"data,omitempty"` // base64
}

type receipt struct {
	ID    string `json:"id"`
	State string `json:"state"`
	At    moment `json:"at"`
}

// moment is a time as RFC 3339 writes it.
type moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" || s == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return fmt.Errorf("%q is no time such as 2026-11-02T09:00:00+09:00", s)
	}
	m.Time = at.UTC()
	return nil
}

// Parse is Kind.Parse. Its errors are for whoever wrote the other side.
func Parse(raw []byte) (*channel.Message, error) {
	if b := bytes.TrimSpace(raw); len(b) == 0 || b[0] != '{' {
		return nil, errors.New("the body is not a JSON object")
	}
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, err
	}
	if err := d.problem(); err != nil {
		return nil, err
	}
	m := &channel.Message{
		ExternalID: d.ID, From: d.From, At: d.At.Time, Subject: d.Subject, Language: d.Language, Text: d.Text, Visible: d.Text,
		Contact: d.Contact, Edits: d.Edits, Deletes: d.Deletes,
	}
	d.sender(m)
	if d.InReplyTo != "" {
		m.InReplyTo = []string{d.InReplyTo}
	}
	if d.Edits != "" && d.ID == d.Edits {
		m.ExternalID = "" // it is the same message, and no second one
	}
	if d.Thing != nil {
		m.Thing = &channel.Thing{Name: d.Thing.Name, Data: d.Thing.Data}
		if !slices.Contains(things(), d.Thing.Name) {
			m.Thing = &channel.Thing{Name: "unknown", Data: map[string]string{"kind": d.Thing.Name}}
		}
	}
	if d.Call != nil {
		d.Call.tell(m)
	}
	for _, f := range d.Files {
		p := channel.Part{Name: cmp.Or(f.Name, "file"), ContentType: cmp.Or(f.ContentType, "application/octet-stream"), Data: f.Data, Size: max(f.Size, 0)}
		if f.URL != "" {
			p.Ref = refURL + f.URL
		}
		m.Parts = append(m.Parts, p)
	}
	for _, r := range d.Receipts {
		m.Receipts = append(m.Receipts, channel.Receipt{ExternalID: r.ID, State: r.State, At: r.At.Time})
	}
	if d.Failed != nil {
		m.Bounce = &channel.Bounce{Kind: "failed", OriginalID: d.Failed.ID, Reason: "failed", Text: d.Failed.Text}
	}
	return m, nil
}

// sender writes who it is from into m. A number with its country is a telephone's in
// whatever they do, so that a text, a call and "no more messages" are one customer's;
// anything else, such as an account or an extension, is an address in the other
// side's own words.
func (d *document) sender(m *channel.Message) {
	m.From.Address = strings.TrimSpace(m.From.Address)
	if number, ok := phone.E164(m.From.Address, ""); ok {
		m.From.Address, m.Point = number, channel.PointPhone
	}
}

// things are those that agents are shown as what they are.
func things() []string {
	return []string{"sticker", "location", "choice", "contact", "call", "order", "comment", "reaction"}
}

// problem says what is wrong with a document.
func (d *document) problem() error {
	switch {
	case d.Failed != nil:
		if d.Failed.ID == "" {
			return errors.New("failed.id is missing")
		}
		return nil
	case len(d.From.Address) > maxAddress:
		return fmt.Errorf("from.address is longer than %d bytes", maxAddress)
	case len(d.Files) > maxFiles:
		return fmt.Errorf("there are more than %d files", maxFiles)
	case len(d.Receipts) > maxReceipts:
		return fmt.Errorf("there are more than %d receipts", maxReceipts)
	case d.Contact != channel.ContactSame && d.Contact != channel.ContactAllowed && d.Contact != channel.ContactEnded:
		return errors.New(`contact is neither "allowed" nor "ended"`)
	case d.Thing != nil && d.Thing.Name == "":
		return errors.New("thing.name is missing")
	}
	if d.Call != nil {
		if err := d.Call.problem(); err != nil {
			return err
		}
	}
	for i, r := range d.Receipts {
		if r.ID == "" || r.State != "delivered" && r.State != "read" {
			return fmt.Errorf(`receipts[%d] has no id, or its state is neither "delivered" nor "read"`, i)
		}
	}
	for i, f := range d.Files {
		if (f.URL == "") == (f.Data == nil) {
			return fmt.Errorf("files[%d] has not one of url and data", i)
		}
		if f.URL != "" && !reachable(f.URL) {
			return fmt.Errorf("files[%d].url is not an https address", i)
		}
	}
	return d.silent()
}

// silent refuses a document that says nothing, or that nobody says.
func (d *document) silent() error {
	said := d.Text != "" || len(d.Files) > 0 || d.Thing != nil
	tells := d.Contact != "" || d.Edits != "" || d.Deletes != ""
	if d.Call != nil && !tells && (!said || calls[d.Call.Event] != "") {
		return nil // whoever calls may hide their number; what the call was about stands beside it
	}
	switch {
	case (said || tells) && strings.TrimSpace(d.From.Address) == "":
		return errors.New("from.address is missing")
	case d.Edits != "" && d.Text == "":
		return errors.New("text is missing: what is edited has new words")
	case !said && !tells && len(d.Receipts) == 0:
		return errors.New("there is none of text, files, thing, contact, edits, deletes, receipts and failed")
	}
	return nil
}

// reachable reports whether a file may be fetched from an address.
func reachable(link string) bool {
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	u.RawQuery, u.Fragment = "", ""
	_, err = fetch.Base(u.String(), "")
	return err == nil && u.Host != ""
}
