package app

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// listeners is the one table of the product: fact → who listens. The name of a
// reaction stays the same for ever, as waiting duties are found by it.
func (a *App) listeners() {
	j := a.journal

	// serve
	j.Listen(inbox.ChangedFact, "delivery.inbox", a.outbox.OnInbox)
	event.On(j, delivery.Changed, "conversation.delivery", a.outbox.Present(a.threads.Reactor().OnDelivery))
	event.On(j, conversation.ReceivedFact, "search.message", a.finder.OnMessage)
	event.On(j, conversation.PostedFact, "search.message", a.finder.OnMessage)
	event.On(j, conversation.NotedFact, "search.message", a.finder.OnMessage)
	event.On(j, conversation.AmendedFact, "search.message", a.finder.OnMessage)
	j.Listen(conversation.OpenedFact, "search.conversation", a.finder.OnConversation)
	j.Listen(conversation.UpdatedFact, "search.conversation", a.finder.OnConversation)
	j.Listen(customer.CreatedFact, "search.customer", a.finder.OnCustomer)
	j.Listen(customer.UpdatedFact, "search.customer", a.finder.OnCustomer)
	j.Listen(customer.MergedFact, "search.customer", a.finder.OnCustomerMerged)
	event.On(j, customer.MergedFact, "conversation.customer", a.customers.Present(a.threads.Reactor().OnCustomerMerged))
	event.On(j, customer.UpdatedFact, "conversation.named", a.threads.Reactor().OnCustomerNamed)
	event.On(j, conversation.ReceivedFact, "form.received", a.forms.OnReceived)
	event.On(j, team.AgentUpdatedFact, "conversation.agent", a.threads.Reactor().OnAgent)

	// listen
	event.On(j, conversation.ResolvedFact, "survey.plan", a.program.OnResolved)
	event.On(j, delivery.Changed, "survey.delivery", a.outbox.Present(a.program.OnDelivery))
	event.On(j, customer.MergedFact, "survey.customer", a.customers.Present(a.program.OnCustomerMerged))
	event.On(j, customer.PartedFact, "survey.parted", a.customers.PresentParted(survey.OnCustomerParted))

	// mend
	event.On(j, survey.RespondedFact, "recovery.response", a.recovery.Cases.OnResponded)
	event.On(j, survey.UnansweredFact, "recovery.silence", a.recovery.Cases.OnUnanswered)
	event.On(j, survey.SkippedFact, "recovery.skipped", a.recovery.Cases.OnSkipped)
	event.On(j, conversation.TaggedFact, "recovery.complaint", a.recovery.Cases.OnTagged)
	event.On(j, conversation.MergedFact, "recovery.conversation", a.recovery.Cases.OnConversationMerged)
	event.On(j, conversation.UnmergedFact, "recovery.conversation", a.recovery.Cases.OnConversationUnmerged)
	event.On(j, customer.MergedFact, "recovery.customer", a.customers.Present(a.recovery.Cases.OnCustomerMerged))
	event.On(j, customer.PartedFact, "recovery.parted", a.customers.PresentParted(a.recovery.Cases.OnCustomerParted))
	event.On(j, delivery.Changed, "recovery.delivery", a.outbox.Present(a.recovery.Cases.OnDelivery))
	event.On(j, team.AgentUpdatedFact, "recovery.agent", a.recovery.Cases.OnAgent)
	event.On(j, recovery.OpenedFact, "recovery.tellOpened", a.recovery.Chronicle.TellOpened)
	event.On(j, recovery.UpdatedFact, "recovery.tellUpdated", a.recovery.Chronicle.TellUpdated)
	event.On(j, recovery.ClosedFact, "recovery.tellClosed", a.recovery.Chronicle.TellClosed)

	// tell the agents
	event.On(j, recovery.OpenedFact, "notice.opened", a.bell.OnCaseOpened)
	event.On(j, recovery.UpdatedFact, "notice.updated", a.bell.OnCaseUpdated)
	event.On(j, recovery.EscalatedFact, "notice.escalated", a.bell.OnEscalated)
	event.On(j, recovery.BrokenFact, "notice.promise", a.bell.OnPromiseBroken)
	event.On(j, conversation.NotedFact, "notice.mention", a.bell.OnNoted)
	event.On(j, conversation.AssignedFact, "notice.assigned", a.bell.OnAssigned)
	event.On(j, conversation.ReleasedFact, "notice.released", a.bell.OnReleased)
	event.On(j, conversation.DeliveredFact, "chat.mail", a.byMail.OnDelivered)
	event.On(j, conversation.DeliveredFact, "chat.push", a.push.OnDelivered)
	event.On(j, delivery.Changed, "chat.letter", a.outbox.Present(a.byMail.OnLetter))
	event.On(j, inbox.HealthFact, "notice.inbox", a.bell.OnInboxHealth)
	event.On(j, inbox.ExpiryFact, "notice.expiry", a.bell.OnInboxExpiry)
}

// Recurring duties.
const (
	sweepDuty  = "app.sweep"
	sweepEvery = 24 * time.Hour
	// looseAfter is how old a file that no row mentions must be before it is
	// removed: the transaction that mentions it may still be under way. (How long
	// an upload may wait to be sent is conversation's own rule.)
	looseAfter = 48 * time.Hour
	// leftAfter is how long bytes may come in before they are what a crash left.
	leftAfter = time.Hour
)

// duties registers what comes back by itself and makes sure that it is planned.
func (a *App) duties(ctx context.Context) error {
	a.queue.Every(sweepDuty, func(now time.Time) time.Time { return now.Add(sweepEvery) }, sweeper{a}.rows)
	a.queue.Lane(housekeeping, 1)
	a.queue.Call(sweepFiles, housekeeping, time.Hour, sweeper{a}.files)
	roller{a}.register()
	return a.db.Write(ctx, func(tx *sqldb.Tx) error {
		return a.queue.Start(ctx, tx, sweepDuty)
	})
}

const (
	housekeeping = "housekeeping"
	sweepFiles   = "app.sweepFiles"
)

// sweeper forgets what nobody needs any more.
type sweeper struct{ *App }

// rows forgets uploads that were never sent, visitors who never came back, and
// addresses that nobody has confirmed.
func (a sweeper) rows(ctx context.Context, tx *sqldb.Tx, _ job.Job) error {
	if _, err := a.App.files.SweepTx(ctx, tx); err != nil {
		return err
	}
	if _, err := a.chat.Sweep(ctx, tx); err != nil {
		return err
	}
	if err := a.claims.Sweep(ctx, tx); err != nil {
		return err
	}
	return a.queue.Add(ctx, tx, job.Duty{Kind: sweepFiles, Key: job.Recurring})
}

// files removes files that nothing mentions and that are old enough not to
// belong to a transaction under way.
func (a sweeper) files(ctx context.Context, _ job.Job) error {
	known := map[string]bool{}
	err := a.db.Read(ctx, func(tx *sqldb.Tx) error {
		keys, err := mentioned(ctx, tx)
		for _, k := range keys {
			known[k] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	now := clock.System{}.Now() // file times are the machine's
	if _, err := a.blobs.Sweep(ctx, now.Add(-looseAfter), func(key string) bool { return known[key] }); err != nil {
		return err
	}
	_, err = a.blobs.Tidy(ctx, now.Add(-leftAfter))
	return err
}
