package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// tallied is how far back votes on quick answers are counted.
const tallied = 28 * 24 * time.Hour

// ReceptionField is one question before the first words.
type ReceptionField struct {
	Name     string      `json:"name" doc:"Its key: small letters and digits."`
	Type     string      `json:"type" enum:"name,email,text,choice"`
	Label    FormWords   `json:"label" doc:"Of text and choice; a name and a mail address have the product's words."`
	Required bool        `json:"required"`
	Choices  []FormWords `json:"choices" nullable:"false" doc:"Of a choice; empty otherwise."`
}

// ReceptionForm is what a chat asks before the first words.
type ReceptionForm struct {
	When   string           `json:"when" enum:"never,always,closed,unknown"`
	Fields []ReceptionField `json:"fields" nullable:"false"`
}

// ReceptionPrompt is what a page says first, once all that it names holds.
type ReceptionPrompt struct {
	ID        string    `json:"id" doc:"Its key: small letters and digits."`
	Active    bool      `json:"active"`
	Text      FormWords `json:"text" doc:"Shown to who reads its language."`
	Page      string    `json:"page" doc:"Part of the page's address; * stands for anything. Empty: every page."`
	After     int       `json:"after" doc:"Seconds on the page."`
	Pages     int       `json:"pages" doc:"Pages seen, this one included."`
	Scroll    int       `json:"scroll" doc:"Percent of the page."`
	Returning bool      `json:"returning" doc:"Only to who has written before."`
	Open      bool      `json:"open" doc:"Only in business hours."`
	Days      int       `json:"days" doc:"In which it comes once; 0: once and never again."`
}

// ReceptionAnswer is a quick answer.
type ReceptionAnswer struct {
	ID    string    `json:"id" doc:"Its key: small letters and digits."`
	Title FormWords `json:"title"`
	Body  FormWords `json:"body" doc:"Plain text with addresses of pages."`
}

// ReceptionDesign is what a chat shows beside the conversation, as it is set.
type ReceptionDesign struct {
	Form    ReceptionForm     `json:"form"`
	Prompts []ReceptionPrompt `json:"prompts" nullable:"false"`
	Answers []ReceptionAnswer `json:"answers" nullable:"false"`
	Version int64             `json:"version" doc:"As it was read, 0 if nobody has set one: 409 if it is another by now."`
}

// ReceptionVotes is how often a quick answer helped in the last four weeks.
type ReceptionVotes struct {
	AnswerID string `json:"answerId"`
	Yes      int64  `json:"yes"`
	No       int64  `json:"no"`
}

// Reception is a design, with how often each quick answer helped.
type Reception struct {
	ReceptionDesign
	Votes []ReceptionVotes `json:"votes" nullable:"false"`
}

type receptionInput struct {
	ByID
	Body ReceptionDesign
}

func addReceptions(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/inboxes/{id}/reception", Permission: team.InboxWrite, Tag: "inboxes", Summary: "Read what a chat asks, says first and answers by itself"},
		func(ctx context.Context, _ Caller, in *ByID) (Reception, error) { return receptionOf(ctx, r, in.ID) })
	Handle(r, Op{Method: http.MethodPut, Path: "/inboxes/{id}/reception", Permission: team.InboxWrite, Tag: "inboxes", Summary: "Set what a chat asks, says first and answers by itself"},
		func(ctx context.Context, who Caller, in *receptionInput) (Reception, error) {
			if _, err := r.Reception.Set(ctx, who.Actor, reception.Reception{InboxID: in.ID, Content: in.Body.content(), Version: in.Body.Version}); err != nil {
				return Reception{}, err
			}
			return receptionOf(ctx, r, in.ID)
		})
}

func receptionOf(ctx context.Context, r *Routes, inboxID string) (v Reception, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if err := r.Reception.Chat(ctx, tx, inboxID); err != nil {
			return err
		}
		one, err := r.Reception.Of(ctx, tx, inboxID)
		if err != nil {
			return err
		}
		v = viewReception(one)
		tallies, err := r.Reception.Tallies(ctx, tx, inboxID, worktime.DayNumber(tx.Now.Add(-tallied)))
		for _, t := range tallies {
			v.Votes = append(v.Votes, ReceptionVotes(t))
		}
		return err
	})
	return v, err
}

func (b ReceptionDesign) content() reception.Content {
	c := reception.Content{Form: reception.Form{When: reception.When(b.Form.When)}}
	for _, f := range b.Form.Fields {
		one := reception.Field{Name: f.Name, Type: reception.Type(f.Type), Label: phrase.Words(f.Label), Required: f.Required}
		for _, w := range f.Choices {
			one.Choices = append(one.Choices, phrase.Words(w))
		}
		c.Form.Fields = append(c.Form.Fields, one)
	}
	for _, i := range b.Prompts {
		c.Prompts = append(c.Prompts, reception.Prompt{ID: i.ID, Active: i.Active, Text: phrase.Words(i.Text), Page: i.Page, After: i.After, Pages: i.Pages,
			Scroll: i.Scroll, Returning: i.Returning, Open: i.Open, Days: i.Days})
	}
	for _, a := range b.Answers {
		c.Answers = append(c.Answers, reception.Answer{ID: a.ID, Title: phrase.Words(a.Title), Body: phrase.Words(a.Body)})
	}
	return c
}

func viewReception(r reception.Reception) Reception {
	d := r.Content
	v := Reception{ReceptionDesign: ReceptionDesign{Form: ReceptionForm{When: string(d.Form.When), Fields: []ReceptionField{}}, Prompts: []ReceptionPrompt{}, Answers: []ReceptionAnswer{}, Version: r.Version},
		Votes: []ReceptionVotes{}}
	for _, f := range d.Form.Fields {
		one := ReceptionField{Name: f.Name, Type: string(f.Type), Label: FormWords(f.Label), Required: f.Required, Choices: []FormWords{}}
		for _, w := range f.Choices {
			one.Choices = append(one.Choices, FormWords(w))
		}
		v.Form.Fields = append(v.Form.Fields, one)
	}
	for _, i := range d.Prompts {
		v.Prompts = append(v.Prompts, ReceptionPrompt{ID: i.ID, Active: i.Active, Text: FormWords(i.Text), Page: i.Page, After: i.After, Pages: i.Pages,
			Scroll: i.Scroll, Returning: i.Returning, Open: i.Open, Days: i.Days})
	}
	for _, a := range d.Answers {
		v.Answers = append(v.Answers, ReceptionAnswer{a.ID, FormWords(a.Title), FormWords(a.Body)})
	}
	return v
}
