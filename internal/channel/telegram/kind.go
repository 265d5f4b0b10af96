package telegram

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{
	Name: "telegram", Parse: Parse, Open: open, Fields: fields(), Can: can(), Address: address, Arrive: arrive,
	Personal: true, Hook: true, Checks: true,
}

const usualAPI = "https://api.telegram.org"

// How updates come.
const (
	modeWebhook = "webhook"
	modePoll    = "poll"
)

// Limits of what Telegram takes from bots.
const (
	maxText  = 4096     // UTF-16 units in a text
	maxParts = 10       // texts that one answer becomes
	maxPhoto = 10 << 20 // bytes
	maxFile  = 50 << 20 // bytes

	maxChoices = 13 // buttons below a text: as many as elsewhere, each in a row of its own
)

// tokenForm is how a bot's token looks: it becomes part of addresses.
var tokenForm = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

func fields() []channel.Field {
	return []channel.Field{
		{Name: "botToken", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "username", Input: channel.TextInput, Max: 50},
		{Name: "mode", Input: channel.ChoiceInput, Choices: []string{modeWebhook, modePoll}, Default: modeWebhook},
		{Name: "apiBase", Input: channel.URLInput, Advanced: true, Binds: true},
	}
}

func can() channel.Can {
	return channel.Can{
		Text: maxText, Unit: channel.UTF16, Parts: maxParts, Plain: true, OneToOne: true, Choices: maxChoices,
		Media: []channel.Media{
			{Name: "photo", Types: []string{"image/jpeg", "image/png", "image/webp"}, Max: maxPhoto},
			{Name: "document", Max: maxFile},
		},
	}
}

type settings struct {
	Username string `json:"username"`
	Mode     string `json:"mode"`
	APIBase  string `json:"apiBase"`
}

type secrets struct {
	BotToken string `json:"botToken"`
}

// endpoint is one bot.
type endpoint struct {
	host  channel.Host
	mode  string
	api   string // with the token
	store string // of files, likewise
}

var (
	_ channel.Channel  = (*endpoint)(nil)
	_ channel.Receiver = (*endpoint)(nil)
	_ channel.Listener = (*endpoint)(nil)
	_ channel.Checker  = (*endpoint)(nil)
	_ channel.Fetcher  = (*endpoint)(nil)
	_ channel.Profiler = (*endpoint)(nil)
)

// open is Kind.Open. It looks at the settings only.
func open(doc, secretDoc []byte, host channel.Host) (channel.Channel, error) {
	var set settings
	var sec secrets
	if err := channel.ReadPapers(doc, secretDoc, &set, &sec); err != nil {
		return nil, err
	}
	token := strings.TrimSpace(sec.BotToken)
	if !tokenForm.MatchString(token) {
		return nil, &channel.SettingsError{Err: errors.New("the bot's token is missing, or has not the form 123456:ABC")}
	}
	if set.Mode == "" {
		set.Mode = modeWebhook
	}
	if set.Mode != modeWebhook && set.Mode != modePoll {
		return nil, &channel.SettingsError{Err: fmt.Errorf("the mode %q is unknown", set.Mode)}
	}
	base, err := fetch.Base(set.APIBase, usualAPI)
	if err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	e := &endpoint{host: host, mode: set.Mode, api: base + "/bot" + token + "/", store: base + "/file/bot" + token + "/"}
	if e.host.Clock == nil {
		e.host.Clock = clock.System{}
	}
	return e, nil
}

// Close implements channel.Channel.
func (e *endpoint) Close() error { return nil }

// hookSecret is what Telegram shows us with each call: made of the token, which
// only Telegram and we know, and of no use for anything else.
func (e *endpoint) hookSecret() string {
	mac := hmac.New(sha256.New, []byte(e.api))
	mac.Write([]byte("webhook"))
	return hex.EncodeToString(mac.Sum(nil))
}

// arrive is Telegram's short address of a chat with a bot. What follows "start" is
// for programs and takes no words.
func arrive(doc []byte, _ string) string {
	name := strings.TrimPrefix(address(doc), "@")
	if name == "" {
		return ""
	}
	return "https://t.me/" + url.PathEscape(name)
}

func address(doc []byte) string {
	var set settings
	if json.Unmarshal(doc, &set) != nil {
		return ""
	}
	return strings.TrimSpace(set.Username)
}
