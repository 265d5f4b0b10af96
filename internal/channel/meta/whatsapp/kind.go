package whatsapp

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// Limits of the vendor.
const (
	maxText    = 4096 // characters in one message
	maxCaption = 1024 // characters below a picture, a film or a document
	maxParts   = 5    // messages that one answer may become
	maxFiles   = 10   // in one answer
	maxChoices = 3    // buttons below a text
	maxAsking  = 1024 // characters in a text with buttons
	window     = 24 * time.Hour
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{
	Name: source, Parse: Parse, Open: open, Points: "phone", Personal: true, Hook: true, Starts: true, Checks: true,
	Fields: []channel.Field{
		{Name: "number", Input: channel.TextInput, Required: true, Max: 30},
		{Name: "phoneNumberId", Input: channel.TextInput, Required: true, Max: 40},
		{Name: "accountId", Input: channel.TextInput, Max: 40},
		{Name: "accessToken", Input: channel.SecretInput, Required: true, Max: 1000},
		{Name: "appSecret", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "verifyToken", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "apiBase", Input: channel.URLInput, Advanced: true, Binds: true},
	},
	Can: can, Arrive: arrive,
	Address: func(settings []byte) string {
		var s Settings
		if err := json.Unmarshal(settings, &s); err != nil {
			return ""
		}
		return s.Number
	},
}

// arrive is the vendor's short address of a chat with a number.
func arrive(settings []byte, words string) string {
	var s Settings
	if err := json.Unmarshal(settings, &s); err != nil {
		return ""
	}
	number := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s.Number)
	if number == "" {
		return ""
	}
	at := "https://wa.me/" + number
	if words != "" {
		at += "?text=" + strings.ReplaceAll(url.QueryEscape(words), "+", "%20")
	}
	return at
}

// can is what fits through the channel.
var can = channel.Can{
	Text: maxText, Parts: maxParts, Files: maxFiles, Plain: true, OneToOne: true, Window: window, Templates: true, Receipts: true, Choices: maxChoices,
	Media: []channel.Media{
		{Name: "image", Types: []string{"image/jpeg", "image/png"}, Max: 5 << 20},
		{Name: "video", Types: []string{"video/mp4", "video/3gpp"}, Max: 16 << 20},
		{Name: "audio", Types: []string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, Max: 16 << 20},
		{Name: "document", Types: documentTypes, Max: 100 << 20},
	},
}

// documentTypes are what can be sent as a file to keep.
var documentTypes = []string{
	"text/plain", "text/csv", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

// Settings is an endpoint's settings document.
type Settings struct {
	Number        string `json:"number"` // as people see it
	PhoneNumberID string `json:"phoneNumberId"`
	AccountID     string `json:"accountId"` // of the WhatsApp business account; needed for templates only
	APIBase       string `json:"apiBase"`   // "" is the vendor's own
}

// Secrets is the document that is kept sealed.
type Secrets struct {
	AccessToken string `json:"accessToken"`
	AppSecret   string `json:"appSecret"`
	VerifyToken string `json:"verifyToken"`
}

// Endpoint is one phone number of a business. It keeps no connection.
type Endpoint struct {
	settings Settings
	host     channel.Host
	hook     meta.Hook
	graph    *meta.Graph
}

func open(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
	e := &Endpoint{host: host}
	var s Secrets
	if err := channel.ReadPapers(settings, secrets, &e.settings, &s); err != nil {
		return nil, err
	}
	if !plainID(e.settings.PhoneNumberID) || e.settings.AccountID != "" && !plainID(e.settings.AccountID) {
		return nil, &channel.SettingsError{Err: errors.New("an id consists of digits")}
	}
	graph, err := meta.NewGraph(e.settings.APIBase, meta.Vendor, s.AccessToken, host)
	if err != nil {
		return nil, err
	}
	e.graph, e.hook = graph, meta.Hook{AppSecret: s.AppSecret, VerifyToken: s.VerifyToken}
	return e, nil
}

// Close implements channel.Channel.
func (e *Endpoint) Close() error { return nil }

// plainID reports whether s can stand in a path of the API.
func plainID(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
