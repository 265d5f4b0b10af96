package survey

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Purpose marks the letters of this package in the outbox.
const Purpose = "survey"

// The duties of this package; the key of each is the invitation's id.
const (
	sendDuty   = "survey.send"
	expireDuty = "survey.expire"
)

// Tools are what a Program works with.
type Tools struct {
	DB        *sqldb.DB
	IDs       *id.Source
	Journal   *event.Journal
	Queue     *job.Queue
	Brands    *brand.Brands
	Customers *customer.Book
	Inboxes   *inbox.Inboxes
	Threads   *conversation.Threads
	Post      *delivery.Post
	Words     *phrase.Catalogue
	// PublicURL is how customers reach this instance, "https://desk.example".
	PublicURL string
}

// Program asks customers and keeps their answers. Make it with New; it is safe
// for concurrent use.
type Program struct {
	Tools
	Records
	writer *writer
}

// New returns a Program and registers its duties with the queue.
func New(t Tools) (*Program, error) {
	w, err := newWriter(t.Words)
	if err != nil {
		return nil, fmt.Errorf("the template of survey mail: %w", err)
	}
	t.PublicURL = strings.TrimRight(t.PublicURL, "/")
	p := &Program{Tools: t, writer: w}
	t.Queue.Do(sendDuty, p.send)
	t.Queue.Do(expireDuty, p.expire)
	return p, nil
}

// duty is the data of both duties.
type duty struct {
	InvitationID string `json:"invitationId"`
}

func system() actor.Actor { return actor.OfSystem("survey") }

// Policy returns an inbox's policy; DefaultPolicy if nobody has set one.
func (Records) Policy(ctx context.Context, tx *sqldb.Tx, inboxID string) (Policy, error) {
	return policyOf(ctx, tx, inboxID)
}

// Policies returns the policies that were set, by inbox.
func (Records) Policies(ctx context.Context, tx *sqldb.Tx) (map[string]Policy, error) {
	out := map[string]Policy{}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		p, err := scanPolicy(r)
		out[p.InboxID] = p
		return err
	}, `SELECT `+policyColumns+` FROM survey_policy`)
	return out, err
}

// SetPolicy sets an inbox's policy. What is planned already is looked at under
// the new policy when it is due. With a Version it is set only if it was read at
// that one: else fault.Conflict "error.stale". fault.Invalid with fields;
// fault.NotFound if there is no such inbox.
func (p *Program) SetPolicy(ctx context.Context, by actor.Actor, policy Policy) (Policy, error) {
	policy = policy.tidy()
	if err := policy.check(); err != nil {
		return Policy{}, err
	}
	expected := policy.Version
	err := p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := p.Inboxes.ByID(ctx, tx, policy.InboxID); err != nil {
			return err
		}
		if err := tx.Lock(ctx, "inbox", policy.InboxID); err != nil {
			return err
		}
		was, err := policyOf(ctx, tx, policy.InboxID)
		if err != nil {
			return err
		}
		if expected != 0 && max(expected, 0) != was.Version {
			return fault.New(fault.Conflict, "error.stale")
		}
		policy.UpdatedAt = tx.Now
		p.Journal.Emit(tx, PolicyFact, policy.InboxID, by, struct{}{})
		return savePolicy(ctx, tx, &policy)
	})
	return policy, err
}

func minutesToDuration(n int64) time.Duration { return time.Duration(n) * time.Minute }

func durationToMinutes(d time.Duration) int64 { return int64(d / time.Minute) }
