package chat

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// What stands beside the conversation: fields before the first words, prompts,
// quick answers.

// aboutForm is what is asked before the first words.
type aboutForm struct {
	Unknown bool         `json:"unknown"` // only who has left neither name nor mail address is asked
	Fields  []aboutField `json:"fields"`
}

type aboutField struct {
	Name     string         `json:"name"`
	Type     reception.Type `json:"type"`
	Label    string         `json:"label"`
	Required bool           `json:"required"`
	Choices  []string       `json:"choices"`
}

// aboutPrompt is what the page may say first. The page itself looks whether it
// holds: nobody is told where a visitor goes.
type aboutPrompt struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	Page      string `json:"page,omitempty"`
	After     int    `json:"after,omitempty"`
	Pages     int    `json:"pages,omitempty"`
	Scroll    int    `json:"scroll,omitempty"`
	Returning bool   `json:"returning,omitempty"`
	Days      int    `json:"days,omitempty"`
}

// label names a field; a name and a mail address are called what the product calls them.
func (c *Chat) label(lang string, f reception.Field) string {
	switch f.Type {
	case reception.Name:
		return c.Words.Text(lang, "chat.panel.name", nil)
	case reception.Email:
		return c.Words.Text(lang, "chat.panel.email", nil)
	}
	return f.Label.In(lang)
}

// receive fills in what a reception shows on a page.
func (c *Chat) receive(a *about, d reception.Content) {
	if d.Form.Asks(a.Open) {
		a.Form = &aboutForm{Unknown: d.Form.When == reception.Unknown}
		for _, f := range d.Form.Fields {
			one := aboutField{Name: f.Name, Type: f.Type, Label: c.label(a.Lang, f), Required: f.Required, Choices: []string{}}
			for _, w := range f.Choices {
				one.Choices = append(one.Choices, w.In(a.Lang))
			}
			a.Form.Fields = append(a.Form.Fields, one)
		}
	}
	a.Prompts = []aboutPrompt{}
	for _, i := range d.PromptsIn(a.Lang, a.Open) {
		a.Prompts = append(a.Prompts, aboutPrompt{i.ID, i.Text.In(a.Lang), i.Page, i.After, i.Pages, i.Scroll, i.Returning, i.Days})
	}
	a.Answers = len(d.AnswersIn(a.Lang))
}

// preamble is what stands before first words.
type preamble struct {
	asked string
	lines []webchat.Entered
}

// before reads what came with first words: it goes with them through the door, and
// a name and a mail address become the visitor's. Nothing of it is a reason to
// refuse the words.
func (c mouth) before(v *visit, in utterance) (p preamble, err error) {
	if len(in.Entered) == 0 && in.Prompt == "" {
		return p, nil
	}
	ctx := v.Context()
	var r reception.Reception
	err = c.DB.Read(ctx, func(tx *sqldb.Tx) error {
		r, err = c.Reception.Of(ctx, tx, v.place.box.ID)
		return err
	})
	if err != nil {
		return p, err
	}
	p.asked = r.Content.Prompted(v.lang, in.Prompt)
	lines, name, email := r.Content.Form.Read(v.lang, in.Entered)
	for _, own := range []reception.Entered{
		{Label: c.Words.Text(v.lang, "chat.panel.name", nil), Value: name}, {Label: c.Words.Text(v.lang, "chat.panel.email", nil), Value: email},
	} {
		if own.Value != "" {
			p.lines = append(p.lines, webchat.Entered(own))
		}
	}
	for _, l := range lines {
		p.lines = append(p.lines, webchat.Entered(l))
	}
	return p, c.known(v, name, email)
}

// known keeps a name and a mail address that a visitor entered. What a site has
// proven stays, and what is no address is only read by the agents.
func (c mouth) known(v *visit, name, email string) error {
	s := v.who
	if name != "" && !s.Proven {
		s.Name = name
	}
	if text.IsEmail(email) && !s.Proven {
		s.Email = email
	}
	if s == v.who {
		return nil
	}
	v.who = s
	return c.DB.Write(v.Context(), func(tx *sqldb.Tx) error { return save(v.Context(), tx, s) })
}

// quick is a quick answer as the panel shows it.
type quick struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

type quickAnswers struct {
	Answers []quick `json:"answers"`
}

// answers lists an inbox's quick answers. The panel finds among them by itself:
// what somebody looks for is told to nobody.
func (c *Chat) answers(v *visit) (any, error) {
	out := quickAnswers{Answers: []quick{}}
	err := c.DB.Read(v.Context(), func(tx *sqldb.Tx) error {
		r, err := c.Reception.Of(v.Context(), tx, v.place.box.ID)
		for _, a := range r.Content.AnswersIn(v.lang) {
			out.Answers = append(out.Answers, quick{a.ID, a.Title.In(v.lang), a.Body.In(v.lang)})
		}
		return err
	})
	v.w.Header().Set("Cache-Control", aboutKeep)
	return out, err
}

type verdict struct {
	Helped bool `json:"helped"`
}

// helped counts whether a quick answer helped. Nothing else is kept of it.
func (c *Chat) helped(v *visit) (any, error) {
	if err := c.slow(v.Request, verdicts); err != nil {
		return nil, err
	}
	var in verdict
	if err := v.body(&in); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(v.place.brand.Zone)
	if err != nil {
		zone = time.UTC
	}
	return nil, c.Reception.Count(v.Context(), reception.Vote{InboxID: v.place.box.ID, AnswerID: v.PathValue("answer"), Day: worktime.DayNumber(c.Clock.Now().In(zone)), Helped: in.Helped})
}

const talkingSQL = `SELECT COUNT(*) FROM conversation WHERE status IN ('open', 'pending', 'snoozed') AND merged_into IS NULL AND id IN (`

// talking reports whether any of a reader's conversations is going on.
func talking(ctx context.Context, tx *sqldb.Tx, r reader) (bool, error) {
	var n int
	marks, args := sqldb.In(1, r.threads)
	err := tx.QueryRow(ctx, talkingSQL+marks+`)`, args...).Scan(&n)
	return n > 0, err
}
