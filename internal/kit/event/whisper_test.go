package event_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"crypto/rand"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// TestNodesWhisper: what one node whispers the others hear, and not itself.
func TestNodesWhisper(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		node := func() (*event.Journal, chan string) {
			heard := make(chan string, 100)
			j := event.NewJournal(db, job.New(db, id.NewSource(c, rand.Reader), slog.New(slog.DiscardHandler)))
			j.OnWhisper(func(words string) { heard <- words })
			ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
			done := make(chan error, 1)
			go func() { done <- j.Run(ctx) }()
			t.Cleanup(func() {
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
			return j, heard
		}
		a, own := node()
		_, other := node()
		if db.Dialect() == sqldb.SQLite { // there are no others
			if err := a.Whisper(t.Context(), "typing conv_1 true"); err != nil {
				t.Error(err)
			}
			return
		}
		for deadline := time.After(15 * time.Second); ; {
			if err := a.Whisper(t.Context(), "typing conv_1 true"); err != nil {
				t.Fatal(err)
			}
			select {
			case words := <-other:
				if words != "typing conv_1 true" {
					t.Errorf("heard %q", words)
				}
				if len(own) > 0 {
					t.Errorf("a node hears itself: %q", <-own)
				}
				return
			case <-time.After(50 * time.Millisecond): // it may not listen yet
			case <-deadline:
				t.Fatal("nobody heard it")
			}
		}
	})
}
