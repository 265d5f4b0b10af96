package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Customer is a person we serve.
type Customer struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Locale       string         `json:"locale" enum:"ja,en,"`
	Points       []Point        `json:"points" nullable:"false"`
	Organization string         `json:"organization"`
	Note         string         `json:"note"`
	Prefers      string         `json:"prefers" doc:"The kind of point at which they like to be reached; empty for any."`
	HoursFrom    string         `json:"hoursFrom" doc:"18:00 on the brand's clock; empty with hoursTo for any."`
	HoursTo      string         `json:"hoursTo"`
	CreatedAt    time.Time      `json:"createdAt"`
	LastSeenAt   *time.Time     `json:"lastSeenAt"`
	Counts       CustomerCounts `json:"counts"`
	Joins        []CustomerJoin `json:"joins" nullable:"false" doc:"Of a customer read alone: what they were made one of, the latest first, where it can be taken back."`
	Claims       []Claim        `json:"claims" nullable:"false" doc:"Of a customer read alone: mail addresses they told that nobody has confirmed."`
	Version      int64          `json:"version"`
}

// CustomerJoin is that another record of a customer was made one with theirs.
type CustomerJoin struct {
	ID     string    `json:"id"`
	FromID string    `json:"fromId" doc:"The customer who was taken in."`
	Name   string    `json:"name" doc:"What they are called: a name, else an address."`
	Proven bool      `json:"proven" doc:"Found by proof, and not by an agent's decision."`
	Agent  *string   `json:"agentId"`
	At     time.Time `json:"at"`
}

// Point is one address of a customer.
type Point struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind" doc:"email, phone, or the name of a channel."`
	Address   string     `json:"address"`
	EndedAt   *time.Time `json:"endedAt" doc:"Since when the customer wants no messages there."`
	BouncedAt *time.Time `json:"bouncedAt" doc:"When mail to it was last reported as not delivered."`
}

// CustomerCounts says how much there is of a customer.
type CustomerCounts struct {
	Conversations int `json:"conversations"`
	Cases         int `json:"cases"`
	Responses     int `json:"responses"`
}

type customersInput struct {
	PageQuery
	Q string `query:"q" maxLength:"300" doc:"The beginning of a name, an address or its domain."`
}

type customerPatchInput struct {
	ByID
	Body struct {
		Name         *string `json:"name,omitempty"`
		Locale       *string `json:"locale,omitempty" enum:"ja,en,"`
		Organization *string `json:"organization,omitempty"`
		Note         *string `json:"note,omitempty"`
		Prefers      *string `json:"prefers,omitempty" maxLength:"40"`
		HoursFrom    *string `json:"hoursFrom,omitempty" maxLength:"5"`
		HoursTo      *string `json:"hoursTo,omitempty" maxLength:"5"`
		Version      int64   `json:"version,omitempty" doc:"The version it was read at; 0 overwrites."`
	}
}

func addCustomers(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/customers", Permission: team.CustomerRead, Summary: "List customers, the last seen first"},
		func(ctx context.Context, _ Caller, in *customersInput) (Page[Customer], error) {
			return listCustomers(ctx, r, in)
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/customers/{id}", Permission: team.CustomerRead, Summary: "Read a customer; a merged one's id gives who took them in"},
		func(ctx context.Context, _ Caller, in *ByID) (Customer, error) { return customerByID(ctx, r, in.ID) })
	Handle(r, Op{Method: http.MethodPatch, Path: "/customers/{id}", Permission: team.CustomerWrite, Summary: "Change what we know of a customer"},
		func(ctx context.Context, who Caller, in *customerPatchInput) (Customer, error) {
			b := in.Body
			c, err := r.Customers.Change(ctx, who.Actor, in.ID, customer.Change{
				Name: b.Name, Locale: b.Locale, Organization: b.Organization, Note: b.Note, Prefers: b.Prefers, HoursFrom: b.HoursFrom, HoursTo: b.HoursTo, Version: b.Version,
			})
			if err != nil {
				return Customer{}, err
			}
			return customerByID(ctx, r, c.ID)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/customers/{id}/merge", Permission: team.CustomerWrite, Summary: "Make two records of one person one; part takes it back"},
		func(ctx context.Context, who Caller, in *intoInput) (Customer, error) {
			c, err := r.Customers.Merge(ctx, who.Actor, in.ID, in.Body.IntoID)
			if err != nil {
				return Customer{}, err
			}
			return customerByID(ctx, r, c.ID)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/customers/joins/{id}/part", Permission: team.CustomerWrite,
		Summary: "Make two customers of who was made one; answers with who was taken in"},
		func(ctx context.Context, who Caller, in *ByID) (Customer, error) {
			back, err := conversation.ClerkOf(r.Threads).Part(ctx, who.Actor, in.ID)
			if err != nil {
				return Customer{}, err
			}
			return customerByID(ctx, r, back.ID)
		})
	addClaims(r)
	addTimeline(r)
}

func customerByID(ctx context.Context, r *Routes, id string) (v Customer, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		c, err := r.Customers.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		list, err := viewCustomers(ctx, tx, []customer.Customer{c})
		if err != nil {
			return err
		}
		v = list[0]
		joins, err := r.Customers.Joins(ctx, tx, c.ID)
		for _, j := range joins {
			v.Joins = append(v.Joins, CustomerJoin{ID: j.ID, FromID: j.From, Name: j.Name, Proven: j.Proven, Agent: some(j.By.AgentID()), At: j.At})
		}
		if err != nil {
			return err
		}
		claims, err := r.Claims.Of(ctx, tx, c.ID)
		for _, one := range claims {
			v.Claims = append(v.Claims, viewClaim(one))
		}
		return err
	})
	return v, err
}

func listCustomers(ctx context.Context, r *Routes, in *customersInput) (page Page[Customer], err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		found, err := r.Customers.List(ctx, tx, customer.Query{Text: in.Q, Cursor: in.Cursor, Limit: in.Limit})
		if err != nil {
			return err
		}
		page.Next = found.Next
		page.Items, err = viewCustomers(ctx, tx, found.Items)
		return err
	})
	return page, err
}

// viewCustomers completes customers with what other slices know of them.
func viewCustomers(ctx context.Context, tx *sqldb.Tx, list []customer.Customer) ([]Customer, error) {
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	counts, err := insight.CountByCustomer(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Customer, 0, len(list))
	for _, c := range list {
		v := Customer{
			ID: c.ID, Name: c.Name, Locale: c.Locale, Points: []Point{}, Joins: []CustomerJoin{}, Claims: []Claim{}, Organization: c.Organization, Note: c.Note, Prefers: c.Prefers, HoursFrom: c.HoursFrom, HoursTo: c.HoursTo,
			CreatedAt: c.CreatedAt, LastSeenAt: moment(c.SeenAt), Counts: CustomerCounts(counts[c.ID]), Version: c.Version,
		}
		for _, p := range c.Points {
			v.Points = append(v.Points, Point{ID: p.ID, Kind: p.Kind, Address: p.Address, BouncedAt: moment(p.BouncedAt), EndedAt: moment(p.EndedAt)})
		}
		out = append(out, v)
	}
	return out, nil
}
