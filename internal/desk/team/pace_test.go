package team

import (
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// Two nodes on one database, and one that was restarted, allow together what one allows.
func TestTriesAreCountedTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx := t.Context()
		node := func() tries { return tries{db, newLimiter(maxTracked)} }
		nodes := []tries{node(), node()}
		const from, who = "203.0.113.5", "a@x"
		for n := range pairBurst {
			if err := nodes[n%2].take(ctx, from, who); err != nil {
				t.Fatalf("try %d: %v", n, err)
			}
		}
		for name, s := range map[string]tries{"one node": nodes[0], "the other": nodes[1], "after a restart": node()} {
			if err := s.take(ctx, from, who); !fault.Is(err, fault.TooMany) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := nodes[0].take(ctx, "203.0.113.6", who); err != nil {
			t.Errorf("from another address: %v", err)
		}
		c.Advance(pairEvery)
		if err := nodes[1].take(ctx, from, who); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		if err := node().take(ctx, from, who); !fault.Is(err, fault.TooMany) {
			t.Errorf("one wait gives one try: %v", err)
		}
		if err := db.Write(ctx, func(tx *sqldb.Tx) error { return nodes[0].forgiveTx(ctx, tx, from, who) }); err != nil {
			t.Fatal(err)
		}
		if err := nodes[0].take(ctx, from, who); err != nil {
			t.Errorf("after a right password: %v", err)
		}
		c.Advance(time.Hour)
		if err := nodes[0].take(ctx, "203.0.113.9", "b@x"); err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := db.Read(ctx, func(tx *sqldb.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM pace`).Scan(&rows) }); err != nil || rows != 2 {
			t.Errorf("%d rows are kept (%v), want those of the last try", rows, err)
		}
	})
}
