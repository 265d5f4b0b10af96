package job

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// A duty is changed only while it is still its owner's: one that was taken back
// from a member thought dead belongs to somebody else by now.
const failSQL = `UPDATE job SET state = $3, run_at = $4, owner = '', attempt = $5, last_error = $6 WHERE id = $1 AND owner = $2 AND state <> 'dead'`

// If the same key waits already, that duty will do what this one would.
const supersededSQL = `DELETE FROM job WHERE id = $1 AND owner = $2 AND state <> 'ready' AND key <> '' AND EXISTS (
	SELECT 1 FROM job other WHERE other.kind = $3 AND other.key = $4 AND other.state = 'ready' AND other.id <> $1)`

// failed records what a failure means for its duty: again later, or dead.
// owner is the claim under which it ran, "" for a duty done in a transaction.
func (q *Queue) failed(ctx context.Context, j Job, owner string, cause error) error {
	return q.db.Write(ctx, func(tx *sqldb.Tx) error {
		state, at, text, attempt := "ready", tx.Now.Add(Pause(j.Attempt)), clip(cause.Error()), j.Attempt
		var v *verdict
		switch {
		case errors.As(cause, &v) && !v.at.IsZero():
			at, text, attempt = v.at, j.LastError, 0
		case sqldb.IsAway(cause):
			at, attempt = tx.Now.Add(poll), j.Attempt-1 // no fault of the duty
		case j.Key != Recurring && (v != nil && v.dead || j.Attempt >= MaxAttempts):
			state = "dead"
		}
		if state == "ready" {
			if n, err := tx.Exec(ctx, supersededSQL, j.ID, owner, j.Kind, j.Key); err != nil || n > 0 {
				return err
			}
		}
		_, err := tx.Exec(ctx, failSQL, j.ID, owner, state, at.UnixMilli(), attempt, text)
		if err == nil && (v == nil || v.dead) {
			q.log.WarnContext(ctx, "duty failed", "kind", j.Kind, "job", j.ID, "subject", j.Subject, "attempt", j.Attempt, "state", state, "error", cause, "stack", fault.Stack(cause))
		}
		return err
	})
}

// postpone frees a call that was told to stop: it runs again, as if it had not begun.
func (q *Queue) postpone(ctx context.Context, j Job, owner string) error {
	return q.db.Write(ctx, func(tx *sqldb.Tx) error {
		if n, err := tx.Exec(ctx, supersededSQL, j.ID, owner, j.Kind, j.Key); err != nil || n > 0 {
			return err
		}
		_, err := tx.Exec(ctx, failSQL, j.ID, owner, "ready", tx.Now.UnixMilli(), j.Attempt-1, j.LastError)
		return err
	})
}

// clip makes an error's text short and fit for both databases, which refuse
// broken UTF-8 and NUL: a failure that cannot be recorded would come back at once.
func clip(s string) string {
	r := []rune(strings.ReplaceAll(s, "\x00", ""))
	if len(r) > maxError {
		return string(r[:maxError]) + "…"
	}
	return string(r)
}

// claims are the calls that this process runs. Each has an owner name of its
// own, its member's id and a number, so that a claim whose call has ended (or
// never began, because the answer to its commit was lost) can be told from one
// that runs.
type claims struct {
	mu      sync.Mutex
	last    int64
	members map[string]struct{} // every member this process has been
	running map[string]struct{} // owners
}

func (c *claims) begin(member string) (owner string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	owner = member + "#" + strconv.FormatInt(c.last, 10)
	if c.running == nil {
		c.running, c.members = map[string]struct{}{}, map[string]struct{}{}
	}
	c.running[owner], c.members[member] = struct{}{}, struct{}{}
	return owner
}

func (c *claims) end(owner string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, owner)
}

// over reports whether a call was of this process and has ended.
func (c *claims) over(owner string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ours := c.members[memberOf(owner)]
	_, runs := c.running[owner]
	return ours && !runs
}

// memberOf returns the member in an owner's name.
func memberOf(owner string) string {
	member, _, _ := strings.Cut(owner, "#")
	return member
}

// watchOrphans takes back the duties of members that are gone. On PostgreSQL a
// member must be missing twice in a row: it may have lost its connection a
// moment ago and be telling its calls to stop.
func (c *crew) watchOrphans(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := c.q.reclaim(ctx, func(dead map[string]bool) map[string]bool {
			sure := dead
			if c.q.db.Dialect() == sqldb.Postgres {
				sure = map[string]bool{}
				for id := range dead {
					sure[id] = c.missing[id]
				}
			}
			c.missing = dead
			return sure
		})
		if err != nil && ctx.Err() == nil {
			c.q.log.WarnContext(ctx, "looking for orphaned duties", "error", err)
		} else if n > 0 {
			c.q.log.InfoContext(ctx, "took back duties of a process that ended", "count", n)
		}
		rest(ctx, reclaim)
	}
}

// Reclaim frees at once the duties of members that are no longer alive, and of
// calls that are over without a trace, and returns how many.
func (q *Queue) Reclaim(ctx context.Context) (int, error) {
	return q.reclaim(ctx, func(dead map[string]bool) map[string]bool { return dead })
}

// reclaim frees the duties of those members, out of the dead, that sure returns.
func (q *Queue) reclaim(ctx context.Context, sure func(dead map[string]bool) map[string]bool) (int, error) {
	running, dead, err := q.running(ctx)
	if err != nil {
		return 0, err
	}
	gone, freed := sure(dead), 0
	for _, o := range running {
		member, found := memberOf(o.owner), false
		if !gone[member] && (dead[member] || !q.claims.over(o.owner)) {
			continue
		}
		err := q.db.Write(ctx, func(tx *sqldb.Tx) error {
			n, err := tx.Exec(ctx, supersededSQL, o.ID, o.owner, o.Kind, o.Key)
			if err == nil && n == 0 {
				n, err = tx.Exec(ctx, `UPDATE job SET state = 'ready', owner = '' WHERE id = $1 AND owner = $2`, o.ID, o.owner)
			}
			found = n > 0
			return err
		})
		if err != nil {
			return freed, err
		}
		if found {
			freed++
		}
	}
	if freed > 0 {
		for name := range q.lanes {
			q.lanes[name].nudge()
		}
	}
	return freed, nil
}

// owned is a running duty and its owner.
type owned struct {
	Job
	owner string
}

// running returns the duties that are marked as running, and which of their
// members are not alive.
func (q *Queue) running(ctx context.Context) (list []owned, dead map[string]bool, err error) {
	dead = map[string]bool{}
	err = q.db.Read(ctx, func(tx *sqldb.Tx) error {
		var err error
		list, err = sqldb.List(ctx, tx, func(r rows) (o owned, err error) {
			err = r.Scan(&o.ID, &o.Kind, &o.Key, &o.owner)
			return o, err
		}, `SELECT id, kind, key, owner FROM job WHERE state = 'running'`)
		if err != nil || len(list) == 0 {
			return err
		}
		var ids []string
		for _, o := range list {
			ids = append(ids, memberOf(o.owner))
		}
		alive, err := tx.Members(ctx, q.db, ids)
		for _, id := range ids {
			if !alive[id] {
				dead[id] = true
			}
		}
		return err
	})
	return list, dead, err
}
