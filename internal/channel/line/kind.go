package line

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// New returns this channel for the list of channels. Endpoints that it opens share
// the tokens that LINE lends: one is opened for every message.
func New() channel.Kind {
	lent := &leases{of: map[leaseKey]*lease{}}
	return channel.Kind{
		Name: "line", Parse: Parse, Open: lent.open, Fields: fields(), Can: can(), Address: basicID, Arrive: arrive,
		Personal: true, Hook: true, Checks: true,
	}
}

// Where LINE's interface is: files have a place of their own.
const (
	usualAPI  = "https://api.line.me"
	usualData = "https://api-data.line.me"
)

// Limits of what LINE takes.
const (
	maxText    = 5000     // UTF-16 units in a text
	maxObjects = 5        // messages in a request
	maxImage   = 10 << 20 // bytes
	maxPreview = 1 << 20  // bytes of a picture's preview, which has to be given
	maxVideo   = 200 << 20
	maxChoices = 13
)

func fields() []channel.Field {
	return []channel.Field{
		{Name: "channelSecret", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "channelId", Input: channel.TextInput, Max: 20},
		{Name: "channelAccessToken", Input: channel.SecretInput, Max: 1000},
		{Name: "basicId", Input: channel.TextInput, Max: 50},
		{Name: "apiBase", Input: channel.URLInput, Advanced: true, Binds: true},
	}
}

func can() channel.Can {
	return channel.Can{
		Text: maxText, Unit: channel.UTF16, Parts: maxObjects, Plain: true, OneToOne: true, Choices: maxChoices, Cost: "quota",
		Media: []channel.Media{
			{Name: "image", Types: []string{"image/jpeg", "image/png"}, Max: maxImage},
			{Name: "video", Types: []string{"video/mp4"}, Max: maxVideo},
			{Name: "audio", Types: []string{"audio/mp4", "audio/x-m4a"}, Max: maxAudio},
			{Name: "document"}, // goes as a link
		},
	}
}

type settings struct {
	ChannelID string `json:"channelId"` // with it LINE lends tokens, and none need be entered
	BasicID   string `json:"basicId"`
	APIBase   string `json:"apiBase"`
}

type secrets struct {
	ChannelSecret      string `json:"channelSecret"`
	ChannelAccessToken string `json:"channelAccessToken"`
}

// endpoint is one LINE Official Account.
type endpoint struct {
	host      channel.Host
	secret    []byte
	token     string // "": it is lent
	channelID string
	lease     *lease
	api, data string
}

var (
	_ channel.Channel  = (*endpoint)(nil)
	_ channel.Receiver = (*endpoint)(nil)
	_ channel.Checker  = (*endpoint)(nil)
	_ channel.Fetcher  = (*endpoint)(nil)
	_ channel.Profiler = (*endpoint)(nil)
	_ channel.Metered  = (*endpoint)(nil)
)

// open is Kind.Open. It looks at the settings only.
func (l *leases) open(doc, secretDoc []byte, host channel.Host) (channel.Channel, error) {
	var set settings
	var sec secrets
	if err := channel.ReadPapers(doc, secretDoc, &set, &sec); err != nil {
		return nil, err
	}
	e := &endpoint{host: host, secret: []byte(strings.TrimSpace(sec.ChannelSecret)), token: strings.TrimSpace(sec.ChannelAccessToken)}
	e.channelID = strings.TrimSpace(set.ChannelID)
	if len(e.secret) == 0 || e.token == "" && e.channelID == "" {
		return nil, &channel.SettingsError{Err: errors.New("the channel secret is missing, or both the channel id and the channel access token are")}
	}
	var err error
	if e.api, err = fetch.Base(set.APIBase, usualAPI); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	e.lease = l.find(leaseKey{e.api, e.channelID, sha256.Sum256(e.secret)})
	if e.data = usualData; e.api != usualAPI {
		e.data = e.api
	}
	if e.host.Clock == nil {
		e.host.Clock = clock.System{}
	}
	return e, nil
}

// Close implements channel.Channel.
func (e *endpoint) Close() error { return nil }

// arrive is LINE's address of a chat, with words in the field for a message.
func arrive(doc []byte, words string) string {
	id := basicID(doc)
	if id == "" {
		return ""
	}
	if !strings.HasPrefix(id, "@") {
		id = "@" + id
	}
	at := "https://line.me/R/oaMessage/" + url.PathEscape(id) + "/"
	if words != "" {
		at += "?" + strings.ReplaceAll(url.QueryEscape(words), "+", "%20")
	}
	return at
}

func basicID(doc []byte) string {
	var set settings
	if json.Unmarshal(doc, &set) != nil {
		return ""
	}
	return strings.TrimSpace(set.BasicID)
}
