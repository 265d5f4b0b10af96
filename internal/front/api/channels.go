package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// ChannelValues are settings of a channel by the names of its fields.
type ChannelValues map[string]any

// InboxChannel is what an inbox of a channel that is not email has.
type InboxChannel struct {
	Settings ChannelValues `json:"settings" nullable:"false" doc:"By the names of the channel's fields; only for who may change inboxes."`
	Stored   []string      `json:"stored" nullable:"false" doc:"Names of the credentials that are stored; they are never read back."`
	HookURL  string        `json:"hookUrl" doc:"Where the other side is to call; empty if it does not."`
}

// Channel is a way of talking that an inbox can be made for.
type Channel struct {
	Name    string          `json:"name"`
	Point   string          `json:"point" doc:"The kind of address its customers have."`
	Fields  []channel.Field `json:"fields" nullable:"false" doc:"Empty for email, which has a form of its own."`
	Can     ChannelCan      `json:"can"`
	Hook    bool            `json:"hook" doc:"Whether the other side calls us."`
	Starts  bool            `json:"starts" doc:"Whether we can write first."`
	Checked bool            `json:"checked" doc:"Whether a connection can be tested."`
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
		OneToOne: c.OneToOne, Window: int(c.Window.Seconds()), Templates: c.Templates, Receipts: c.Receipts, Typing: c.Typing, Choices: c.Choices, Cost: c.Cost}
	for _, m := range c.Media {
		v.Media = append(v.Media, ChannelMedia{Name: m.Name, Types: append([]string{}, m.Types...), Max: m.Max})
	}
	return v
}

func addChannels(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/channels", Permission: team.SettingsRead, Summary: "List the ways of talking, with their settings and what fits through them"},
		func(context.Context, Caller, *struct{}) (Page[Channel], error) {
			page := Page[Channel]{Items: []Channel{}}
			for _, k := range r.Inboxes.Kinds() {
				if k.Hidden {
					continue
				}
				page.Items = append(page.Items, Channel{Name: k.Name, Point: k.Point(), Fields: append([]channel.Field{}, k.Fields...),
					Can: viewCan(k.Can), Hook: k.Hook, Starts: k.Starts, Checked: k.Checks})
			}
			return page, nil
		})
}

// viewChannel fills in what an inbox has whose settings are fields.
func viewChannel(ctx context.Context, r *Routes, tx *sqldb.Tx, i inboxFor, v *Inbox) error {
	v.Receive, v.Send = InboxReceive{Mode: inbox.ModeNone, Folders: []string{}}, InboxSend{Mode: inbox.ModeNone}
	v.Settings, v.Stored = ChannelValues{}, []string{}
	if !i.who.Can(team.InboxWrite) {
		return nil
	}
	if err := json.Unmarshal(i.Settings, &v.Settings); err != nil {
		return err
	}
	kind, _ := r.Inboxes.Kind(i.Kind)
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
