package intake_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// TestEveryRealMailFindsItsPlace brings thousands of strange mails (and the
// files that stand beside them, which are none) through the door by the real
// channel: each gets a row with a state and a reason, on both engines, and
// coming again by another way it makes no second message.
func TestEveryRealMailFindsItsPlace(t *testing.T) {
	var files []string
	for _, sub := range []string{"email", "bounce", "reply-quote"} {
		err := filepath.WalkDir(corpus.Dir(t, sub), func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				files = append(files, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		step := sparser
		if db.Dialect() == sqldb.Postgres || testing.Short() {
			step = 5 * sparser
		}
		d := threadtest.New(t, db, c)
		door := intake.New(intake.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Blobs: d.Blobs, Kinds: []channel.Kind{email.Kind},
			Inboxes: d.Inboxes, Customers: d.Customers, Outbox: d.Outbox, Threads: d.Threads, Queue: d.Queue})
		states := map[intake.State]int{}
		n, messages := 0, 0
		for i := 0; i < len(files); i += step {
			b, err := os.ReadFile(files[i])
			if err != nil {
				t.Fatal(err)
			}
			e, err := door.Accept(t.Context(), d.Support.ID, channel.Raw{Source: "test", Key: fmt.Sprint(i), Bytes: b})
			if err != nil {
				t.Fatalf("%s: %v", files[i], err)
			}
			n++
			states[e.State]++
			if e.State == intake.Quarantined && e.Reason == "" || e.State == intake.Linked && e.ConversationID == "" {
				t.Errorf("%s: %+v", files[i], e)
			}
			if e.MessageID != "" && e.State != intake.Duplicate {
				messages++
			}
			again, err := door.Accept(t.Context(), d.Support.ID, channel.Raw{Source: "test", Key: fmt.Sprint("again ", i), Bytes: b})
			if err != nil {
				t.Fatalf("%s again: %v", files[i], err)
			}
			if again.State != intake.Duplicate || again.MessageID != e.MessageID {
				t.Errorf("%s again: %+v", strings.TrimPrefix(files[i], "/"), again)
			}
		}
		if rows := d.Count("ledger"); rows != 2*n {
			t.Errorf("%d rows for %d mails", rows, n)
		}
		if got := d.Count("message"); got != messages {
			t.Errorf("%d messages, the ledger says %d", got, messages)
		}
		t.Logf("%s: %d mails: %v", db.Dialect(), n, states)
	})
}
