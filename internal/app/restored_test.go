package app_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/front/notice"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TestStoppedBeforeItStarts stops an instance that has only just been told to run.
func TestStoppedBeforeItStarts(t *testing.T) {
	onBothAlone(t, func(t *testing.T, database string) {
		a, err := app.New(t.Context(), app.Config{DataDir: filepath.Join(t.TempDir(), "data"), Database: database, Relaxed: true, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := errors.Join(a.Run(ctx), a.Close()); err != nil {
			t.Error(err)
		}
	})
}

// TestARestoredInstanceSendsNothingTwice restores an instance in which letters
// waited, as they may have left after the backup was made.
func TestARestoredInstanceSendsNothingTwice(t *testing.T) {
	onBothAlone(t, func(t *testing.T, database string) {
		var cfg app.Config
		s := open(t, database, func(c *app.Config) { cfg = *c })
		box := s.inbox("Post", "post@desk.example")
		queue := func(name string, hold, wait time.Duration) (d delivery.Delivery) {
			s.must(s.in.DB.Write(s.Context(), func(tx *sqldb.Tx) (err error) {
				d, err = s.in.Outbox.QueueTx(s.Context(), tx, delivery.Letter{InboxID: box.ID, Purpose: "reply", ExternalID: name + "@desk.example",
					To: []channel.Address{{Address: "ana@x.example"}}, HoldUntil: tx.Now.Add(hold), RunAt: tx.Now.Add(wait)})
				return err
			}))
			return d
		}
		s.must(s.in.DB.Write(s.Context(), func(tx *sqldb.Tx) error {
			_, err := s.in.Outbox.QueueTx(s.Context(), tx, delivery.Letter{InboxID: box.ID, Purpose: notice.Purpose, ExternalID: "notice@desk.example",
				To: []channel.Address{{Address: "hana@desk.example"}}, HoldUntil: tx.Now.Add(time.Hour)})
			return err
		}))
		waiting := []delivery.Delivery{queue("held", time.Hour, 0), queue("queued", 0, time.Hour)}
		gone := queue("withdrawn", time.Hour, 0)
		s.must(s.in.DB.Write(s.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(s.Context(), `UPDATE delivery SET state = 'cancelled' WHERE id = $1`, string(gone.ID))
			return err
		}))

		var w app.Waiting
		if database == "" {
			file := filepath.Join(t.TempDir(), "backup.tar.gz")
			s.must(cfg.Prepare())
			_, err := app.Backup(t.Context(), cfg, file, true)
			s.must(err)
			s.stop()
			cfg.DataDir, cfg.Database = filepath.Join(t.TempDir(), "restored"), ""
			s.must(cfg.Prepare())
			sum, err := app.Restore(t.Context(), cfg, file, false)
			s.must(err)
			w = sum.Waiting
		} else {
			s.stop()
			var err error
			s.must(cfg.Prepare())
			w, err = app.MarkRestored(t.Context(), cfg)
			s.must(err)
		}
		if w != (app.Waiting{Letters: 2, Notices: 1}) {
			t.Errorf("waiting %+v", w)
		}
		again := open(t, database, func(c *app.Config) { c.DataDir = cfg.DataDir })
		look := func(id delivery.ID) (d delivery.Delivery) {
			again.must(again.in.DB.Read(t.Context(), func(tx *sqldb.Tx) (err error) {
				d, err = again.in.Outbox.ByID(t.Context(), tx, id)
				return err
			}))
			return d
		}
		again.within(30*time.Second, "the letters are left to a person", func() bool {
			return look(waiting[0].ID).State == delivery.Ambiguous && look(waiting[1].ID).State == delivery.Ambiguous
		})
		if d := look(waiting[0].ID); d.Error != delivery.ReasonRestored {
			t.Errorf("because of %q", d.Error)
		}
		if d := look(gone.ID); d.State != delivery.Cancelled {
			t.Errorf("what was taken back is %s", d.State)
		}
		if log := again.log.String(); !strings.Contains(log, "restored from a backup") || !strings.Contains(log, "letters=2 notices=1") {
			t.Errorf("nobody was told: %s", log)
		}
		var later delivery.Delivery
		again.must(again.in.DB.Write(t.Context(), func(tx *sqldb.Tx) (err error) {
			later, err = again.in.Outbox.QueueTx(t.Context(), tx, delivery.Letter{InboxID: box.ID, Purpose: "reply", ExternalID: "later@desk.example",
				To: []channel.Address{{Address: "ana@x.example"}}, HoldUntil: tx.Now.Add(time.Hour)})
			return err
		}))
		w, err := app.AfterRestore(t.Context(), again.in)
		if again.must(err); w != (app.Waiting{}) || look(later.ID).State != delivery.Held {
			t.Errorf("the mark stayed: %+v", w)
		}
	})
}
