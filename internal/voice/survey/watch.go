package survey

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// OnDelivery follows the letter of an invitation.
func (p *Program) OnDelivery(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d delivery.ChangedData) error {
	if d.Purpose != Purpose {
		return nil
	}
	i, err := lockInvitation(ctx, tx, d.SubjectID)
	if fault.Is(err, fault.NotFound) {
		return nil // a letter of another kind, or of a customer who was forgotten
	}
	if err != nil {
		return err
	}
	was := i
	i.State, i.Reason = followed(i.State, d.State)
	if d.State == delivery.Sent && i.SentAt.IsZero() {
		i.SentAt = tx.Now
	}
	if i == was {
		return nil
	}
	switch {
	case i.State == Failed && was.State != Failed:
		p.Journal.Emit(tx, SkippedFact, i.ID, system(), SkippedData{InvitedData: i.facts(), Reason: string(i.Reason)})
		err = p.Queue.Cancel(ctx, tx, expireDuty, i.ID)
	case i.State != Failed && was.State == Failed: // somebody had it sent again
		err = p.expireLater(ctx, tx, i)
	}
	if err != nil {
		return err
	}
	return saveInvitation(ctx, tx, i)
}

func (p *Program) expireLater(ctx context.Context, tx *sqldb.Tx, i Invitation) error {
	return p.Queue.Add(ctx, tx, job.Duty{Kind: expireDuty, Key: i.ID, Subject: i.ID, Data: duty{i.ID}, RunAt: i.ExpiresAt})
}

// followed is the table of what the outbox's news mean. An answer is proof of
// arrival, and an invitation that ended stays ended.
func followed(now State, letter delivery.State) (State, Reason) {
	if now != Queued && now != Sent && now != Failed {
		return now, ""
	}
	switch letter {
	case delivery.Sent:
		return Sent, ""
	case delivery.Bounced:
		return Failed, Bounced
	case delivery.Failed:
		return Failed, Refused
	case delivery.Cancelled:
		return Failed, Cancelled
	case delivery.Ambiguous:
		return Queued, Unsure
	case delivery.Held, delivery.Queued, delivery.Sending:
		if now == Failed { // somebody has it sent again
			return Queued, ""
		}
	}
	return now, ""
}

// expire ends an invitation that nobody answered.
func (p *Program) expire(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	var d duty
	if err := j.Decode(&d); err != nil {
		return job.Give(err)
	}
	i, err := lockInvitation(ctx, tx, d.InvitationID)
	if err != nil || (i.State != Queued && i.State != Sent) {
		return err
	}
	if i.ExpiresAt.After(tx.Now) {
		return job.Later(i.ExpiresAt)
	}
	i.State = Expired
	p.Journal.Emit(tx, UnansweredFact, i.ID, system(), i.facts())
	return saveInvitation(ctx, tx, i)
}

// OnCustomerMerged lets what belonged to a merged customer follow the merge.
func (p *Program) OnCustomerMerged(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d customer.MergedData) error {
	for _, statement := range []string{
		`UPDATE invitation SET customer_id = $2 WHERE customer_id = $1`,
		`UPDATE response SET customer_id = $2 WHERE customer_id = $1`,
		moveOptOutSQL,
	} {
		if _, err := tx.Exec(ctx, statement, d.From, d.Into); err != nil {
			return err
		}
	}
	return nil
}

const (
	partInvitationSQL = `UPDATE invitation SET customer_id = $2 WHERE customer_id = $1 AND conversation_id IN (SELECT id FROM conversation WHERE customer_id = $2)`
	partResponseSQL   = `UPDATE response SET customer_id = $2 WHERE customer_id = $1 AND conversation_id IN (SELECT id FROM conversation WHERE customer_id = $2)`
	partOptOutSQL     = `UPDATE survey_optout SET customer_id = $2 WHERE customer_id = $1
AND (SELECT COUNT(*) FROM point p WHERE p.customer_id = $2 AND p.address_key = survey_optout.address_key) > 0`
)

// OnCustomerParted reacts to customer.parted: what was asked about a conversation
// goes back with it, and a refusal with its address.
func OnCustomerParted(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d customer.PartedData) error {
	for _, holder := range d.Through {
		for _, statement := range []string{partInvitationSQL, partResponseSQL, partOptOutSQL} {
			if _, err := tx.Exec(ctx, statement, holder, d.Back); err != nil {
				return err
			}
		}
	}
	return nil
}
