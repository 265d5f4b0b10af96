package recovery

import (
	"context"
	"slices"
	"strconv"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// The entries that a case leaves in its conversation's thread. Their data:
// caseId, ref, severity, ownerId, ownerName; of a closed one also outcome and
// score ("" without the customer's own answer).
const (
	EntryOpened   = "case.opened"
	EntryReopened = "case.reopened"
	EntryClosed   = "case.closed"
	EntryOutcome  = "case.outcome" // a later answer corrected the outcome
)

// Chronicle writes into the thread of a conversation what becomes of its case.
type Chronicle struct{ *core }

// TellOpened puts the opening of a case into the thread of its conversation.
func (x *Chronicle) TellOpened(ctx context.Context, tx *sqldb.Tx, f event.Fact, d OpenedData) error {
	return x.entry(ctx, tx, f.Actor, EntryOpened, d.Place)
}

// TellUpdated puts into the thread that a recovery failed, or that its outcome
// was corrected.
func (x *Chronicle) TellUpdated(ctx context.Context, tx *sqldb.Tx, f event.Fact, d UpdatedData) error {
	if d.State == Reopened && slices.Contains(d.Fields, "state") {
		return x.entry(ctx, tx, f.Actor, EntryReopened, d.Place)
	}
	if !slices.Contains(d.Fields, "outcome") {
		return nil
	}
	c, err := ByID(ctx, tx, d.CaseID)
	if err != nil || c.Outcome == "" { // reopened meanwhile, which has an entry of its own
		return err
	}
	return x.entry(ctx, tx, f.Actor, EntryOutcome, d.Place, "outcome", string(c.Outcome), "score", scoreText(c.ScoreAfter))
}

// TellClosed puts into the thread how a case ended.
func (x *Chronicle) TellClosed(ctx context.Context, tx *sqldb.Tx, f event.Fact, d ClosedData) error {
	return x.entry(ctx, tx, f.Actor, EntryClosed, d.Place, "outcome", string(d.Outcome), "score", scoreText(d.Score))
}

func scoreText(score int) string {
	if score == 0 {
		return ""
	}
	return itoa(score)
}

// entry adds an entry about a case to its conversation; more are pairs.
func (x *Chronicle) entry(ctx context.Context, tx *sqldb.Tx, by actor.Actor, name string, p Place, more ...string) error {
	e := conversation.EventData{Name: name, Data: map[string]string{"caseId": string(p.CaseID), "ref": strconv.FormatInt(p.Ref, 10),
		"severity": itoa(p.Severity), "ownerId": p.OwnerID, "ownerName": ""}}
	if p.OwnerID != "" {
		a, err := x.Agents.ByID(ctx, tx, p.OwnerID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		e.Data["ownerName"] = a.Name
	}
	for i := 0; i+1 < len(more); i += 2 {
		e.Data[more[i]] = more[i+1]
	}
	_, err := x.Threads.EntryTx(ctx, tx, by, conversation.ID(p.ConversationID), e)
	return err
}
