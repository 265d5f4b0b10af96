package chaos

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// lateAfterStart is how late a duty may be after the program was started again.
const lateAfterStart = 2 * time.Second

// duties kills a journal and a queue, on PostgreSQL also exactly between the
// commit and its acknowledgement, and counts what the listeners did.
func duties(t *testing.T, h *harness) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db := dbtest.SQLite(t, clock.System{})
		k := &kid{t: t, url: "sqlite:" + db.Path(), facts: h.facts}
		k.prepare(db)
		must(t, db.Close())
		k.judge(h, "facts and duties, killed at random")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := dbtest.MigratedURL(t)
		db, err := sqldb.Open(t.Context(), url, sqldb.Options{MaxConns: 2})
		must(t, err)
		k := &kid{t: t, facts: h.facts}
		k.prepare(db)
		must(t, db.Close())
		r := newRelay(t, "127.0.0.1:0", "unix", socketOf(url))
		r.watch = k.watchCommits
		r.start()
		name, _, _ := strings.Cut(url[strings.LastIndexByte(url, '/')+1:], "?")
		if i := strings.Index(url, "@/"); i >= 0 {
			name, _, _ = strings.Cut(url[i+2:], "?")
		}
		k.url = fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", r.addr(), name)
		k.aim = true
		k.judge(h, "facts and duties, killed around the commit")
	})
}

// socketOf returns the path of the socket in a cluster's url.
func socketOf(url string) string {
	value := func(name, otherwise string) string {
		_, rest, ok := strings.Cut(url, name+"=")
		if !ok {
			return otherwise
		}
		v, _, _ := strings.Cut(rest, "&")
		return v
	}
	return value("host", "/var/run/postgresql") + "/.s.PGSQL." + value("port", "5432")
}

// kid is the small product in a process of its own.
type kid struct {
	t     *testing.T
	url   string
	facts int
	aim   bool // kills are aimed at commits

	mu      sync.Mutex
	cmd     *exec.Cmd
	started []time.Time // each time it was ready to work
	acked   map[int64]bool
	last    int64 // number that was used
	running map[int64]bool
	begun   map[int64]int
	overlap int
	kills   int

	before, after atomic.Int64 // kills before and after the commit reached the database
	armed         atomic.Bool
}

func (k *kid) prepare(db *sqldb.DB) {
	k.acked, k.running, k.begun = map[int64]bool{}, map[int64]bool{}, map[int64]int{}
	_, err := db.Pool().ExecContext(k.t.Context(), childSchema)
	must(k.t, err)
}

// watchCommits kills the child, if armed, at a commit: before the database gets
// it, or after it was done and before the child hears of it.
func (k *kid) watchCommits() (up, down func([]byte) bool) {
	var waiting atomic.Bool
	up = func(b []byte) bool {
		if !bytes.Contains(b, []byte("commit\x00")) || !k.armed.Load() {
			return true
		}
		if chance(30) && k.armed.CompareAndSwap(true, false) {
			k.before.Add(1)
			k.kill()
			return false
		}
		waiting.Store(true)
		return true
	}
	down = func(b []byte) bool {
		if bytes.Contains(b, []byte("COMMIT\x00")) && waiting.Swap(false) && k.armed.CompareAndSwap(true, false) {
			k.after.Add(1)
			k.kill()
			return false
		}
		return true
	}
	return up, down
}

func (k *kid) kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cmd != nil && k.cmd.Process.Kill() == nil {
		k.kills++
		k.cmd = nil
	}
}

// live runs the child until it is killed.
func (k *kid) live(ctx context.Context) {
	c := exec.CommandContext(ctx, os.Args[0])
	k.mu.Lock()
	from := k.last + 1
	k.mu.Unlock()
	c.Env = append(os.Environ(), childEnv+"="+k.url, fmt.Sprint(childFrom, "=", from), fmt.Sprint(childFacts, "=", k.facts))
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.StdoutPipe()
	must(k.t, err)
	k.mu.Lock()
	must(k.t, c.Start())
	k.cmd = c
	k.running = map[int64]bool{}
	k.started = append(k.started, time.Now())
	k.mu.Unlock()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		k.hear(lines.Text())
	}
	if err := c.Wait(); err != nil && !strings.Contains(err.Error(), "killed") {
		k.t.Errorf("the child: %v\n%s", err, said.String())
	}
}

func (k *kid) hear(line string) {
	var word string
	var n int64
	if _, err := fmt.Sscan(line, &word, &n); err != nil {
		return // cut off by a kill
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch word {
	case "acked":
		k.acked[n] = true
		k.last = max(k.last, n)
	case "unknown":
		k.last = max(k.last, n)
	case "begin":
		if k.running[n] {
			k.overlap++
		}
		k.running[n] = true
		k.begun[n]++
	case "end":
		delete(k.running, n)
	}
}

// judge runs the child under fire, lets it come to rest and counts.
func (k *kid) judge(h *harness, fault string) {
	t := k.t
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	for k.kills < h.kills || int(k.last) < k.facts-1 {
		if ctx.Err() != nil {
			t.Fatalf("%d kills, %d facts", k.kills, k.last)
		}
		life, end := context.WithCancel(ctx)
		go func() {
			pause(life, time.Duration(300+rand.IntN(1200))*time.Millisecond)
			if k.aim && chance(80) {
				k.armed.Store(true)
				pause(life, time.Second)
				if life.Err() != nil {
					return
				}
			}
			k.kill()
		}()
		// A number that was used and not heard of again must not be used twice.
		k.mu.Lock()
		k.last += 2
		k.mu.Unlock()
		k.live(life)
		end()
		k.armed.Store(false)
	}
	last, stopped := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() { defer close(over); k.live(last) }()
	db, err := sqldb.Open(ctx, k.url, sqldb.Options{MaxConns: 2, Existing: true})
	must(t, err)
	defer func() { _ = db.Close() }() // only read from
	r := row{fault: fault}
	waiting := func() int { return number(t, db, `SELECT COUNT(*) FROM job`) }
	patience, enough := context.WithTimeout(ctx, h.clear)
	until(patience, 100*time.Millisecond, func() bool { return waiting() == 0 })
	enough()
	r.harm.stuck = waiting()
	stopped()
	<-over
	k.count(db, &r)
	r.note = fmt.Sprintf("%d kills, %d before and %d after a commit; %s", k.kills, k.before.Load(), k.after.Load(), r.note)
	h.board.add(t, r)
}

// count compares the effects with the facts.
func (k *kid) count(db *sqldb.DB, r *row) {
	t := k.t
	facts := map[int64]bool{}
	effects := map[string]int{}
	late, worst := 0, time.Duration(0)
	dues := map[int64]int{}
	must(t, db.Read(t.Context(), func(tx *sqldb.Tx) error {
		err := tx.Each(t.Context(), func(rows *sql.Rows) error {
			var n int64
			err := rows.Scan(&n)
			facts[n] = true
			return err
		}, `SELECT CAST(data->>'n' AS BIGINT) FROM journal WHERE name = '`+happened+`'`)
		if err != nil {
			return err
		}
		err = tx.Each(t.Context(), func(rows *sql.Rows) error {
			var who string
			var n int64
			err := rows.Scan(&who, &n)
			effects[fmt.Sprint(who, n)]++
			return err
		}, `SELECT who, n FROM effect`)
		if err != nil {
			return err
		}
		return tx.Each(t.Context(), func(rows *sql.Rows) error {
			var n, at, done int64
			if err := rows.Scan(&n, &at, &done); err != nil {
				return err
			}
			dues[n]++
			d := k.lateness(time.UnixMilli(at), time.UnixMilli(done))
			worst = max(worst, d)
			if d > lateAfterStart {
				late++
			}
			return nil
		}, `SELECT n, run_at, done_at FROM due`)
	}))
	r.done = len(facts)
	for n := range k.acked {
		if !facts[n] {
			r.harm.lost++
			t.Errorf("fact %d was acknowledged and is not there", n)
		}
	}
	tally := func(what string, n int64, times int) {
		switch {
		case times == 0:
			r.harm.lost++
		case times > 1:
			r.harm.doubled++
		default:
			return
		}
		t.Errorf("%s of fact %d: %d times", what, n, times)
	}
	for n := range facts {
		for _, who := range []string{"a", "b", "c"} {
			tally("reaction "+who, n, effects[fmt.Sprint(who, n)])
		}
		tally("the duty for later", n, dues[n])
		if k.begun[n] == 0 {
			r.harm.lost++
			t.Errorf("the call of fact %d was never made", n)
		}
	}
	if len(effects) != 3*len(facts) || len(dues) != len(facts) {
		r.harm.doubled++
		t.Errorf("%d reactions and %d duties of %d facts", len(effects), len(dues), len(facts))
	}
	if k.overlap > 0 {
		t.Errorf("%d calls ran twice at the same time", k.overlap)
	}
	if late > 0 {
		t.Errorf("%d duties were late by more than %v, the worst by %v", late, lateAfterStart, worst)
	}
	r.note = fmt.Sprintf("latest duty %v after its time or the start", worst.Round(time.Millisecond))
}

// lateness is how long after its time, or after the start that followed, a duty
// was done.
func (k *kid) lateness(at, done time.Time) time.Duration {
	from := at
	for _, s := range k.started {
		if s.After(from) && !s.After(done) {
			from = s // the last start before it was done
		}
	}
	return max(done.Sub(from), 0)
}
