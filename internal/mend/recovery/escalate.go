package recovery

import (
	"context"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	// escalateEvery is the business time between two escalations of a step.
	escalateEvery = time.Hour
	// topLevel is the last rung of the ladder; it is repeated.
	topLevel = 3
)

// escalate is the duty that brings an overdue step to the next people, again
// and again until somebody takes it.
func (x *Steps) escalate(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	f, err := x.take(ctx, tx, self(), ID(j.Subject))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s := f.stepByID(j.Key)
	if s == nil || s.State != Active || s.TakenBy != "" || f.c.State == Surveyed || f.c.State == Closed {
		return nil
	}
	if s.DueAt.After(tx.Now) { // it was given more time meanwhile
		return x.Queue.Replace(ctx, tx, job.Duty{Kind: escalateDuty, Key: s.ID, Subject: j.Subject, RunAt: s.DueAt})
	}
	s.Escalation++
	level := min(s.Escalation, topLevel)
	people, err := x.rung(ctx, tx, f.c, level)
	if err != nil {
		return err
	}
	if err := putStep(ctx, tx, f.c.ID, *s); err != nil {
		return err
	}
	if err := f.tell(ctx, "escalated", "step", string(s.Key), "level", itoa(level), "n", itoa(s.Escalation)); err != nil {
		return err
	}
	x.Journal.Emit(tx, EscalatedFact, string(f.c.ID), self(), EscalatedData{Place: f.place(), StepID: s.ID, StepKey: s.Key,
		Level: level, Count: s.Escalation, DueAt: s.DueAt, Recipients: people})
	next := due(f.cal, tx.Now, Span{Open: escalateEvery})
	return x.Queue.Replace(ctx, tx, job.Duty{Kind: escalateDuty, Key: s.ID, Subject: j.Subject, RunAt: next})
}

// rung returns who is told at a level: the owner, then the managers as well,
// then the administrators as well. A rung without anybody in service passes to
// the next, so that an escalation never reaches nobody while somebody is there.
func (k *core) rung(ctx context.Context, tx *sqldb.Tx, c Case, level int) ([]string, error) {
	all, err := k.Agents.Active(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []string
	add := func(pick func(team.Agent) bool) {
		for _, a := range all {
			if pick(a) && !slices.Contains(out, a.ID) {
				out = append(out, a.ID)
			}
		}
	}
	add(func(a team.Agent) bool { return a.ID == c.OwnerID })
	if level >= 2 || len(out) == 0 {
		add(func(a team.Agent) bool { return a.Role == team.Manager })
	}
	if level >= topLevel || len(out) == 0 || level == 2 && len(out) == 1 && out[0] == c.OwnerID {
		add(func(a team.Agent) bool { return a.Role == team.Administrator })
	}
	return out, nil
}
