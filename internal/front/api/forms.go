package api

import (
	"context"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// FormWords are a text in the languages of customers; one of them is enough.
type FormWords struct {
	Ja string `json:"ja"`
	En string `json:"en"`
}

// FormField is one question of a form.
type FormField struct {
	Name     string      `json:"name" doc:"Its key within the form: a letter, then letters and digits."`
	Type     string      `json:"type" enum:"text,long,choice,number,date,phone,order"`
	Label    FormWords   `json:"label"`
	Required bool        `json:"required"`
	Choices  []FormWords `json:"choices" nullable:"false" doc:"Of a choice; empty otherwise."`
}

// Form is a page on which customers write to a mail inbox.
type Form struct {
	ID        string      `json:"id"`
	InboxID   string      `json:"inboxId"`
	Slug      string      `json:"slug" doc:"The public part of its address."`
	URL       string      `json:"url" doc:"Where customers find it."`
	Kind      string      `json:"kind" enum:"contact,complaint" doc:"What is entered in a complaint opens a recovery case."`
	Title     FormWords   `json:"title"`
	Intro     FormWords   `json:"intro"`
	Thanks    FormWords   `json:"thanks"`
	Fields    []FormField `json:"fields" nullable:"false"`
	AsksFiles bool        `json:"asksFiles"`
	Origins   []string    `json:"origins" nullable:"false" doc:"Sites that may show it in a frame."`
	Active    bool        `json:"active"`
	Version   int64       `json:"version"`
}

// FormBody is a form as it is made or replaced.
type FormBody struct {
	InboxID   string      `json:"inboxId"`
	Slug      string      `json:"slug"`
	Kind      string      `json:"kind" enum:"contact,complaint"`
	Title     FormWords   `json:"title"`
	Intro     FormWords   `json:"intro,omitempty"`
	Thanks    FormWords   `json:"thanks,omitempty"`
	Fields    []FormField `json:"fields" nullable:"false"`
	AsksFiles bool        `json:"asksFiles,omitempty"`
	Origins   []string    `json:"origins,omitempty" nullable:"false"`
	Active    bool        `json:"active,omitempty"`
}

type newFormInput struct{ Body FormBody }

type formInput struct {
	ByID
	Body struct {
		FormBody
		Version int64 `json:"version" doc:"As it was read: a form that somebody changed meanwhile is not overwritten."`
	}
}

type formSwitchInput struct {
	ByID
	Body struct {
		Active bool `json:"active"`
	}
}

func addForms(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/forms", Permission: team.InboxWrite, Summary: "List all forms"},
		func(ctx context.Context, _ Caller, _ *struct{}) (Page[Form], error) {
			return allOf(ctx, r, r.Forms.List, r.viewForm)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/forms", Permission: team.InboxWrite, Summary: "Make a form", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newFormInput) (Form, error) {
			f, err := r.Forms.Create(ctx, who.Actor, in.Body.change())
			return r.viewForm(f), err
		})
	Handle(r, Op{Method: http.MethodPut, Path: "/forms/{id}", Permission: team.InboxWrite, Summary: "Replace a form"},
		func(ctx context.Context, who Caller, in *formInput) (Form, error) {
			ch := in.Body.change()
			ch.Version = in.Body.Version
			f, err := r.Forms.Change(ctx, who.Actor, in.ID, ch)
			return r.viewForm(f), err
		})
	Handle(r, Op{Method: http.MethodPatch, Path: "/forms/{id}", Permission: team.InboxWrite, Summary: "Switch a form on or off"},
		func(ctx context.Context, who Caller, in *formSwitchInput) (Form, error) {
			f, err := r.Forms.Change(ctx, who.Actor, in.ID, form.Change{Active: &in.Body.Active})
			return r.viewForm(f), err
		})
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: "/forms/{id}", Permission: team.InboxWrite, Summary: "Remove a form; what came through it stays"},
		func(ctx context.Context, who Caller, in *ByID) error { return r.Forms.Delete(ctx, who.Actor, in.ID) })
}

func (b FormBody) change() form.Change {
	kind := form.Kind(b.Kind)
	c := form.Content{Title: phrase.Words(b.Title), Intro: phrase.Words(b.Intro), Thanks: phrase.Words(b.Thanks), AsksFiles: b.AsksFiles, Origins: b.Origins}
	for _, f := range b.Fields {
		one := form.Field{Name: f.Name, Type: form.Type(f.Type), Label: phrase.Words(f.Label), Required: f.Required}
		for _, w := range f.Choices {
			one.Choices = append(one.Choices, phrase.Words(w))
		}
		c.Fields = append(c.Fields, one)
	}
	return form.Change{InboxID: &b.InboxID, Slug: &b.Slug, Kind: &kind, Content: &c, Active: &b.Active}
}

func (r *Routes) viewForm(f form.Form) Form {
	c := f.Content
	out := Form{ID: f.ID, InboxID: f.InboxID, Slug: f.Slug, URL: r.Origin + "/c/" + f.Slug, Kind: string(f.Kind), Title: FormWords(c.Title),
		Intro: FormWords(c.Intro), Thanks: FormWords(c.Thanks), AsksFiles: c.AsksFiles, Origins: append([]string{}, c.Origins...), Active: f.Active,
		Version: f.Version, Fields: []FormField{}}
	for _, one := range c.Fields {
		field := FormField{Name: one.Name, Type: string(one.Type), Label: FormWords(one.Label), Required: one.Required, Choices: []FormWords{}}
		for _, w := range one.Choices {
			field.Choices = append(field.Choices, FormWords(w))
		}
		out.Fields = append(out.Fields, field)
	}
	return out
}
