package insight_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// roll stores at most n stale days and tells how many there were.
func (w *world) roll(n int) (did int) {
	w.Helper()
	for ; did < n; did++ {
		more := false
		w.write(func(tx *sqldb.Tx) (err error) {
			more, err = insight.Roll(w.ctx, tx)
			return err
		})
		if !more {
			break
		}
	}
	return did
}

func (w *world) stale() (yes bool) {
	w.write(func(tx *sqldb.Tx) (err error) {
		yes, err = insight.Stale(w.ctx, tx)
		return err
	})
	return yes
}

// recount is a report with every stored day forgotten, so that all is counted
// from the rows; nothing of that is kept.
func (w *world) recount(q insight.Query) (l insight.Loop) {
	w.Helper()
	err := w.db.Write(w.ctx, func(tx *sqldb.Tx) (err error) {
		w.exec(tx, `DELETE FROM rollup_basis`)
		if l, err = insight.Report(w.ctx, tx, q); err != nil {
			return err
		}
		return errUndo
	})
	if err != errUndo {
		w.Fatal(err)
	}
	return l
}

var errUndo = fmt.Errorf("undo")

// upset changes something that reports count, in a way the product could.
func (w *world) upset() {
	w.write(func(tx *sqldb.Tx) error {
		t := w.threads[w.random.IntN(len(w.threads))]
		at := w.past(250)
		switch w.random.IntN(9) {
		case 0:
			w.exec(tx, `UPDATE conversation SET resolved_at = NULL WHERE id = $1`, t.id)
		case 1:
			w.exec(tx, `UPDATE conversation SET resolved_at = $2, first_resolved_at = COALESCE(first_resolved_at, $2) WHERE id = $1`, t.id, sqldb.Millis(at))
		case 2:
			w.exec(tx, `UPDATE conversation SET first_response_at = $2 WHERE id = $1`, t.id, sqldb.Millis(at))
		case 3:
			w.exec(tx, `UPDATE conversation SET muted = NOT muted WHERE id = $1`, t.id)
		case 4:
			w.exec(tx, `UPDATE conversation SET merged_into = CASE WHEN merged_into IS NULL THEN id ELSE NULL END WHERE id = $1`, t.id)
		case 5:
			w.exec(tx, `UPDATE conversation SET first_customer_at = $2, created_at = $2, origin = 'agent' WHERE id = $1`, t.id, sqldb.Millis(at))
		case 6:
			w.exec(tx, `UPDATE conversation SET brand_id = $2 WHERE id = $1`, t.id, w.brand())
		case 7:
			if len(w.replies) > 0 {
				r := w.replies[w.random.IntN(len(w.replies))]
				w.exec(tx, `UPDATE response SET score = $2, answered_at = $3 WHERE id = $1`, r.id, 1+w.random.IntN(5), sqldb.Millis(at))
			}
		case 8:
			w.thread(tx)
		}
		return nil
	})
}

var rollQueries = []insight.Query{
	{BrandID: "brn_1", From: "2025-12-01", To: "2026-03-31"}, {BrandID: "brn_2", From: "2026-02-25", To: "2026-03-20"},
	{From: "2025-08-01", To: "2026-04-15"}, {}, {BrandID: "brn_2", From: "2026-01-15", To: "2026-01-15"},
}

// TestStoredDaysEqualARecount changes rows and stores days in any order: a report
// is what a full recount says, whatever is stored at the moment.
func TestStoredDaysEqualARecount(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.fill(150)
		equal := func(when string) {
			for _, q := range rollQueries {
				got, want := w.report(q), w.recount(q)
				if !reflect.DeepEqual(shown(got), shown(want)) {
					w.Fatalf("%s, %+v:\n%+v\nrecounted\n%+v", when, q, shown(got), shown(want))
				}
			}
		}
		equal("nothing stored")
		for i := range 25 {
			for range w.random.IntN(6) {
				w.upset()
			}
			did := w.roll(w.random.IntN(60))
			if i%3 == 0 {
				equal(fmt.Sprintf("round %d, %d days stored", i, did))
			}
		}
		w.roll(10_000)
		if w.stale() {
			w.Error("something is left to store")
		}
		equal("all stored")
		hours := worktime.Weekdays("Europe/Berlin", "10:00", "16:00")
		w.write(func(tx *sqldb.Tx) error {
			w.exec(tx, `UPDATE brand SET zone = $2, hours = $3 WHERE id = $1`, "brn_1", hours.Zone, sqldb.JSON{V: hours})
			return nil
		})
		if !w.stale() {
			w.Error("new hours make no day stale")
		}
		equal("new hours")
		w.roll(40)
		equal("new hours, partly stored")
		w.roll(10_000)
		equal("new hours, all stored")
	})
}

// shown is what of a report its readers see.
func shown(l insight.Loop) []any {
	return []any{l.From, l.To, l.CSAT, l.Distribution, l.Weeks, l.FirstResponse, l.Resolution, l.FirstResolution}
}

// TestManyADay goes beyond the number up to which single values are kept: the
// stored sketches say what a recount says, and both are near the truth.
func TestManyADay(t *testing.T) {
	eachWorld(t, func(w *world) {
		start := time.Date(2026, 1, 14, 1, 0, 0, 0, time.UTC)
		w.write(func(tx *sqldb.Tx) error {
			for i := range 700 {
				w.exec(tx, `INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, preview, last_at, last_from, message_count, muted,
		origin, first_customer_at, first_response_at, resolution, created_at, version)
		VALUES ($1, $2, 'brn_1', 'inb_brn_1', 'cus_1', '', 'open', 1, '', 0, 'customer', 0, false, 'customer', $3, $4, 0, $3, 1)`,
					w.id("conv"), w.n, start.UnixMilli(), start.Add(time.Duration(i)*time.Minute).UnixMilli())
			}
			return nil
		})
		q := insight.Query{BrandID: "brn_1", From: "2026-01-01", To: "2026-01-31"}
		want := w.recount(q)
		w.roll(1_000)
		got := w.report(q)
		if !reflect.DeepEqual(shown(got), shown(want)) {
			w.Fatalf("%+v\nrecounted\n%+v", shown(got), shown(want))
		}
		if s := got.FirstResponse.Clock; s.N != 700 || *s.P50 < 349*60*0.99 || *s.P50 > 350*60*1.01 {
			w.Errorf("median %v of %d, want about %v", *s.P50, s.N, 349.5*60)
		}
	})
}
