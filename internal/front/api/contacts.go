package api

import (
	"context"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// ContactPoint is a way in which customers reach a brand.
type ContactPoint struct {
	ContactBody
	ID      string `json:"id"`
	Cost    string `json:"costClass" enum:"free,navi,ip,mobile,landline,abroad," doc:"What the number of a telephone says of its cost; empty for all else."`
	PageURL string `json:"pageUrl" doc:"Where customers see all contact points of the brand."`
	Version int64  `json:"version"`
}

// ContactBody is a contact point as it is made or replaced.
type ContactBody struct {
	BrandID   string    `json:"brandId" maxLength:"64"`
	InboxID   string    `json:"inboxId,omitempty" maxLength:"64" doc:"That answers there: customers see how long that usually takes."`
	Position  int       `json:"position,omitempty" minimum:"0" maximum:"100000" doc:"In the list customers see."`
	Active    bool      `json:"active"`
	Kind      string    `json:"kind" enum:"phone,mail,form,chat,social,shop,post,fax"`
	Label     FormWords `json:"label,omitempty"`
	Value     string    `json:"value,omitempty" doc:"The number, address or handle."`
	URL       string    `json:"url,omitempty" doc:"What opens; required for chat, form and social."`
	Note      FormWords `json:"note,omitempty"`
	OwnCost   FormWords `json:"cost,omitempty" doc:"What the caller pays, in place of what the number says."`
	Hours     *Hours    `json:"hours,omitempty" doc:"Absent: the brand's."`
	Always    bool      `json:"always,omitempty" doc:"Around the clock."`
	Languages []string  `json:"languages,omitempty" nullable:"false" maxItems:"20" doc:"BCP 47."`
	Access    []string  `json:"access,omitempty" nullable:"false" maxItems:"10" enum:"relay,sign,writing,wheelchair,plain"`
	PrintedOn string    `json:"printedOn,omitempty" doc:"Where it stands on paper; customers do not see it."`
}

type newContactInput struct{ Body ContactBody }

type contactInput struct {
	ByID
	Body struct {
		ContactBody
		Version int64 `json:"version,omitempty" doc:"As it was read; 0 overwrites."`
	}
}

func addContacts(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/contact-points", Permission: team.SettingsRead, Summary: "List the contact points of all brands, in their order"},
		func(ctx context.Context, _ Caller, _ *struct{}) (Page[ContactPoint], error) {
			return allOf(ctx, r, r.Contacts.List, func(p contact.Point) ContactPoint { return viewContact(r.Origin, p) })
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/contact-points", Permission: team.SettingsWrite, Summary: "Add a contact point", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newContactInput) (v ContactPoint, err error) {
			ch, err := in.Body.change()
			if err != nil {
				return v, err
			}
			p, err := r.Contacts.Create(ctx, who.Actor, ch)
			return viewContact(r.Origin, p), err
		})
	Handle(r, Op{Method: http.MethodPut, Path: "/contact-points/{id}", Permission: team.SettingsWrite, Summary: "Replace a contact point"},
		func(ctx context.Context, who Caller, in *contactInput) (v ContactPoint, err error) {
			ch, err := in.Body.change()
			if err != nil {
				return v, err
			}
			ch.Version = in.Body.Version
			p, err := r.Contacts.Change(ctx, who.Actor, in.ID, ch)
			return viewContact(r.Origin, p), err
		})
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: "/contact-points/{id}", Permission: team.SettingsWrite, Summary: "Remove a contact point"},
		func(ctx context.Context, who Caller, in *ByID) error {
			return r.Contacts.Delete(ctx, who.Actor, in.ID)
		})
}

func (b ContactBody) change() (contact.Change, error) {
	c := contact.Content{Kind: contact.Kind(b.Kind), Label: phrase.Words(b.Label), Value: b.Value, URL: b.URL, Note: phrase.Words(b.Note),
		Cost: phrase.Words(b.OwnCost), Always: b.Always, Languages: b.Languages, PrintedOn: b.PrintedOn}
	for _, a := range b.Access {
		c.Access = append(c.Access, contact.Access(a))
	}
	if b.Hours != nil {
		h, err := b.Hours.read()
		if err != nil {
			return contact.Change{}, err
		}
		c.Hours = &h
	}
	return contact.Change{BrandID: &b.BrandID, InboxID: &b.InboxID, Position: &b.Position, Content: &c, Active: &b.Active}, nil
}

func viewContact(origin string, p contact.Point) ContactPoint {
	c := p.Content
	v := ContactPoint{ID: p.ID, Version: p.Version, PageURL: origin + "/contact/" + p.BrandID, ContactBody: ContactBody{
		BrandID: p.BrandID, InboxID: p.InboxID, Position: p.Position, Active: p.Active, Kind: string(c.Kind), Label: FormWords(c.Label), Value: c.Value, URL: c.URL,
		Note: FormWords(c.Note), OwnCost: FormWords(c.Cost), Always: c.Always, Languages: append([]string{}, c.Languages...), Access: []string{}, PrintedOn: c.PrintedOn}}
	for _, a := range c.Access {
		v.Access = append(v.Access, string(a))
	}
	if c.Hours != nil {
		h := viewHours(*c.Hours)
		v.Hours = &h
	}
	if c.Kind == contact.Phone {
		v.Cost = string(contact.Classify(c.Value))
	}
	return v
}
