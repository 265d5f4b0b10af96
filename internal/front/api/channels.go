package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// ChannelValues are settings of a channel by the names of its fields.
type ChannelValues map[string]any

// InboxChannel is what an inbox of a channel that is not email has.
type InboxChannel struct {
	Settings ChannelValues `json:"settings" nullable:"false" doc:"By the names of the channel's fields; only for who may change inboxes."`
	Stored   []string      `json:"stored" nullable:"false" doc:"Names of the credentials that are stored; they are never read back."`
	Sends    bool          `json:"sends" doc:"Whether it has a way to send."`
	Arrival  Arrival       `json:"arrival"`
	Window   int           `json:"window" doc:"Seconds after the customer's last message in which a person may answer here; 0: always."`
	HookURL  string        `json:"hookUrl" doc:"Where the other side is to call; empty if it does not."`
}

// Channel is a way of talking that an inbox can be made for. Its words are in
// the reader's language, so that a channel of anybody's brings its own.
type Channel struct {
	ID      string         `json:"id"`
	Label   string         `json:"label"`
	Lead    string         `json:"lead" doc:"What it is for, in a sentence."`
	Steps   []string       `json:"steps" nullable:"false" doc:"What the operator does on the other side, in order."`
	Point   string         `json:"point" doc:"The kind of address its customers have."`
	Numbers bool           `json:"numbers" doc:"A telephone number with its country is an address here too, of kind phone."`
	Address string         `json:"address" doc:"What such an address is called; empty if people do not enter it."`
	Fields  []ChannelField `json:"fields" nullable:"false" doc:"Empty for email, which has a form of its own."`
	Can     ChannelCan     `json:"can"`
	Hook    bool           `json:"hook" doc:"Whether the other side calls us."`
	Starts  bool           `json:"starts" doc:"Whether we can write first."`
	Checks  bool           `json:"checks" doc:"Whether a connection can be tested."`
}

// ChannelField is one setting of a channel with its words.
type ChannelField struct {
	Name     string          `json:"name"`
	Input    string          `json:"input" enum:"text,secret,long,url,number,switch,choice,list"`
	Label    string          `json:"label"`
	Hint     string          `json:"hint"`
	Required bool            `json:"required"`
	Advanced bool            `json:"advanced"`
	Default  string          `json:"default"`
	Choices  []ChannelChoice `json:"choices" nullable:"false"`
}

// ChannelChoice is one value of a choice.
type ChannelChoice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// ChannelCan is what fits through a channel. 0 is no limit.
type ChannelCan struct {
	Text      int            `json:"text"`
	Unit      string         `json:"unit" enum:",utf16,bytes" doc:"What text is counted in; empty: characters."`
	Parts     int            `json:"parts"`
	Media     []ChannelMedia `json:"media" nullable:"false" doc:"Files that can be sent; empty: any, unless noMedia."`
	NoMedia   bool           `json:"noMedia"`
	Files     int            `json:"files"`
	Plain     bool           `json:"plain" doc:"No formatting."`
	OneToOne  bool           `json:"oneToOne" doc:"No subject, no copies to others."`
	Window    int            `json:"window" doc:"Seconds after the customer's last message in which we may write."`
	Templates bool           `json:"templates"`
	Receipts  bool           `json:"receipts"`
	Typing    bool           `json:"typing"`
	Choices   int            `json:"choices"`
	Public    bool           `json:"public" doc:"Whether a comment can be answered below it, for all to see."`
	Cost      string         `json:"cost" enum:",message,quota"`
}

// ChannelMedia is one sort of file.
type ChannelMedia struct {
	Name  string   `json:"name"`
	Types []string `json:"types" nullable:"false"`
	Max   int64    `json:"max"`
}

func viewCan(c channel.Can) ChannelCan {
	v := ChannelCan{Text: c.Text, Unit: string(c.Unit), Parts: c.Parts, Media: []ChannelMedia{}, NoMedia: c.NoMedia, Files: c.Files, Plain: c.Plain,
		OneToOne: c.OneToOne, Window: int(c.Window.Seconds()), Templates: c.Templates, Receipts: c.Receipts, Typing: c.Typing, Choices: c.Choices, Public: c.Public, Cost: c.Cost}
	for _, m := range c.Media {
		v.Media = append(v.Media, ChannelMedia{Name: m.Name, Types: append([]string{}, m.Types...), Max: m.Max})
	}
	return v
}

func addChannels(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/channels", Permission: team.SettingsRead, Summary: "List the ways of talking, with their settings and what fits through them"},
		func(_ context.Context, who Caller, _ *struct{}) (Page[Channel], error) {
			page := Page[Channel]{Items: []Channel{}}
			for _, k := range r.Inboxes.Kinds() {
				if !k.Hidden {
					page.Items = append(page.Items, viewKind(r.Phrases, who.Locale, k))
				}
			}
			return page, nil
		})
}

func viewKind(p *phrase.Catalogue, lang string, k channel.Kind) Channel {
	words := func(key string) string {
		if key = "channel." + k.Name + key; p.Has(lang, key) {
			return p.Text(lang, key, nil)
		}
		return ""
	}
	v := Channel{ID: k.Name, Label: cmp.Or(words(""), k.Name), Lead: words(".lead"), Steps: []string{}, Point: k.Point(), Numbers: k.Numbers, Address: words(".address"),
		Fields: []ChannelField{}, Can: viewCan(k.Can), Hook: k.Hook, Starts: k.Starts, Checks: k.Checks}
	if steps := words(".steps"); steps != "" {
		v.Steps = strings.Split(steps, "\n")
	}
	for _, f := range k.Fields {
		one := ChannelField{Name: f.Name, Input: string(f.Input), Label: cmp.Or(words("."+f.Name), f.Name), Hint: words("." + f.Name + ".hint"),
			Required: f.Required, Advanced: f.Advanced, Default: f.Default, Choices: []ChannelChoice{}}
		for _, c := range f.Choices {
			one.Choices = append(one.Choices, ChannelChoice{Value: c, Label: cmp.Or(words("."+f.Name+"."+c), c)})
		}
		v.Fields = append(v.Fields, one)
	}
	return v
}

// viewChannel fills in what an inbox has whose settings are fields.
func viewChannel(ctx context.Context, r *Routes, tx *sqldb.Tx, i inboxFor, v *Inbox) error {
	v.Receive, v.Send = InboxReceive{Mode: inbox.ModeNone, Folders: []string{}}, InboxSend{Mode: inbox.ModeNone}
	v.Settings, v.Stored = ChannelValues{}, []string{}
	kind, _ := r.Inboxes.Kind(i.Kind)
	v.Window = int(kind.Window(i.Settings).Seconds())
	v.Arrival = viewArrival(kind, i.Settings)
	if !i.who.Can(team.InboxWrite) {
		return nil
	}
	if err := json.Unmarshal(i.Settings, &v.Settings); err != nil {
		return err
	}
	if kind.Hook {
		v.HookURL = r.Origin + "/hook/" + i.ID
	}
	has, err := r.Inboxes.Has(ctx, tx, i.ID)
	for _, f := range kind.Fields {
		if has[f.Name] {
			v.Stored = append(v.Stored, f.Name)
		}
	}
	return err
}
