package chat

import (
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/tint"
)

// about is what a panel shows before anybody has said anything. Nothing in it is
// about a visitor, so it may be kept for a moment.
type about struct {
	Brand    string            `json:"brand"`
	Lang     string            `json:"lang"`
	Greeting string            `json:"greeting"`
	Color    string            `json:"color"`
	Ink      string            `json:"ink"`      // that can be read on Color
	OnLight  string            `json:"onLight"`  // Color as words on white
	OnDark   string            `json:"onDark"`   // Color as words on a dark ground
	Open     bool              `json:"open"`     // the desk is, now
	OpensAt  *time.Time        `json:"opensAt"`  // null while it is open, or where it never opens
	Usual    string            `json:"usual"`    // how long a first answer usually takes, in words; "" while too little is known
	Email    bool              `json:"email"`    // a mail address is asked for before the first message
	Mail     bool              `json:"mail"`     // what is not read here can also be mailed, to who leaves an address
	MaxText  int               `json:"maxText"`  // characters
	MaxFile  int               `json:"maxFile"`  // bytes
	MaxFiles int               `json:"maxFiles"` // in a message
	Form     *aboutForm        `json:"form"`     // asked before the first words; null: nothing
	Prompts  []aboutPrompt     `json:"prompts"`  // what the page may say first
	Answers  int               `json:"answers"`  // quick answers that there are
	Files    scriptNames       `json:"files"`    // the parts of the panel
	Words    map[string]string `json:"words"`    // of the panel, by key
}

const (
	aboutKeep   = "public, max-age=60"
	panelWords  = "chat.panel."
	lightGround = "#ffffff"
	darkGround  = "#1d1f23"
)

func (c *Chat) about(v *visit) (any, error) {
	brand := v.place.brand
	color := tint.Or(v.place.settings.Color, tint.Or(brand.Color, tint.Color{}))
	a := about{
		Brand: brand.Name, Lang: v.lang, Greeting: v.place.settings.Greeting(v.lang), Color: color.String(), Ink: color.Ink().String(),
		OnLight: color.Against(tint.Or(lightGround, tint.Color{}), tint.ForText).String(), OnDark: color.Against(tint.Or(darkGround, tint.Color{}), tint.ForText).String(),
		Email: v.place.settings.RequireEmail, MaxText: webchat.MaxText, MaxFile: webchat.MaxFile, MaxFiles: webchat.MaxFiles, Files: c.script.names, Words: map[string]string{},
	}
	for _, key := range c.Words.Keys(v.lang) {
		if short, ok := strings.CutPrefix(key, panelWords); ok {
			a.Words[short] = c.Words.Text(v.lang, key, nil)
		}
	}
	now := c.Clock.Now()
	hours, err := brand.Calendar()
	if err != nil {
		return nil, err
	}
	a.Open = hours.IsOpen(now)
	if !a.Open {
		if at, err := hours.NextOpen(now); err == nil {
			a.OpensAt = &at
		}
	}
	err = c.DB.Read(v.Context(), func(tx *sqldb.Tx) error {
		var err error
		if _, a.Mail, err = mailbox(v.Context(), tx, c.Inboxes, brand.ID); err != nil {
			return err
		}
		r, err := c.Reception.Of(v.Context(), tx, v.place.box.ID)
		if err != nil {
			return err
		}
		c.receive(&a, r.Content)
		took, known, err := c.usual.Of(v.Context(), tx, v.place.box.ID, hours)
		if known {
			a.Usual = c.phrase(v.lang, took)
		}
		return err
	})
	v.w.Header().Set("Cache-Control", aboutKeep)
	return a, err
}

// phrase says how long something usually takes.
func (c *Chat) phrase(lang string, took time.Duration) string {
	n, unit := conversation.Within(took)
	return c.Words.Text(lang, "chat.usual."+unit, map[string]any{"n": n})
}
