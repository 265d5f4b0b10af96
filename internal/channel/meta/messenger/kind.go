package messenger

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// The names of the channels.
const (
	page      = "messenger"
	instagram = "instagram"
)

// Limits of the vendor.
const (
	pageText      = 2000 // UTF-16 units in one message
	instagramText = 1000 // bytes
	maxParts      = 5    // messages that one answer may become
	maxFiles      = 10   // in one answer
	maxChoices    = 13   // quick replies below a text
	maxFile       = 25 << 20
	maxImage      = 8 << 20
	window        = 24 * time.Hour
	humanWindow   = 7 * 24 * time.Hour // with the tag for a human agent
)

// instagramVendor is where the interface is for accounts that signed in with
// Instagram itself.
const instagramVendor = "https://graph.instagram.com"

// Kind is Messenger in the list of channels.
var Kind = channel.Kind{
	Name: page, Parse: Parse, Open: opener(page), Personal: true, Hook: true, Checks: true,
	Fields: append([]channel.Field{
		{Name: "name", Input: channel.TextInput, Required: true, Max: 100},
		{Name: "id", Input: channel.TextInput, Required: true, Max: 40},
	}, papersOf()...),
	Can: pageCan, Address: addressOf, Arrive: arrivePage, Longer: longer,
}

// Instagram is Instagram in the list of channels.
var Instagram = channel.Kind{
	Name: instagram, Parse: Parse, Open: opener(instagram), Personal: true, Hook: true, Checks: true,
	Fields: append([]channel.Field{
		{Name: "name", Input: channel.TextInput, Required: true, Max: 100},
		{Name: "id", Input: channel.TextInput, Required: true, Max: 40},
		{Name: "login", Input: channel.ChoiceInput, Choices: []string{"instagram", "facebook"}, Default: "instagram", Required: true, Binds: true},
	}, papersOf()...),
	Can: instagramCan, Address: addressOf, Arrive: arriveInstagram, Longer: longer, Lasts: lasts,
}

// papersOf are the fields that both have.
func papersOf() []channel.Field {
	return []channel.Field{
		{Name: "accessToken", Input: channel.SecretInput, Required: true, Max: 1000},
		{Name: "appSecret", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "verifyToken", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "comments", Input: channel.SwitchInput},
		{Name: "humanAgent", Input: channel.SwitchInput},
		{Name: "apiBase", Input: channel.URLInput, Advanced: true, Binds: true},
	}
}

// pageCan is what fits through Messenger.
var pageCan = channel.Can{
	Text: pageText, Unit: channel.UTF16, Parts: maxParts, Files: maxFiles, Plain: true, OneToOne: true, Window: window, Receipts: true, Choices: maxChoices, Public: true,
	Media: []channel.Media{
		{Name: "image", Types: []string{"image/jpeg", "image/png", "image/gif"}, Max: maxImage},
		{Name: "video", Types: []string{"video/mp4"}, Max: maxFile},
		{Name: "audio", Types: []string{"audio/*"}, Max: maxFile},
		{Name: "file", Types: []string{"application/*", "text/*"}, Max: maxFile},
	},
}

// instagramCan is what fits through Instagram.
var instagramCan = channel.Can{
	Text: instagramText, Unit: channel.Bytes, Parts: maxParts, Files: maxFiles, Plain: true, OneToOne: true, Window: window, Receipts: true, Choices: maxChoices, Public: true,
	Media: []channel.Media{
		{Name: "image", Types: []string{"image/jpeg", "image/png", "image/gif"}, Max: maxImage},
		{Name: "video", Types: []string{"video/mp4", "video/quicktime", "video/webm"}, Max: maxFile},
		{Name: "audio", Types: []string{"audio/aac", "audio/mp4", "audio/x-m4a", "audio/wav"}, Max: maxFile},
	},
}

// longer is the time for answers of people, where the vendor granted it.
func longer(settings []byte) time.Duration {
	var s Settings
	if err := json.Unmarshal(settings, &s); err != nil || !s.Human {
		return 0
	}
	return humanWindow
}

// arrivePage is the vendor's short address of a chat with a page. Words cannot be
// entered for the customer.
func arrivePage(settings []byte, _ string) string {
	var s Settings
	if err := json.Unmarshal(settings, &s); err != nil || s.ID == "" {
		return ""
	}
	return "https://m.me/" + url.PathEscape(s.ID)
}

// username is how an account is called in addresses.
var username = regexp.MustCompile(`^@?[A-Za-z0-9._]{1,30}$`)

// arriveInstagram is the same for an account, if its name is the one that stands
// in addresses.
func arriveInstagram(settings []byte, _ string) string {
	name := strings.TrimSpace(addressOf(settings))
	if !username.MatchString(name) {
		return ""
	}
	return "https://ig.me/m/" + strings.TrimPrefix(name, "@")
}

func addressOf(settings []byte) string {
	var s Settings
	if err := json.Unmarshal(settings, &s); err != nil {
		return ""
	}
	return s.Name
}

// tokenLife is how long a token holds that an account got by signing in with
// Instagram itself. The vendor tells its end only to who exchanges or refreshes it.
const tokenLife = 60 * 24 * time.Hour

// lasts is channel.Kind.Lasts: the token of a page, which Facebook's sign-in gives,
// is asked for its end.
func lasts(settings []byte) (secret string, d time.Duration) {
	var s Settings
	if json.Unmarshal(settings, &s) != nil || s.Login == "facebook" {
		return "", 0
	}
	return "accessToken", tokenLife
}

// Settings is an endpoint's settings document.
type Settings struct {
	Name     string `json:"name"`       // of the page or account, as people see it
	ID       string `json:"id"`         // the vendor's, of the page or account
	Login    string `json:"login"`      // Instagram: "instagram" or "facebook"
	Comments bool   `json:"comments"`   // below posts open conversations
	Human    bool   `json:"humanAgent"` // the vendor granted the app the tag for answers that people write
	APIBase  string `json:"apiBase"`    // "" is the vendor's own
}

// Secrets is the document that is kept sealed.
type Secrets struct {
	AccessToken string `json:"accessToken"`
	AppSecret   string `json:"appSecret"`
	VerifyToken string `json:"verifyToken"`
}

// Endpoint is one page or account. It keeps no connection.
type Endpoint struct {
	kind     string
	can      channel.Can
	now      func() time.Time
	settings Settings
	hook     meta.Hook
	graph    *meta.Graph
}

func opener(kind string) func(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
	return func(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
		e := &Endpoint{kind: kind, can: pageCan, now: clock.System{}.Now}
		if host.Clock != nil {
			e.now = host.Clock.Now
		}
		if kind == instagram {
			e.can = instagramCan
		}
		var s Secrets
		if err := channel.ReadPapers(settings, secrets, &e.settings, &s); err != nil {
			return nil, err
		}
		if id := e.settings.ID; id == "" || strings.Trim(id, "0123456789") != "" {
			return nil, &channel.SettingsError{Err: errors.New("the id consists of digits")}
		}
		vendor := meta.Vendor
		if kind == instagram && e.settings.Login != "facebook" {
			vendor = instagramVendor
		}
		graph, err := meta.NewGraph(e.settings.APIBase, vendor, s.AccessToken, host)
		if err != nil {
			return nil, err
		}
		e.graph, e.hook = graph, meta.Hook{AppSecret: s.AppSecret, VerifyToken: s.VerifyToken}
		return e, nil
	}
}

// Close implements channel.Channel.
func (e *Endpoint) Close() error { return nil }
