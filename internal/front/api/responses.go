package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Invitation is one request to one customer, or the reason why there was none.
type Invitation struct {
	ID             string      `json:"id"`
	Kind           string      `json:"kind" enum:"csat,follow-up"`
	ConversationID string      `json:"conversationId"`
	Customer       CustomerRef `json:"customer"`
	State          string      `json:"state" enum:"planned,queued,sent,answered,skipped,expired,failed"`
	Reason         *string     `json:"reason" doc:"Why it was not sent or did not arrive: off, sampled-out, cool-down, reopened, bounced…"`
	RunAt          *time.Time  `json:"runAt"`
	SentAt         *time.Time  `json:"sentAt"`
	ExpiresAt      *time.Time  `json:"expiresAt"`
	AgentID        *string     `json:"agentId"`
	TeamID         *string     `json:"teamId"`
	InboxID        string      `json:"inboxId"`
	BrandID        string      `json:"brandId"`
	CreatedAt      time.Time   `json:"createdAt"`
}

// Response is what came back.
type Response struct {
	ID             string            `json:"id"`
	InvitationID   string            `json:"invitationId"`
	Kind           string            `json:"kind" enum:"csat,follow-up"`
	ConversationID string            `json:"conversationId"`
	Customer       CustomerRef       `json:"customer"`
	Score          int               `json:"score" minimum:"1" maximum:"5"`
	Band           string            `json:"band" enum:"satisfied,neutral,dissatisfied"`
	Comment        string            `json:"comment"`
	Repeated       *bool             `json:"repeated" doc:"Whether they had to tell the same thing again; null: not asked, or not said."`
	AnsweredAt     time.Time         `json:"answeredAt"`
	ChangedAt      *time.Time        `json:"changedAt"`
	History        []ResponseVersion `json:"history" nullable:"false" doc:"Every version, oldest first; the last is the one that counts."`
	AgentID        *string           `json:"agentId"`
	TeamID         *string           `json:"teamId"`
	InboxID        string            `json:"inboxId"`
	BrandID        string            `json:"brandId"`
	CaseID         *string           `json:"caseId" doc:"The case it opened, if it did."`
}

// ResponseVersion is one version of an answer.
type ResponseVersion struct {
	Score    int       `json:"score"`
	Comment  string    `json:"comment"`
	Repeated *bool     `json:"repeated"`
	At       time.Time `json:"at"`
}

type invitationQuery struct {
	PageQuery
	State          string `query:"state" enum:"planned,queued,sent,answered,skipped,expired,failed,"`
	Reason         string `query:"reason" maxLength:"40"`
	InboxID        string `query:"inboxId" maxLength:"64"`
	BrandID        string `query:"brandId" maxLength:"64"`
	ConversationID string `query:"conversationId" maxLength:"64"`
	CustomerID     string `query:"customerId" maxLength:"64"`
}

type responseQuery struct {
	PageQuery
	Band           string `query:"band" enum:"satisfied,neutral,dissatisfied,"`
	Kind           string `query:"kind" enum:"csat,follow-up,"`
	BrandID        string `query:"brandId" maxLength:"64"`
	AgentID        string `query:"agentId" maxLength:"64"`
	ConversationID string `query:"conversationId" maxLength:"64"`
	CustomerID     string `query:"customerId" maxLength:"64"`
	From           string `query:"from" maxLength:"10" doc:"First local day, 2026-04-01; empty with to for all time."`
	To             string `query:"to" maxLength:"10" doc:"Last local day; empty for today."`
}

func addResponses(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/invitations", Permission: team.ConversationRead,
		Summary: "List survey invitations, newest first, those not sent included"},
		func(ctx context.Context, _ Caller, in *invitationQuery) (Page[Invitation], error) {
			return listInvitations(ctx, r, in)
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/responses", Permission: team.ConversationRead,
		Summary: "List survey responses, newest first"},
		func(ctx context.Context, _ Caller, in *responseQuery) (Page[Response], error) {
			return listResponses(ctx, r, in)
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/responses/{id}", Permission: team.ConversationRead, Summary: "Read a survey response"},
		func(ctx context.Context, _ Caller, in *ByID) (v Response, err error) {
			err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				found, err := r.Surveys.ResponseByID(ctx, tx, in.ID)
				if err != nil {
					return err
				}
				list, err := viewResponses(ctx, tx, []survey.Response{found})
				if err == nil {
					v = list[0]
				}
				return err
			})
			return v, err
		})
}

func listInvitations(ctx context.Context, r *Routes, in *invitationQuery) (page Page[Invitation], err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		found, err := r.Surveys.Invitations(ctx, tx, survey.InvitationQuery{State: survey.State(in.State), Reason: survey.Reason(in.Reason),
			InboxID: in.InboxID, BrandID: in.BrandID, ConversationID: in.ConversationID, CustomerID: in.CustomerID, Cursor: in.Cursor, Limit: in.Limit})
		if err != nil {
			return err
		}
		page.Next = found.Next
		page.Items, err = viewInvitations(ctx, tx, found.Items)
		return err
	})
	return page, err
}

func listResponses(ctx context.Context, r *Routes, in *responseQuery) (page Page[Response], err error) {
	q := survey.ResponseQuery{Kind: survey.Kind(in.Kind), Band: survey.Band(in.Band), BrandID: in.BrandID, AgentID: in.AgentID,
		ConversationID: in.ConversationID, CustomerID: in.CustomerID, Cursor: in.Cursor, Limit: in.Limit}
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if in.From != "" || in.To != "" {
			period, err := insight.Resolve(ctx, tx, insight.Query{BrandID: in.BrandID, From: in.From, To: in.To})
			if err != nil {
				return err
			}
			q.From, q.To = period.Start, period.End
		}
		found, err := r.Surveys.Responses(ctx, tx, q)
		if err != nil {
			return err
		}
		page.Next = found.Next
		page.Items, err = viewResponses(ctx, tx, found.Items)
		return err
	})
	return page, err
}

func viewInvitations(ctx context.Context, tx *sqldb.Tx, list []survey.Invitation) ([]Invitation, error) {
	ids := make([]string, len(list))
	for n, i := range list {
		ids[n] = i.CustomerID
	}
	people, err := insight.People(ctx, tx, ids)
	out := make([]Invitation, 0, len(list))
	for _, i := range list {
		who := people[i.CustomerID]
		if i.Address != "" {
			who.Address = i.Address // where the mail went
		}
		out = append(out, Invitation{ID: i.ID, Kind: string(i.Kind), ConversationID: i.ConversationID,
			Customer: CustomerRef{ID: i.CustomerID, Name: who.Name, Address: who.Address}, State: string(i.State), Reason: some(string(i.Reason)),
			RunAt: moment(i.RunAt), SentAt: moment(i.SentAt), ExpiresAt: moment(i.ExpiresAt), AgentID: some(i.AgentID), TeamID: some(i.TeamID),
			InboxID: i.InboxID, BrandID: i.BrandID, CreatedAt: i.CreatedAt})
	}
	return out, err
}

func viewResponses(ctx context.Context, tx *sqldb.Tx, list []survey.Response) ([]Response, error) {
	ids, customers := make([]string, len(list)), make([]string, len(list))
	for n, a := range list {
		ids[n], customers[n] = a.ID, a.CustomerID
	}
	people, err := insight.People(ctx, tx, customers)
	if err != nil {
		return nil, err
	}
	cases, err := insight.CasesOfResponses(ctx, tx, ids)
	out := make([]Response, 0, len(list))
	for _, a := range list {
		who := people[a.CustomerID]
		v := Response{ID: a.ID, InvitationID: a.InvitationID, Kind: string(a.Kind), ConversationID: a.ConversationID,
			Customer: CustomerRef{ID: a.CustomerID, Name: who.Name, Address: who.Address}, Score: a.Score, Band: string(a.Band), Comment: a.Comment, Repeated: a.Repeated,
			AnsweredAt: a.AnsweredAt, ChangedAt: moment(a.ChangedAt), History: []ResponseVersion{}, AgentID: some(a.AgentID), TeamID: some(a.TeamID),
			InboxID: a.InboxID, BrandID: a.BrandID, CaseID: some(cases[a.ID])}
		for _, h := range a.History {
			v.History = append(v.History, ResponseVersion(h))
		}
		out = append(out, v)
	}
	return out, err
}
