package webchat

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Said is one message of a visitor as the ledger keeps it.
type Said struct {
	ID      string    `json:"id"`   // the visitor's own name for it; the same again is the same message
	From    string    `json:"from"` // the visitor's address
	Name    string    `json:"name,omitempty"`
	At      time.Time `json:"at"`
	Text    string    `json:"text"`
	Lang    string    `json:"lang,omitempty"` // of the panel
	Page    string    `json:"page,omitempty"` // on which the visitor wrote
	Files   []File    `json:"files,omitempty"`
	Contact string    `json:"contact,omitempty"` // a mail address that the visitor leaves, unproven
	Asked   string    `json:"asked,omitempty"`   // what the page said first, and this answers
	Entered []Entered `json:"entered,omitempty"` // before the first words
}

// Entered is one field as it was filled in.
type Entered struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// File is a file of a message, stored already.
type File struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	Key  string `json:"key"` // of its blob
}

// The names of a channel.Thing of this channel.
const (
	thingContact = "contact"
	// ThingEntered is what stands beside first words: Data has "asked", what the page
	// had said, and "lines", what was entered, a field a line.
	ThingEntered = "entered"
)

// ExternalID is the message's id within the inbox: two visitors may use one name.
func (s Said) ExternalID() string { return s.From + "/" + s.ID }

// Raw is the message as a delivery.
func (s Said) Raw() (channel.Raw, error) {
	b, err := json.Marshal(s)
	return channel.Raw{Source: Name, Key: s.ExternalID(), Sender: s.From, At: s.At, Bytes: b}, err
}

// Parse implements channel.Kind.
func Parse(raw []byte) (*channel.Message, error) {
	var s Said
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("no message of a web chat: %w", err)
	}
	if s.From == "" || s.ID == "" {
		return nil, errors.New("no message of a web chat: it has no writer or no id")
	}
	m := &channel.Message{
		ExternalID: s.ExternalID(), From: channel.Address{Name: s.Name, Address: s.From}, At: s.At,
		Text: s.Text, Visible: s.Text, Language: s.Lang,
	}
	if s.Contact != "" {
		m.Thing = &channel.Thing{Name: thingContact, Data: map[string]string{"email": s.Contact}}
		if m.Text == "" {
			m.Text, m.Visible = s.Contact, s.Contact
		}
	}
	if m.Thing == nil && (s.Asked != "" || len(s.Entered) > 0) {
		m.Thing = s.beside()
	}
	for _, f := range s.Files {
		m.Parts = append(m.Parts, channel.Part{Name: f.Name, ContentType: f.Type, Size: f.Size, Stored: f.Key})
	}
	return m, nil
}

func (s Said) beside() *channel.Thing {
	var lines []string
	for _, e := range s.Entered {
		lines = append(lines, e.Label+": "+e.Value)
	}
	t := &channel.Thing{Name: ThingEntered, Data: map[string]string{}}
	if s.Asked != "" {
		t.Data["asked"] = s.Asked
	}
	if len(lines) > 0 {
		t.Data["lines"] = strings.Join(lines, "\n")
	}
	return t
}
