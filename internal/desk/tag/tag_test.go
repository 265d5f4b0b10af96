package tag_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

func TestTags(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx, by := t.Context(), actor.ForAgent("agt_1")
		ids := id.NewSource(c, rand.Reader)
		journal := event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler)))
		tags := tag.NewTags(db, ids, journal)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		refuses := func(err error, key string) {
			t.Helper()
			var f *fault.Error
			if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[0].Key != key {
				t.Errorf("got %v, want %s", err, key)
			}
		}

		complaint, err := tags.Create(ctx, by, tag.Change{Name: ref("  苦情　ＡＢＣ "), Color: ref(3), Complaint: ref(true)})
		must(err)
		praise, err := tags.Create(ctx, by, tag.Change{Name: ref("praise")})
		must(err)
		if complaint.Name != "苦情 ＡＢＣ" || !complaint.Complaint || complaint.Color != 3 {
			t.Errorf("made %+v", complaint)
		}
		_, err = tags.Create(ctx, by, tag.Change{Name: ref("苦情 abc")})
		refuses(err, "error.tag.taken")
		_, err = tags.Change(ctx, by, praise.ID, tag.Change{Name: ref("苦情 ABC")})
		refuses(err, "error.tag.taken")
		_, err = tags.Create(ctx, by, tag.Change{Name: ref("x"), Color: ref(8)})
		refuses(err, "error.tag.color")
		_, err = tags.Create(ctx, by, tag.Change{})
		refuses(err, "error.field.required")

		praise, err = tags.Change(ctx, by, praise.ID, tag.Change{Name: ref("Praise"), Color: ref(7)})
		must(err)
		_, err = tags.Change(ctx, by, praise.ID, tag.Change{Color: ref(7)}) // nothing new
		must(err)
		must(tags.Delete(ctx, by, complaint.ID))
		if err := tags.Delete(ctx, by, complaint.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleting twice: %v", err)
		}

		must(db.Read(ctx, func(tx *sqldb.Tx) error {
			all, err := tags.List(ctx, tx)
			must(err)
			if !slices.Equal(all, []tag.Tag{praise}) {
				t.Errorf("stored %+v, want %+v", all, praise)
			}
			facts, err := journal.Since(ctx, tx, 0, 100)
			var got []string
			for _, f := range facts {
				got = append(got, f.Name+" "+f.Subject)
			}
			want := []string{
				tag.UpdatedFact + " " + complaint.ID, tag.UpdatedFact + " " + praise.ID,
				tag.UpdatedFact + " " + praise.ID, tag.DeletedFact + " " + complaint.ID,
			}
			if !slices.Equal(got, want) {
				t.Errorf("facts %v, want %v", got, want)
			}
			return err
		}))
	})
}

func ref[T any](v T) *T { return &v }
