package team

import (
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// Two nodes on one database, and one that was restarted, allow together what one allows.
func TestTriesAreCountedTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx, ids := t.Context(), id.NewSource(c, rand.Reader)
		node := func() *Agents {
			return NewAgents(db, ids, event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler))))
		}
		nodes := []*Agents{node(), node()}
		const from, who = "203.0.113.5", "a@x"
		for n := range pairBurst {
			if err := nodes[n%2].try(ctx, from, who); err != nil {
				t.Fatalf("try %d: %v", n, err)
			}
		}
		for name, s := range map[string]*Agents{"one node": nodes[0], "the other": nodes[1], "after a restart": node()} {
			if err := s.try(ctx, from, who); !fault.Is(err, fault.TooMany) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := nodes[0].try(ctx, "203.0.113.6", who); err != nil {
			t.Errorf("from another address: %v", err)
		}
		c.Advance(pairEvery)
		if err := nodes[1].try(ctx, from, who); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		if err := node().try(ctx, from, who); !fault.Is(err, fault.TooMany) {
			t.Errorf("one wait gives one try: %v", err)
		}
		if err := db.Write(ctx, func(tx *sqldb.Tx) error { return nodes[0].forgiveTx(ctx, tx, from, who) }); err != nil {
			t.Fatal(err)
		}
		if err := nodes[0].try(ctx, from, who); err != nil {
			t.Errorf("after a right password: %v", err)
		}
		c.Advance(time.Hour)
		if err := nodes[0].try(ctx, "203.0.113.9", "b@x"); err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := db.Read(ctx, func(tx *sqldb.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM pace`).Scan(&rows) }); err != nil || rows != 2 {
			t.Errorf("%d rows are kept (%v), want those of the last try", rows, err)
		}
	})
}
