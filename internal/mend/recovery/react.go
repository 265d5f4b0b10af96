package recovery

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// OnResponded reacts to survey.responded: a dissatisfied answer opens a case, the
// answer to a follow-up survey decides one.
func (x *Cases) OnResponded(ctx context.Context, tx *sqldb.Tx, f event.Fact, d survey.RespondedData) error {
	if d.Kind == string(survey.FollowUp) {
		return x.onFollowUp(ctx, tx, f.Actor, d)
	}
	s := Source{Kind: FromResponse, ID: f.Subject, Label: text.Clip(d.Comment, maxLabel)}
	have, err := idBySource(ctx, tx, s)
	if err != nil {
		return err
	}
	switch {
	case have != "" && d.Changed:
		return x.onChangedAnswer(ctx, tx, f.Actor, have, d)
	case have != "" || d.Band != string(survey.Dissatisfied):
		return nil
	}
	in := Inputs{FirmResponsible: true, Score: d.Score}
	in.Harm, in.StrongAnger = Read(d.Comment, Inconvenience)
	// The conversation may have been merged since the customer was asked.
	t, err := x.Threads.ByID(ctx, tx, conversation.ID(d.ConversationID))
	if err != nil {
		return err
	}
	return x.consider(ctx, tx, f.Actor, opening{Source: s, brandID: d.BrandID, customerID: t.CustomerID,
		conversationID: string(t.ID), responsible: d.AgentID, inputs: in})
}

// onChangedAnswer notes that the answer which opened a case was replaced. A worse
// one makes the case more severe; a better one does not close it: the failure
// happened, and the customer who was promised a call gets it.
func (x *Cases) onChangedAnswer(ctx context.Context, tx *sqldb.Tx, by actor.Actor, id ID, d survey.RespondedData) error {
	f, err := x.take(ctx, tx, by, id)
	if err != nil {
		return err
	}
	if err := f.tell(ctx, "answer", "score", itoa(d.Score), "text", text.Clip(d.Comment, maxText)); err != nil {
		return err
	}
	f.touch("source")
	if f.c.Open() {
		harm, anger := Read(d.Comment, f.c.Inputs.Harm)
		f.c.Inputs.Harm, f.c.Inputs.StrongAnger = harm, anger || f.c.Inputs.StrongAnger
		f.c.Inputs.Score = min(f.c.Inputs.Score, d.Score)
		if err := f.rate(ctx); err != nil {
			return err
		}
	}
	return f.save(ctx)
}

// onFollowUp decides a case by the customer's answer about it.
func (x *Cases) onFollowUp(ctx context.Context, tx *sqldb.Tx, by actor.Actor, d survey.RespondedData) error {
	id, at, ok := parseLink(d.Link)
	if !ok {
		return nil // asked by somebody else
	}
	f, err := x.take(ctx, tx, by, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.tell(ctx, "followUp", "score", itoa(d.Score), "text", text.Clip(d.Comment, maxText)); err != nil {
		return err
	}
	f.touch("score")
	if at.Round == f.c.Round() { // an answer about an earlier round is only told
		f.c.ScoreAfter = d.Score
		if err := decide(ctx, f, d.Score, d.Comment); err != nil {
			return err
		}
	}
	return f.save(ctx)
}

// decide lets a follow-up answer have its effect. A late or changed answer
// corrects the outcome of a closed case, except where the customer declined or
// there was no fault: there a good word changes nothing.
func decide(ctx context.Context, f *file, score int, comment string) error {
	v := judge(score)
	switch {
	case f.c.State != Surveyed && f.c.State != Closed:
		return nil
	case v == lost:
		return f.reopen(ctx, "answer", text.Clip(comment, maxText))
	case f.c.State == Surveyed:
		return f.close(ctx, outcomeOf(v), score)
	case f.c.Outcome == Declined || f.c.Outcome == NoFault:
		return nil
	case f.c.Outcome != outcomeOf(v) || f.c.ConfirmedAt.IsZero():
		if len(Missing(f.c, "", "")) > 0 {
			return nil // closed by hand without the gate of asking: the word is told, the outcome stays
		}
		f.touch("outcome")
		f.c.Outcome = outcomeOf(v)
		if f.c.ConfirmedAt.IsZero() {
			f.c.ConfirmedAt = f.tx.Now
		}
		return f.tell(ctx, "outcome", "outcome", string(f.c.Outcome))
	}
	return nil
}

func outcomeOf(v verdict) Outcome {
	if v == won {
		return Recovered
	}
	return NotRecovered
}

// OnUnanswered reacts to survey.unanswered: a follow-up survey expired.
func (x *Cases) OnUnanswered(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d survey.InvitedData) error {
	return x.onSilence(ctx, tx, d)
}

// OnSkipped reacts to survey.skipped: a follow-up survey could not be sent.
func (x *Cases) OnSkipped(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d survey.SkippedData) error {
	return x.onSilence(ctx, tx, d.InvitedData)
}

func (x *Cases) onSilence(ctx context.Context, tx *sqldb.Tx, d survey.InvitedData) error {
	id, at, ok := parseLink(d.Link)
	if d.Kind != string(survey.FollowUp) || !ok {
		return nil
	}
	return x.silence(ctx, tx, id, at)
}

// OnTagged reacts to conversation.tagged: a complaint tag opens a case.
func (x *Cases) OnTagged(ctx context.Context, tx *sqldb.Tx, f event.Fact, d conversation.TaggedData) error {
	if !d.Added || !d.Complaint {
		return nil
	}
	t, err := x.Threads.ByID(ctx, tx, conversation.ID(f.Subject))
	if err != nil {
		return err
	}
	return x.consider(ctx, tx, f.Actor, opening{
		Source:  Source{Kind: FromTag, ID: f.Subject + "/" + d.TagID, Label: d.TagName},
		brandID: t.BrandID, customerID: t.CustomerID, conversationID: string(t.ID), responsible: t.AssigneeID,
		inputs: Inputs{Harm: LostTime, FirmResponsible: true},
	})
}
