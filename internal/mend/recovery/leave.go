package recovery

import (
	"context"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Held is what waits for one agent.
type Held struct {
	Cases     int // open cases they own
	Steps     int // steps they have taken on, in whose case so ever
	Promises  int // open promises in their cases, or made by them
	Approvals int // remedies that wait for a decision they may make
}

const (
	ownedSQL = `SELECT id FROM recovery_case WHERE owner_id = $1 AND state <> 'closed' ORDER BY id`
	takenSQL = `SELECT c.id FROM recovery_case c JOIN case_step s ON s.case_id = c.id
WHERE c.state <> 'closed' AND s.state = 'active' AND s.taken_by = $1 ORDER BY c.id`
	promisedSQL = `SELECT p.id FROM recovery_case c JOIN promise p ON p.case_id = c.id
WHERE c.state <> 'closed' AND p.state = 'open' AND (c.owner_id = $1 OR p.created_by = $2) ORDER BY p.id`
	undecidedSQL = `SELECT c.id FROM recovery_case c JOIN remedy r ON r.case_id = c.id
WHERE c.state <> 'closed' AND r.state = 'proposed' ORDER BY c.id`
)

// HeldBy counts what waits for an agent.
func (x *Cases) HeldBy(ctx context.Context, tx *sqldb.Tx, a team.Agent) (h Held, err error) {
	for _, one := range []struct {
		n     *int
		query string
		args  []any
	}{
		{&h.Cases, ownedSQL, []any{a.ID}},
		{&h.Steps, takenSQL, []any{a.ID}},
		{&h.Promises, promisedSQL, []any{a.ID, actorText(actor.ForAgent(a.ID))}},
	} {
		ids, err := listIDs(ctx, tx, one.query, one.args...) // arch:composed
		if err != nil {
			return h, err
		}
		*one.n = len(ids)
	}
	waiting, err := x.undecided(ctx, tx, a.Role)
	for _, gifts := range waiting {
		h.Approvals += len(gifts)
	}
	return h, err
}

// undecided returns the proposed remedies of open cases that wait for a role, by case.
func (k *core) undecided(ctx context.Context, tx *sqldb.Tx, role team.Role) (map[ID][]Gift, error) {
	ids, err := listIDs(ctx, tx, undecidedSQL)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	lines, err := authorities(ctx, tx)
	if err != nil {
		return nil, err
	}
	out := map[ID][]Gift{}
	for _, id := range slices.Compact(ids) {
		gifts, err := giftsOf(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		for _, g := range gifts {
			if g.State != Proposed {
				continue
			}
			from, err := k.roleOf(ctx, tx, g.ProposedBy)
			if err != nil {
				return nil, err
			}
			if next, ok := NextUp(lines, from, g.Offer, givenBefore(gifts, g)); ok && next == role {
				out[id] = append(out[id], g)
			}
		}
	}
	return out, nil
}

// givenBefore is what a case was given of the same kind as g.
func givenBefore(gifts []Gift, g Gift) (sum int64) {
	for _, o := range gifts {
		if o.ID != g.ID && o.Type == g.Type && o.Currency == g.Currency && (o.State == Approved || o.State == Delivered) {
			sum += o.Amount
		}
	}
	return sum
}

// roleOf is the role of whoever proposed something; a program counts as an agent.
func (k *core) roleOf(ctx context.Context, tx *sqldb.Tx, who string) (team.Role, error) {
	id := ParseActor(who).AgentID()
	if id == "" {
		return team.Worker, nil
	}
	a, err := k.Agents.ByID(ctx, tx, id)
	if fault.Is(err, fault.NotFound) {
		return team.Worker, nil
	}
	return a.Role, err
}

// OnAgent reacts to agent.updated. The open cases of an agent who is no longer
// in service go to a manager, with their promises; the steps they had taken on
// wait for somebody again; and where a remedy waited for their decision, whoever
// may decide now is told.
func (x *Cases) OnAgent(ctx context.Context, tx *sqldb.Tx, e event.Fact, d team.AgentData) error {
	if d.Active || !slices.Contains(d.Fields, "active") {
		return nil
	}
	a, err := x.Agents.ByID(ctx, tx, e.Subject)
	if err != nil || a.Active { // back again meanwhile
		return err
	}
	waiting, err := x.undecided(ctx, tx, d.Role)
	if err != nil {
		return err
	}
	owned, err := listIDs(ctx, tx, ownedSQL, a.ID)
	if err != nil {
		return err
	}
	taken, err := listIDs(ctx, tx, takenSQL, a.ID)
	if err != nil {
		return err
	}
	ids := slices.Concat(owned, taken)
	for id := range waiting {
		ids = append(ids, id)
	}
	slices.Sort(ids) // one order for all who change many
	for _, id := range slices.Compact(ids) {
		f, err := x.take(ctx, tx, self(), id) // the rule gives them on, not whoever let the agent go
		if err != nil {
			return err
		}
		if err := (leaver{f}).leave(ctx, a, waiting[id]); err != nil {
			return err
		}
		if err := f.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// leaver takes an agent out of a case in work.
type leaver struct{ *file }

func (f leaver) leave(ctx context.Context, a team.Agent, undecided []Gift) error {
	if !f.c.Open() {
		return nil
	}
	if s := f.active(); s != nil && s.TakenBy == a.ID {
		s.TakenBy = ""
		r, _ := f.book.recipe(s.Key)
		if err := f.clockIn(ctx, s, r); err != nil {
			return err
		}
		if err := f.tell(ctx, "released", "step", string(s.Key), "agent", a.ID); err != nil {
			return err
		}
	}
	if f.c.OwnerID == a.ID {
		owner, err := f.owner(ctx, f.tx, true, "")
		if err != nil {
			return err
		}
		if err := f.give(ctx, owner); err != nil {
			return err
		}
	}
	for _, g := range undecided {
		lines, err := authorities(ctx, f.tx)
		if err != nil {
			return err
		}
		role, err := f.roleOf(ctx, f.tx, g.ProposedBy)
		if err != nil {
			return err
		}
		if err := (giver{f.file}).callApprovers(ctx, lines, role, g); err != nil {
			return err
		}
		f.touch("remedy")
	}
	return nil
}
