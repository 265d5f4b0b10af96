package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// LedgerRow is one mail that came, and what became of it.
type LedgerRow struct {
	ID             string    `json:"id"`
	InboxID        string    `json:"inboxId"`
	Source         string    `json:"source"`
	ExternalID     string    `json:"externalId"`
	ReceivedAt     time.Time `json:"receivedAt"`
	State          string    `json:"state" enum:"linked,duplicate,auto-reply,bounce,spam,quarantined"`
	Reason         string    `json:"reason" doc:"Why, in the reader's language; empty when there is nothing to say."`
	From           string    `json:"from"`
	Subject        string    `json:"subject"`
	Size           int64     `json:"size"`
	ConversationID *string   `json:"conversationId"`
	MessageID      *string   `json:"messageId"`
	Attempts       int       `json:"attempts" doc:"How often a person had it tried again."`
	Retryable      bool      `json:"retryable"`
}

type ledgerInput struct {
	PageQuery
	State   string `query:"state" enum:"linked,duplicate,auto-reply,bounce,spam,quarantined,"`
	InboxID string `query:"inboxId" maxLength:"64"`
}

// ledgerRoutes serves the ledger.
type ledgerRoutes struct{ *Routes }

func addLedger(routes *Routes) {
	r := ledgerRoutes{routes}
	Handle(r.Routes, Op{Method: http.MethodGet, Path: "/ledger", Permission: team.LedgerRead, Summary: "List every mail that came, newest first"},
		func(ctx context.Context, who Caller, in *ledgerInput) (page Page[LedgerRow], err error) {
			page.Items = []LedgerRow{}
			err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				found, err := r.Door.Ledger(ctx, tx, intake.Query{State: intake.State(in.State), InboxID: in.InboxID, Cursor: in.Cursor, Limit: in.Limit})
				for _, e := range found.Items {
					page.Items = append(page.Items, r.ledgerRow(who.Locale, e))
				}
				page.Next = found.Next
				return err
			})
			return page, err
		})
	Register(r.Routes, Op{Method: http.MethodGet, Path: "/ledger/{id}/raw", Permission: team.LedgerRead, Summary: "Download a mail as it came"},
		func(ctx context.Context, _ Caller, in *ByID) (*stream, error) { return r.rawOf(ctx, in.ID) })
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/ledger/{id}/retry", Permission: team.LedgerRetry, Summary: "Let a quarantined or spam-marked mail in"},
		func(ctx context.Context, who Caller, in *ByID) (LedgerRow, error) {
			e, err := r.Door.Retry(ctx, who.Actor, in.ID)
			return r.ledgerRow(who.Locale, e), err
		})
}

func (r ledgerRoutes) ledgerRow(lang string, e intake.Entry) LedgerRow {
	row := LedgerRow{
		ID: e.ID, InboxID: e.InboxID, Source: e.Source, ExternalID: e.ExternalID, ReceivedAt: e.ReceivedAt, State: string(e.State),
		From: e.Sender, Subject: e.Subject, Size: e.Size, ConversationID: some(string(e.ConversationID)), MessageID: some(string(e.MessageID)),
		Attempts: e.Attempts, Retryable: e.Retryable(),
	}
	if e.Reason != "" {
		row.Reason = r.Phrases.Text(lang, e.Reason, map[string]any{"reason": e.Detail})
	}
	return row
}

// rawOf answers with the bytes of an entry of the ledger.
func (r ledgerRoutes) rawOf(ctx context.Context, entryID string) (*stream, error) {
	e, body, err := r.Door.Raw(ctx, entryID)
	if err != nil {
		return nil, err
	}
	name := e.Subject
	if name == "" {
		name = "mail"
	}
	return download(name+".eml", "message/rfc822", body), nil
}
