package conversation

import (
	"context"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	releaseDuty = "conversation.release" // key: the agent
	// releaseBatch is how many conversations one transaction gives back.
	releaseBatch = 200
)

// release is how far giving back an agent's conversations has come.
type release struct {
	By   actor.Actor `json:"by"`
	Done int         `json:"done"`
}

// OnAgent reacts to agent.updated: what an agent who is no longer in service was
// responsible for goes back to the team.
func (t Reactor) OnAgent(ctx context.Context, tx *sqldb.Tx, f event.Fact, d team.AgentData) error {
	if d.Active || !slices.Contains(d.Fields, "active") {
		return nil
	}
	return t.Queue.Replace(ctx, tx, job.Duty{Kind: releaseDuty, Key: f.Subject, Subject: f.Subject, Data: release{By: f.Actor}})
}

const (
	heldSQL = `FROM conversation c WHERE c.assignee_id = $1 AND c.status IN ('open', 'pending', 'snoozed') AND c.merged_into IS NULL`
	// Always in the order of ids, so that two changes of many cannot wait for each other.
	toReleaseSQL = `SELECT c.id ` + heldSQL + ` ORDER BY c.id LIMIT $2`
	countHeldSQL = `SELECT COUNT(*) ` + heldSQL
)

// Held counts the conversations an agent is responsible for that are not settled.
func (t Reader) Held(ctx context.Context, tx *sqldb.Tx, agentID string) (n int, err error) {
	err = tx.QueryRow(ctx, countHeldSQL, agentID).Scan(&n)
	return n, err
}

// release is the duty that gives back an agent's conversations, some at a time.
func (t *Threads) release(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	var r release
	if err := j.Decode(&r); err != nil {
		return job.Give(err)
	}
	ids, err := sqldb.List(ctx, tx, scanText, toReleaseSQL, j.Subject, releaseBatch)
	if err != nil {
		return err
	}
	before := r.Done
	for _, id := range ids {
		c, err := hold(ctx, tx, ID(id))
		if err != nil {
			return err
		}
		did, err := t.letGo(ctx, tx, r.By, &c)
		if err != nil {
			return err
		}
		if !did { // given to somebody else a moment ago, or the agent is back
			continue
		}
		r.Done++
		if err := save(ctx, tx, &c); err != nil {
			return err
		}
	}
	if len(ids) == releaseBatch && r.Done > before {
		return t.Queue.Replace(ctx, tx, job.Duty{Kind: releaseDuty, Key: j.Subject, Subject: j.Subject, Data: r})
	}
	if r.Done > 0 {
		t.Journal.Emit(tx, ReleasedFact, j.Subject, r.By, ReleasedData{Conversations: r.Done})
	}
	return nil
}

// letGo makes nobody responsible for a conversation whose agent is no longer in
// service, with an entry that says so, and reports whether it did. Its team
// stays. The caller saves the conversation.
func (t *core) letGo(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation) (bool, error) {
	if c.AssigneeID == "" || !c.Status.Active() {
		return false, nil
	}
	a, err := t.Agents.ByID(ctx, tx, c.AssigneeID)
	if err != nil && !fault.Is(err, fault.NotFound) || err == nil && a.Active {
		return false, err
	}
	e := EventData{Name: EntryReleased, Data: map[string]string{"assigneeId": c.AssigneeID, "assigneeName": a.Name}}
	c.AssigneeID = ""
	t.Journal.Emit(tx, AssignedFact, string(c.ID), by, AssignedData{Place: c.place(), TeamID: c.TeamID})
	_, err = t.entry(ctx, tx, by, *c, e)
	return true, err
}
