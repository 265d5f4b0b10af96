package job_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// TestLeases plays any order of additions, runs, failures, crashes, jumps of the
// clock and takings-back over several nodes on one database. No duty is lost, no
// call runs twice at once, and what is done in a transaction is done once.
func TestLeases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		rapid.Check(t, func(rt *rapid.T) { playLeases(t.Context(), rt, db, c) })
	})
}

// world is the model: what should be true of all duties.
type world struct {
	rt    *rapid.T
	ctx   context.Context
	db    *sqldb.DB
	clock *clock.Manual
	nodes []*node

	seq     int
	due     map[string]int  // duty or "kind/key" → when it was last asked for
	begun   map[string]int  // → when a completed run of it began
	running map[string]bool // calls under way on live nodes
	fail    map[string]int  // how often a duty still fails
	breach  string
	zombies []*visit // calls of crashed nodes, which return much later
}

// node is one process: a queue and its membership.
type node struct {
	q      *job.Queue
	member *sqldb.Member
	next   *visit // its next call takes long
	busy   *visit // the call that takes long
}

// visit is a call that takes long.
type visit struct {
	name  string
	began chan struct{}
	leave chan error // how it is to end
	done  chan error // what the step that ran it returned
}

type task struct{ Name string }

func playLeases(ctx context.Context, rt *rapid.T, db *sqldb.DB, c *clock.Manual) {
	c.Set(dbtest.Start)
	w := &world{rt: rt, ctx: ctx, db: db, clock: c, due: map[string]int{}, begun: map[string]int{}, running: map[string]bool{}, fail: map[string]int{}}
	w.write(func(tx *sqldb.Tx) error {
		for _, table := range []string{"job", "counter"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
		}
		return nil
	})
	for range 3 {
		w.nodes = append(w.nodes, w.join())
	}
	defer w.stop()
	rt.Repeat(map[string]func(*rapid.T){
		"add":     w.add,
		"step":    w.step,
		"long":    w.long,
		"return":  w.back,
		"crash":   w.crash,
		"reclaim": w.reclaim,
		"jump":    w.jump,
		"zombie":  w.zombie,
		"heir":    w.heir,
		"":        w.check,
	})
	w.finish()
}

func (w *world) must(err error) {
	if err != nil {
		w.rt.Fatalf("%v", err)
	}
}

func (w *world) write(fn func(tx *sqldb.Tx) error) { w.must(w.db.Write(w.ctx, fn)) }

func (w *world) join() *node {
	n := &node{q: newQueue(w.db)}
	n.q.Lane("mail", 1)
	n.q.Do("do", func(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
		if err := w.outcome(j); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1`, nameOf(j))
		return err
	})
	n.q.Call("call", "mail", time.Minute, func(_ context.Context, j job.Job) error { return w.call(n, j) })
	m, err := w.db.Join(w.ctx, fmt.Sprintf("node-%d", w.tick()))
	w.must(err)
	n.member = m
	return n
}

func nameOf(j job.Job) string {
	var t task
	if err := j.Decode(&t); err != nil {
		panic(err)
	}
	return t.Name
}

// outcome is how a run ends: an error as long as failures are left for it.
func (w *world) outcome(j job.Job) error {
	name := nameOf(j)
	if w.fail[name] > 0 {
		w.fail[name]--
		if w.fail[name]%2 == 1 {
			panic("dropped the cup")
		}
		return errors.New("not today")
	}
	return nil
}

func (w *world) call(n *node, j job.Job) error {
	name := subject(j)
	if w.running[name] {
		w.breach = name + " runs twice at once" // told by check: this may be another goroutine
	}
	if v := n.next; v != nil {
		n.next = nil
		v.name, w.running[name] = name, true
		at := w.tick()
		close(v.began)
		err := <-v.leave
		if err == nil {
			w.begun[name] = at
		}
		return err
	}
	began := w.tick()
	if err := w.outcome(j); err != nil {
		return err
	}
	w.begun[name] = began
	return nil
}

// subject is what must be done: the duty itself, or whatever its key stands for.
func subject(j job.Job) string {
	if j.Key != "" {
		return j.Kind + "/" + j.Key
	}
	return nameOf(j)
}

func (w *world) tick() int { w.seq++; return w.seq }

func (w *world) add(rt *rapid.T) {
	name := fmt.Sprintf("t%d", w.tick())
	d := job.Duty{
		Kind: rapid.SampledFrom([]string{"do", "call"}).Draw(rt, "kind"),
		Key:  rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(rt, "key"),
		Data: task{Name: name}, RunAt: w.clock.Now().Add(time.Duration(rapid.IntRange(-60, 60).Draw(rt, "wait")) * time.Minute),
	}
	w.fail[name] = rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(rt, "failures")
	w.write(func(tx *sqldb.Tx) error {
		if d.Key != "" && rapid.Bool().Draw(rt, "replace") {
			return w.nodes[0].q.Replace(w.ctx, tx, d)
		}
		return w.nodes[0].q.Add(w.ctx, tx, d)
	})
	if d.Key == "" {
		w.due[name] = w.seq
	} else if d.Kind == "call" {
		w.due[d.Kind+"/"+d.Key] = w.seq
	}
}

func (w *world) pick(rt *rapid.T) *node {
	return w.nodes[rapid.IntRange(0, len(w.nodes)-1).Draw(rt, "node")]
}

func (w *world) step(rt *rapid.T) {
	n := w.pick(rt)
	if n.busy != nil {
		return
	}
	lane := rapid.SampledFrom([]string{job.DoLane, "mail"}).Draw(rt, "lane")
	_, err := n.q.Step(w.ctx, lane, n.member.ID())
	w.must(err)
}

// long begins a call that stays under way, if one is due.
func (w *world) long(rt *rapid.T) {
	n := w.pick(rt)
	if n.busy != nil {
		return
	}
	v := &visit{began: make(chan struct{}), leave: make(chan error), done: make(chan error, 1)}
	n.next = v
	go func() {
		_, err := n.q.Step(w.ctx, "mail", n.member.ID())
		v.done <- err
	}()
	select {
	case <-v.began:
		n.busy = v
	case err := <-v.done: // nothing was due
		n.next = nil
		w.must(err)
	}
}

// back lets a long call end.
func (w *world) back(rt *rapid.T) {
	if n := w.pick(rt); n.busy != nil {
		v := n.busy
		n.busy = nil
		delete(w.running, v.name)
		v.leave <- rapid.SampledFrom([]error{nil, errors.New("not today")}).Draw(rt, "end")
		w.must(<-v.done)
	}
}

// crash ends a node, in the middle of a call if it is busy, and starts another.
func (w *world) crash(rt *rapid.T) {
	w.end(rapid.IntRange(0, len(w.nodes)-1).Draw(rt, "node"))
}

func (w *world) end(i int) {
	n := w.nodes[i]
	if n.busy != nil {
		delete(w.running, n.busy.name)
		w.zombies = append(w.zombies, n.busy)
	}
	w.must(n.member.Leave())
	w.nodes[i] = w.join()
}

// heir crashes a busy node and lets another take its call over, which random
// steps rarely do in a row.
func (w *world) heir(rt *rapid.T) {
	for i, n := range w.nodes {
		if n.busy != nil {
			w.end(i)
			w.reclaim(rt)
			w.clock.Advance(time.Hour)
			w.long(rt)
			return
		}
	}
	w.long(rt)
}

func (w *world) reclaim(rt *rapid.T) {
	_, err := w.pick(rt).q.Reclaim(w.ctx)
	w.must(err)
}

func (w *world) jump(rt *rapid.T) {
	w.clock.Advance(time.Duration(rapid.IntRange(-180, 180).Draw(rt, "minutes")) * time.Minute)
}

// zombie lets a call of a crashed node return after all. What it then does to its
// row must change nothing for whoever has taken the duty over.
func (w *world) zombie(*rapid.T) {
	if len(w.zombies) > 0 {
		v := w.zombies[0]
		w.zombies = w.zombies[1:]
		v.leave <- errors.New("far too late")
		w.must(<-v.done)
	}
}

func (w *world) check(rt *rapid.T) {
	if w.breach != "" {
		rt.Fatal(w.breach)
	}
	w.write(func(tx *sqldb.Tx) error {
		return tx.Each(w.ctx, func(r rows) error {
			var name string
			var n int
			if err := r.Scan(&name, &n); err != nil {
				return err
			}
			if n != 1 {
				rt.Fatalf("%s was done %d times", name, n)
			}
			return nil
		}, `SELECT name, value FROM counter`)
	})
}

// revive has dead duties tried again. Each process that dies in the middle of a
// call has tried it, so one that outlives enough of them lies dead in the end:
// not lost, but for a person to look at.
func (w *world) revive(n *node) {
	w.write(func(tx *sqldb.Tx) error {
		dead, err := n.q.List(w.ctx, tx, "dead", "", 100)
		for _, j := range dead {
			err = errors.Join(err, n.q.Revive(w.ctx, tx, j.ID))
		}
		return err
	})
}

// finish lets everything come to rest and looks for what was lost.
func (w *world) finish() {
	w.release()
	n := w.nodes[0]
	for range 40 {
		w.clock.Advance(24 * time.Hour)
		_, err := n.q.Reclaim(w.ctx)
		w.must(err)
		w.revive(n)
		for _, lane := range []string{job.DoLane, "mail"} {
			for did := true; did; {
				did, err = n.q.Step(w.ctx, lane, n.member.ID())
				w.must(err)
			}
		}
	}
	var left []string
	w.write(func(tx *sqldb.Tx) error {
		return tx.Each(w.ctx, func(r rows) error {
			var name, state string
			err := r.Scan(&name, &state)
			left = append(left, name+" "+state)
			return err
		}, `SELECT kind, state FROM job`)
	})
	if len(left) > 0 {
		w.rt.Fatalf("left over: %s", strings.Join(left, ", "))
	}
	w.check(w.rt)
	done := map[string]bool{}
	w.write(func(tx *sqldb.Tx) error {
		return tx.Each(w.ctx, func(r rows) error {
			var name string
			err := r.Scan(&name)
			done[name] = true
			return err
		}, `SELECT name FROM counter`)
	})
	for _, name := range slices.Sorted(maps.Keys(w.due)) {
		if !done[name] && w.begun[name] < w.due[name] {
			w.rt.Fatalf("%s was lost: asked for at %d, last begun at %d", name, w.due[name], w.begun[name])
		}
	}
}

// release lets every call return.
func (w *world) release() {
	for _, n := range w.nodes {
		if n.busy != nil {
			w.zombies = append(w.zombies, n.busy)
			delete(w.running, n.busy.name)
			n.busy = nil
		}
	}
	for len(w.zombies) > 0 {
		w.zombie(nil)
	}
}

func (w *world) stop() {
	w.release()
	for _, n := range w.nodes {
		if err := n.member.Leave(); err != nil {
			w.rt.Errorf("leave: %v", err)
		}
	}
}
