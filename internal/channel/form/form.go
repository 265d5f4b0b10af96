package form

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// The names of the kinds: of entries with a mail address, and of those without.
const (
	Name    = "form"
	Unnamed = "form-only"
)

// Point is the kind of point of who left no mail address.
const Point = "form"

// Kind is this channel in the list of channels, and Anonymous what it is for
// people who left no mail address.
var (
	Kind      = channel.Kind{Name: Name, Points: "email", Parse: Parse, Open: open, Sends: never, Hidden: true}
	Anonymous = channel.Kind{Name: Unnamed, Points: Point, Parse: Parse, Open: open, Sends: never, Hidden: true}
)

func never([]byte) bool { return false }

func open(_, _ []byte, _ channel.Host) (channel.Channel, error) {
	return nil, &channel.SettingsError{Err: errors.New("a form is no inbox")}
}

// ThingNoAddress marks in the thread that a customer cannot be answered by mail.
const ThingNoAddress = "noAddress"

// Answer is one field as it was filled in, in the words its reader saw.
type Answer struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// File is a file of an entry, stored already.
type File struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	Key  string `json:"key"` // of its blob
}

// Sent is one entry as the ledger keeps it. It holds no time, so that the same
// entry sent twice is the same bytes.
type Sent struct {
	Form     string   `json:"form"`            // id of the form
	Visit    string   `json:"visit"`           // names the page that was filled in
	Title    string   `json:"title,omitempty"` // of the form, "" for what is added later
	Lang     string   `json:"lang"`
	Name     string   `json:"name,omitempty"`
	Email    string   `json:"email,omitempty"`
	Stranger string   `json:"stranger,omitempty"` // the address of who left none
	Answers  []Answer `json:"answers,omitempty"`
	Text     string   `json:"text,omitempty"`  // of what is added later
	About    string   `json:"about,omitempty"` // the Message-ID of ours that it is added to
	Files    []File   `json:"files,omitempty"`
	Once     bool     `json:"once,omitempty"` // the visit has no other entry, whatever it says
}

// StrangerOf returns the address that stands for who left none on a visit.
func StrangerOf(visit string) string {
	sum := sha256.Sum256([]byte("stranger " + visit))
	return "visitor-" + hex.EncodeToString(sum[:8])
}

// Address is the point by which the writer is known.
func (s Sent) Address() string {
	if s.Email != "" {
		return s.Email
	}
	return s.Stranger
}

// prefix stands before what names an entry.
const prefix = "form/"

// FormOf returns the id of the form that an entry's external id names; "" if it
// names none.
func FormOf(externalID string) string {
	rest, ok := strings.CutPrefix(externalID, prefix)
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// id names an entry: the page it was written on, and what was written. Sent
// twice it is one; altered and sent again from the same page it is another, unless
// the page has one only.
func (s Sent) id(doc []byte) string {
	if s.Once {
		return prefix + s.Form + "/" + s.Visit
	}
	sum := sha256.Sum256(doc)
	return prefix + s.Form + "/" + s.Visit + "/" + hex.EncodeToString(sum[:8])
}

// Raw is the entry as a delivery.
func (s Sent) Raw(at time.Time) (channel.Raw, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return channel.Raw{}, err
	}
	format := Name
	if s.Email == "" {
		format = Unnamed
	}
	return channel.Raw{Format: format, Source: Name, Key: s.id(b), Sender: s.Address(), At: at, Bytes: b}, nil
}

// Parse is Kind.Parse.
func Parse(raw []byte) (*channel.Message, error) {
	var s Sent
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("no entry of a form: %w", err)
	}
	if s.Form == "" || s.Visit == "" || s.Address() == "" {
		return nil, errors.New("no entry of a form: it has no form, no visit or no writer")
	}
	words := s.words()
	m := &channel.Message{
		ExternalID: s.id(raw), From: channel.Address{Name: s.Name, Address: s.Address()},
		Subject: s.Title, Text: words, Visible: words, Language: s.Lang,
	}
	if s.About != "" {
		m.InReplyTo = []string{s.About}
	}
	if s.Email == "" && s.About == "" {
		m.Thing = &channel.Thing{Name: ThingNoAddress, Data: map[string]string{}}
	}
	for _, f := range s.Files {
		m.Parts = append(m.Parts, channel.Part{Name: f.Name, ContentType: f.Type, Size: f.Size, Stored: f.Key})
	}
	return m, nil
}

// words is the entry as it is read: a line an answer, and a paragraph for one of
// several lines.
func (s Sent) words() string {
	colon := ": "
	if s.Lang == "ja" {
		colon = "："
	}
	var b strings.Builder
	for _, a := range s.Answers {
		value := strings.TrimSpace(a.Value)
		if strings.Contains(value, "\n") || len(value) > 200 {
			b.WriteString("\n" + a.Label + "\n" + value + "\n\n")
			continue
		}
		between := colon
		if strings.HasSuffix(a.Label, "?") || strings.HasSuffix(a.Label, "？") {
			between = " "
		}
		b.WriteString(a.Label + between + value + "\n")
	}
	return strings.TrimSpace(b.String() + "\n" + s.Text)
}
