package survey

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// OnResolved plans the invitation of a resolution, or notes why there is none.
func (p *Program) OnResolved(ctx context.Context, tx *sqldb.Tx, f event.Fact, d conversation.ResolvedData) error {
	_, err := p.plan(ctx, tx, wish{kind: CSAT, conversationID: f.Subject, try: d.Resolution, openFor: OpenFor, agentID: d.AgentID})
	return err
}

// Ask is a wish of another package to ask a customer.
type Ask struct {
	Kind           Kind          // "": FollowUp
	Link           string        // opaque; comes back in every fact
	ConversationID string        // whose customer is asked, in whose thread
	Delay          time.Duration // from now to the mail, quiet hours aside
	OpenFor        time.Duration // how long it can be answered; 0: OpenFor
}

// AskTx plans an invitation, whatever the sampling and the cool-down say, and
// returns its id. While an earlier one with the same Link still waits for its
// answer nothing is added and that one's id is returned; afterwards the next
// call asks once more. What stands in the way (no address, an opt-out…) is not
// an error: it comes as SkippedFact, at once or when the invitation is due.
func (p *Program) AskTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, a Ask) (string, error) {
	if a.Kind == "" {
		a.Kind = FollowUp
	}
	if a.OpenFor <= 0 {
		a.OpenFor = OpenFor
	}
	if err := tx.Serialize(ctx, "survey ask "+a.ConversationID); err != nil { // two askers at once
		return "", err
	}
	last, found, err := lastAsked(ctx, tx, a.ConversationID, a.Kind, a.Link)
	if err != nil {
		return "", err
	}
	if found && (last.State == Planned || last.State == Queued || last.State == Sent) {
		return last.ID, nil
	}
	i, err := p.plan(ctx, tx, wish{kind: a.Kind, link: a.Link, conversationID: a.ConversationID, try: last.Resolution + 1,
		delay: a.Delay, openFor: a.OpenFor})
	return i.ID, err
}

// wish is what is to be planned.
type wish struct {
	kind           Kind
	link           string
	conversationID string
	try            int // the resolution, or which try
	delay          time.Duration
	openFor        time.Duration
	agentID        string // who is responsible, where the conversation names nobody
}

func (p *Program) plan(ctx context.Context, tx *sqldb.Tx, w wish) (Invitation, error) {
	i := Invitation{ID: p.IDs.New("inv"), Kind: w.kind, Link: w.link, ConversationID: w.conversationID, Resolution: w.try,
		AgentID: w.agentID, State: Planned, CreatedAt: tx.Now}
	about, err := p.gather(ctx, tx, &i)
	if err != nil {
		return i, err
	}
	if i.Kind == CSAT {
		w.delay = about.policy.Delay
	}
	if i.RunAt, err = about.policy.Awake(tx.Now.Add(w.delay), about.brand.Zone); err != nil {
		return i, err
	}
	i.ExpiresAt = i.RunAt.Add(w.openFor) // moves along if sending is late
	if reason := about.refusal(); reason != "" {
		i.State, i.Reason = Skipped, reason
	}
	// Nobody knows this first token: the link's is made when the mail is written.
	_, nobody := seal.Token("")
	added, err := insertInvitation(ctx, tx, i, nobody)
	if err != nil || !added {
		return i, err
	}
	if i.State == Skipped {
		p.Journal.Emit(tx, SkippedFact, i.ID, system(), SkippedData{InvitedData: i.facts(), Reason: string(i.Reason)})
		return i, nil
	}
	return i, p.Queue.Add(ctx, tx, job.Duty{Kind: sendDuty, Key: i.ID, Subject: i.ID, Data: duty{i.ID}, RunAt: i.RunAt})
}
