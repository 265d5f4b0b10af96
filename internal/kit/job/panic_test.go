package job_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// What a duty dropped is told by its text: where in the program it happened is
// for the log, as others read the queue than read the log.
func TestStacksStayInTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		var log bytes.Buffer
		q := job.New(db, id.NewSource(clock.System{}, rand.Reader), slog.New(slog.NewTextHandler(&log, nil)))
		q.Lane("mail", 1)
		q.Do("do", func(context.Context, *sqldb.Tx, job.Job) error { panic("dropped the cup") })
		q.Call("call", "mail", time.Second, func(context.Context, job.Job) error { panic("dropped the plate") })
		r := &rig{t: t, db: db, clock: c, Queue: q}
		r.add(job.Duty{Kind: "do", Subject: "a"})
		r.add(job.Duty{Kind: "call", Subject: "b"})
		r.rest()
		for i, want := range []string{"panic: dropped the cup", "panic: dropped the plate"} {
			if l := r.list("ready"); len(l) != 2 || l[i].LastError != want {
				t.Errorf("what is kept: %+v", l)
			}
		}
		if s := log.String(); strings.Count(s, "panic_test.go") < 2 || !strings.Contains(s, "dropped the plate") {
			t.Errorf("the log does not say where: %s", s)
		}
	})
}
