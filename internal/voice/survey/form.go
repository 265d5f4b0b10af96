package survey

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Stage says what a customer can do with an invitation.
type Stage string

// The stages.
const (
	Unanswered Stage = "unanswered" // can be answered until Form.Until
	Changeable Stage = "changeable" // answered; can be changed until Form.Until
	Final      Stage = "final"      // answered, and no longer to be changed
	Over       Stage = "over"       // not answered in time; it ended at Form.Until
)

// Form is what the holder of a token sees.
type Form struct {
	InvitationID string
	Kind         Kind
	Brand        brand.Brand
	Locale       string // the language the mail was written in
	Ref          int64
	Subject      string            // of the conversation
	Own          map[string]string // the inbox's own wording of the question, by language
	Stage        Stage
	Until        time.Time
	Score        int // 0: none yet
	Band         Band
	Comment      string
	AsksRepeat   bool  // asks also whether the customer had to tell the same thing again
	Repeated     *bool // what they said to that; nil: nothing
	Stopped      bool  // no survey mail goes to this customer any more
}

// Form returns what belongs to a token and writes nothing. fault.NotFound if
// the token belongs to no invitation that was sent.
func (p *Program) Form(ctx context.Context, token string) (f Form, err error) {
	err = p.DB.Read(ctx, func(tx *sqldb.Tx) error {
		i, err := byToken(ctx, tx, token)
		if err != nil {
			return err
		}
		f, err = p.form(ctx, tx, i)
		return err
	})
	return f, err
}

// byToken finds the invitation of a token. One that was never sent has no token.
func byToken(ctx context.Context, tx *sqldb.Tx, token string) (Invitation, error) {
	i, err := invitationByToken(ctx, tx, seal.Hash(token))
	if err == nil && (i.State == Planned || i.State == Skipped) {
		return Invitation{}, fault.New(fault.NotFound, "error.survey.missing")
	}
	return i, err
}

func (p *Program) form(ctx context.Context, tx *sqldb.Tx, i Invitation) (Form, error) {
	f := Form{InvitationID: i.ID, Kind: i.Kind, Locale: i.Locale}
	var err error
	if f.Brand, err = p.Brands.ByID(ctx, tx, i.BrandID); err != nil {
		return f, err
	}
	c, err := p.Threads.ByID(ctx, tx, conversation.ID(i.ConversationID))
	if err != nil {
		return f, err
	}
	f.Ref, f.Subject = c.Ref, c.Subject
	if err := asOfPolicy(ctx, tx, i, &f); err != nil {
		return f, err
	}
	a, answered, err := responseOf(ctx, tx, i.ID)
	if err != nil {
		return f, err
	}
	f.Score, f.Band, f.Comment, f.Repeated = a.Score, a.Band, a.Comment, a.Repeated
	f.AsksRepeat = f.AsksRepeat || a.Repeated != nil // what was answered can be changed
	f.Stage, f.Until = stage(i, a, answered, tx.Now)
	f.Stopped, err = optedOut(ctx, tx, i.Address, i.CustomerID)
	return f, err
}

// asOfPolicy fills in what the inbox asks and how; a follow-up has a question of
// its own and no other.
func asOfPolicy(ctx context.Context, tx *sqldb.Tx, i Invitation, f *Form) error {
	if i.Kind != CSAT {
		return nil
	}
	policy, err := policyOf(ctx, tx, i.InboxID)
	f.Own, f.AsksRepeat = policy.Question, policy.AsksRepeat
	return err
}

// stage is what can be done now, and until when.
func stage(i Invitation, a Response, answered bool, now time.Time) (Stage, time.Time) {
	if answered {
		until := a.AnsweredAt.Add(ChangeFor)
		if now.Before(until) {
			return Changeable, until
		}
		return Final, until
	}
	if now.Before(i.ExpiresAt) {
		return Unanswered, i.ExpiresAt
	}
	return Over, i.ExpiresAt
}

func byCustomer(i Invitation) actor.Actor { return actor.ForCustomer(i.CustomerID) }
