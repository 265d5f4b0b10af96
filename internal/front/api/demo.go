package api

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// PostOffice is the outside world of a demonstration: it holds the mail between
// the desk and made-up customers, and lets a newcomer play one.
type PostOffice interface {
	// About says who can sign in and who there is to write as.
	About() DemoAbout
	// Mails returns the mail of an address, newest first; of all for "".
	Mails(address string, limit int) []DemoMail
	// Write sends a mail to the desk as a customer.
	Write(ctx context.Context, m DemoWrite) (DemoMail, error)
	// Document returns a mail's HTML as a safe document.
	Document(id string) (string, bool)
}

// Phone is what customers of a demonstration have in their hands: it plays the
// services that channels connect to.
type Phone interface {
	// Channels lists the played services.
	Channels() []DemoChannel
	// Shops lists the companies' web pages.
	Shops() []DemoShop
	// Screen returns what somebody sees of a service, oldest first.
	Screen(kind, address string) ([]DemoLine, error)
	// Say writes to the desk as a customer.
	Say(ctx context.Context, kind string, from Addr, words string) error
}

// DemoChannel is one played service.
type DemoChannel struct {
	Kind    string `json:"kind"`
	InboxID string `json:"inboxId"`
	Locale  string `json:"locale"`
	People  []Addr `json:"people" nullable:"false"`
}

// DemoShop is the web page of a company, with its chat and its contact points.
type DemoShop struct {
	Name    string   `json:"name"`
	Locale  string   `json:"locale"`
	BrandID string   `json:"brandId"`
	InboxID string   `json:"inboxId" doc:"Of the chat."`
	Items   []string `json:"items" nullable:"false" doc:"What it sells."`
}

// DemoLine is one message on a customer's screen.
type DemoLine struct {
	Ours bool      `json:"ours" doc:"From the desk."`
	Text string    `json:"text"`
	File string    `json:"file"`
	At   time.Time `json:"at"`

	Choices []string `json:"choices,omitempty" doc:"Quick replies below it."`
}

// DemoAbout introduces a demonstration.
type DemoAbout struct {
	Logins    []DemoLogin   `json:"logins" nullable:"false"`
	Inboxes   []DemoInbox   `json:"inboxes" nullable:"false"`
	Customers []Addr        `json:"customers" nullable:"false"`
	Channels  []DemoChannel `json:"channels" nullable:"false" doc:"Services on customers' telephones."`
	Shops     []DemoShop    `json:"shops" nullable:"false" doc:"Web pages of the companies."`
}

// DemoLogin is an account of the demonstration.
type DemoLogin struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Role     string `json:"role"`
	Brand    string `json:"brand"`
}

// DemoInbox is a desk to write to.
type DemoInbox struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Locale  string `json:"locale"`
}

// DemoMail is one mail as its recipient sees it.
type DemoMail struct {
	ID        string    `json:"id"`
	Direction string    `json:"direction" enum:"in,out" doc:"out: from the desk to a customer"`
	From      Addr      `json:"from"`
	To        Addr      `json:"to"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	HasHTML   bool      `json:"hasHtml"`
	At        time.Time `json:"at"`
}

// DemoWrite is a mail that a newcomer writes as a customer.
type DemoWrite struct {
	From      Addr   `json:"from"`
	To        string `json:"to" maxLength:"320"`
	Subject   string `json:"subject" maxLength:"1000"`
	Text      string `json:"text" maxLength:"20000"`
	InReplyTo string `json:"inReplyTo,omitempty" maxLength:"64" doc:"The mail that is answered."`
}

func aboutDemo(r *Routes) DemoAbout {
	about := r.PostOffice.About()
	about.Channels, about.Shops = []DemoChannel{}, []DemoShop{}
	if r.Phone != nil {
		about.Channels, about.Shops = r.Phone.Channels(), r.Phone.Shops()
	}
	return about
}

// maxSaid is the longest message that a newcomer writes, in bytes.
const maxSaid = 4_000

func addPhone(r *Routes, tag string) {
	type screenInput struct {
		Kind    string `query:"kind" maxLength:"40"`
		Address string `query:"address" maxLength:"320"`
	}
	Handle(r, Op{Method: http.MethodGet, Path: "/demo/screen", Permission: Public, Tag: tag, Summary: "What a customer sees of a service"},
		func(_ context.Context, _ Caller, in *screenInput) (Page[DemoLine], error) {
			lines, err := r.Phone.Screen(in.Kind, in.Address)
			return Page[DemoLine]{Items: lines}, err
		})
	HandleEmpty(r, Op{Method: http.MethodPost, Path: "/demo/screen", Permission: Public, Tag: tag, Summary: "Write to the desk on a service"},
		func(ctx context.Context, _ Caller, in *struct {
			Body struct {
				Kind string `json:"kind" maxLength:"40"`
				From Addr   `json:"from"`
				Text string `json:"text" maxLength:"4000"`
			}
		}) error {
			var c fault.Check
			c.Require(strings.TrimSpace(in.Body.Text) != "" && len(in.Body.Text) <= maxSaid*4, "body.text")
			if err := c.Err(); err != nil {
				return err
			}
			return r.Phone.Say(ctx, in.Body.Kind, in.Body.From, in.Body.Text)
		})
}

func addDemo(r *Routes) {
	if r.PostOffice == nil {
		return
	}
	const tag = "demo"
	if r.Phone != nil {
		addPhone(r, tag)
	}
	Handle(r, Op{Method: http.MethodGet, Path: "/demo", Permission: Public, Tag: tag, Summary: "Who is who in this demonstration"},
		func(context.Context, Caller, *struct{}) (DemoAbout, error) { return aboutDemo(r), nil })
	Handle(r, Op{Method: http.MethodGet, Path: "/demo/mails", Permission: Public, Tag: tag, Summary: "The mail of an address"},
		func(_ context.Context, _ Caller, in *struct {
			Address string `query:"address" maxLength:"320"`
			Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (Page[DemoMail], error) {
			return Page[DemoMail]{Items: r.PostOffice.Mails(in.Address, in.Limit)}, nil
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/demo/mails", Permission: Public, Tag: tag, Summary: "Write to the desk as a customer", Status: http.StatusCreated},
		func(ctx context.Context, _ Caller, in *struct{ Body DemoWrite }) (DemoMail, error) {
			return r.PostOffice.Write(ctx, in.Body)
		})
	Register(r, Op{Method: http.MethodGet, Path: "/demo/mails/{id}/document", Permission: Public, Tag: tag, Summary: "A mail as its recipient sees it"},
		func(_ context.Context, _ Caller, in *ByID) (*stream, error) {
			page, ok := r.PostOffice.Document(in.ID)
			if !ok {
				return nil, fault.New(fault.NotFound, "error.notFound")
			}
			return &stream{ContentType: "text/html; charset=utf-8", CacheControl: "no-store",
				Security: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
				Body:     func(hc huma.Context) { _, _ = io.WriteString(hc.BodyWriter(), page) }}, nil // a reader who left needs nothing
		})
}
