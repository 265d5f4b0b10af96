package job_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// newer is a node of a later release: it knows what a rig knows, has kinds of
// its own, and does one that a rig does in a transaction outside of any.
func newer(r *rig) *rig {
	n := &rig{t: r.t, db: r.db, clock: r.clock, Queue: newQueue(r.db), end: map[string]error{}}
	n.Lane("mail", 1)
	n.Lane("later", 1)
	do := func(_ context.Context, _ *sqldb.Tx, j job.Job) error { return n.run(j) }
	call := func(_ context.Context, j job.Job) error { return n.run(j) }
	n.Do("note", do)
	n.Do("polish", do)
	n.Call("send", "mail", time.Second, call)
	n.Call("ring", "mail", time.Second, call)
	n.Call("wave", "later", time.Second, call)
	n.Call("broken", "mail", time.Second, call)
	return n
}

// A fleet that is being upgraded has nodes of two releases. What only the newer
// one knows waits for it, however early it is due; the older node goes on with
// what it knows.
func TestAnOlderNodeLeavesWhatItDoesNotKnow(t *testing.T) {
	eachRig(t, func(old *rig) {
		n := newer(old)
		early := old.clock.Now().Add(-time.Minute)
		for _, kind := range []string{"polish", "ring", "wave", "broken"} {
			n.add(job.Duty{Kind: kind, Subject: kind, RunAt: early})
		}
		n.add(job.Duty{Kind: "ring", Key: "k", Subject: "ring2", RunAt: early})
		n.add(job.Duty{Kind: "note", Subject: "n"})
		n.add(job.Duty{Kind: "send", Subject: "s"})
		old.want(old.rest(), "n s")
		if dead := old.list("dead"); len(dead) != 0 {
			t.Fatalf("killed what it did not know: %+v", dead)
		}
		for _, j := range old.list("ready") {
			if j.Attempt != 0 || j.LastError != "" || !j.RunAt.Equal(early) {
				t.Errorf("touched: %+v", j)
			}
		}
		n.want(n.rest(), "polish wave ring broken ring2")
	})
}

// A queue on which nobody does anything takes nothing, and says so by doing nothing.
func TestANodeThatKnowsNothingTakesNothing(t *testing.T) {
	eachRig(t, func(r *rig) {
		r.add(job.Duty{Kind: "note", Subject: "n"})
		if n, err := newQueue(r.db).Drain(t.Context()); n != 0 || err != nil {
			t.Errorf("did %d: %v", n, err)
		}
		r.want(r.rest(), "n")
	})
}

// What nobody takes for an hour is stranded: it is shown, and does not count as
// late, as no node that runs could hurry.
func TestStranded(t *testing.T) {
	eachRig(t, func(old *rig) {
		n := newer(old)
		early := old.clock.Now().Add(-time.Minute)
		for _, d := range []job.Duty{
			{Kind: "polish", Subject: "a", RunAt: early}, {Kind: "polish", Subject: "b"}, {Kind: "polish", Subject: "c", RunAt: old.clock.Now().Add(24 * time.Hour)},
			{Kind: "broken", Subject: "d"}, {Kind: "note", Subject: "e", RunAt: old.clock.Now().Add(30 * time.Minute)},
		} {
			n.add(d)
		}
		old.clock.Advance(job.StrandedAfter - time.Second)
		lag := old.lag()
		if !slices.Equal(lag.Stranded, []job.Stranded{{Kind: "polish", Count: 1, Since: early}}) || lag.Late != job.StrandedAfter-time.Second-30*time.Minute || lag.Ready != 5 {
			t.Errorf("just before the hour: %+v", lag)
		}
		old.clock.Advance(time.Second)
		lag = old.lag()
		want := []job.Stranded{{Kind: "broken", Count: 1, Since: early.Add(time.Minute)}, {Kind: "polish", Count: 2, Since: early}}
		if !slices.Equal(lag.Stranded, want) {
			t.Errorf("after an hour: %+v", lag.Stranded)
		}
		if got := subjects(old.stranded("", 2)); got != "a b" {
			t.Errorf("the first page: %s", got)
		}
		if got := subjects(old.stranded(old.stranded("", 2)[1].ID, 2)); got != "d" {
			t.Errorf("the second page: %s", got)
		}
		if got := n.lag(); len(got.Stranded) != 0 || got.Late != job.StrandedAfter+time.Minute {
			t.Errorf("for a node that knows them they are late: %+v", got)
		}
		old.want(old.rest(), "e")
		if lag = old.lag(); lag.Late != 0 || len(lag.Stranded) != 2 {
			t.Errorf("with nothing of its own to do: %+v", lag)
		}
	})
}

func subjects(list []job.Job) string {
	var s []string
	for _, j := range list {
		s = append(s, j.Subject)
	}
	return strings.Join(s, " ")
}

func (r *rig) lag() (l job.Lag) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *sqldb.Tx) (err error) {
		l, err = r.Lag(ctx, tx)
		return err
	})
	return l
}

func (r *rig) stranded(after string, limit int) (out []job.Job) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *sqldb.Tx) (err error) {
		out, err = r.List(ctx, tx, job.StateStranded, after, limit)
		return err
	})
	return out
}
