package api

import (
	"context"
	"io"
	"net/http"
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

// DemoAbout introduces a demonstration.
type DemoAbout struct {
	Logins    []DemoLogin `json:"logins" nullable:"false"`
	Inboxes   []DemoInbox `json:"inboxes" nullable:"false"`
	Customers []Addr      `json:"customers" nullable:"false"`
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

func addDemo(r *Routes) {
	if r.PostOffice == nil {
		return
	}
	const tag = "demo"
	Handle(r, Op{Method: http.MethodGet, Path: "/demo", Permission: Public, Tag: tag, Summary: "Who is who in this demonstration"},
		func(context.Context, Caller, *struct{}) (DemoAbout, error) { return r.PostOffice.About(), nil })
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
