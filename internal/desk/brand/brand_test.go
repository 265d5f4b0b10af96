package brand_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

func TestBrands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx, by := t.Context(), actor.ForAgent("agt_1")
		ids := id.NewSource(c, rand.Reader)
		journal := event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler)))
		brands := brand.NewBrands(db, ids, journal)

		_, err := brands.Create(ctx, by, brand.Change{})
		wantField(t, err, "body.name", "error.field.required")
		plain, err := brands.Create(ctx, by, brand.Change{Name: ref(" Kiln ")})
		if err != nil {
			t.Fatal(err)
		}
		if plain.Name != "Kiln" || plain.Locale != "en" || plain.Zone != "UTC" || plain.Color == "" {
			t.Errorf("defaults %+v", plain)
		}
		hours := worktime.Weekdays("Asia/Tokyo", "10:00", "19:00")
		hours.Holidays, hours.Closed = worktime.Japan, []string{"12-31"}
		made, err := brands.Create(ctx, by, brand.Change{Name: ref("窯"), Locale: ref("ja"), Zone: ref("Asia/Tokyo"), Hours: &hours, Color: ref("#C0A010")})
		if err != nil {
			t.Fatal(err)
		}
		cal, err := made.Calendar()
		if err != nil {
			t.Fatal(err)
		}
		if open := time.Date(2026, 4, 15, 1, 0, 0, 0, time.UTC); !cal.IsOpen(open) || cal.IsOpen(open.Add(-time.Minute)) {
			t.Error("the calendar does not open at ten in Tokyo")
		}
		changed, err := brands.Change(ctx, by, made.ID, brand.Change{Zone: ref("Asia/Seoul"), Color: ref("#000000")})
		if err != nil {
			t.Fatal(err)
		}
		if changed.Hours.Zone != "Asia/Seoul" || changed.Version != 2 || changed.Name != "窯" {
			t.Errorf("changed to %+v", changed)
		}
		if _, err := brands.Change(ctx, by, made.ID, brand.Change{}); err != nil {
			t.Error(err)
		}

		if err := db.Read(ctx, func(tx *sqldb.Tx) error {
			all, err := brands.List(ctx, tx)
			if diff := cmp.Diff([]brand.Brand{plain, changed}, all); diff != "" {
				t.Errorf("stored (-returned +stored):\n%s", diff)
			}
			wantFacts(t, ctx, tx, journal, brand.UpdatedFact, brand.UpdatedFact, brand.UpdatedFact)
			_, missing := brands.ByID(ctx, tx, "brand_none")
			if !fault.Is(missing, fault.NotFound) {
				t.Errorf("a missing brand: %v", missing)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWhatABrandRefuses(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	db := dbtest.SQLite(t, c)
	ids := id.NewSource(c, rand.Reader)
	brands := brand.NewBrands(db, ids, event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler))))
	late := worktime.Weekdays("UTC", "18:00", "09:00")
	for name, x := range map[string]struct {
		change    brand.Change
		path, key string
	}{
		"language": {brand.Change{Locale: ref("fr")}, "body.locale", "error.brand.locale"},
		"colour":   {brand.Change{Color: ref("gold")}, "body.color", "error.brand.color"},
		"zone":     {brand.Change{Zone: ref("Mars/Base")}, "body.timeZone", "hours.zone.unknown"},
		"hours":    {brand.Change{Hours: &late}, "body.hours.week.mon.0.to", "hours.range.order"},
		"never":    {brand.Change{Hours: &worktime.Hours{}}, "body.hours.week", "hours.week.empty"},
		"control":  {brand.Change{Name: ref("a\nb")}, "body.name", "error.field.invalid"},
	} {
		if x.change.Name == nil {
			x.change.Name = ref("Kiln")
		}
		_, err := brands.Create(t.Context(), actor.OfSystem("test"), x.change)
		t.Run(name, func(t *testing.T) { wantField(t, err, x.path, x.key) })
	}
}

// Who changes the week does not speak of single dates, and does not take back
// what another has just said of them.
func TestSpecialDaysStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ids := id.NewSource(c, rand.Reader)
		brands := brand.NewBrands(db, ids, event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler))))
		by := actor.OfSystem("test")
		b, err := brands.Create(t.Context(), by, brand.Change{Name: ref("Kiln")})
		if err != nil {
			t.Fatal(err)
		}
		special, week := b.Hours, worktime.Weekdays("UTC", "10:00", "16:00")
		special.Special = map[string][]worktime.Range{"2026-12-30": {{From: "09:00", To: "12:00"}}}
		if _, err := brands.Change(t.Context(), by, b.ID, brand.Change{Hours: &special}); err != nil {
			t.Fatal(err)
		}
		b, err = brands.Change(t.Context(), by, b.ID, brand.Change{Hours: &week, KeepSpecial: true})
		if err != nil || len(b.Hours.Special["2026-12-30"]) != 1 || b.Hours.Week.Mon[0].From != "10:00" {
			t.Errorf("%+v, %v", b.Hours, err)
		}
		if b, err = brands.Change(t.Context(), by, b.ID, brand.Change{Hours: &week}); err != nil || len(b.Hours.Special) != 0 {
			t.Errorf("%+v, %v", b.Hours, err)
		}
	})
}

func ref[T any](v T) *T { return &v }

func wantField(t *testing.T, err error, path, key string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("got %v, want invalid input", err)
	}
	for _, field := range f.Fields {
		if field.Path == path && field.Key == key {
			return
		}
	}
	t.Errorf("got %v, want %s at %s", err, key, path)
}

func wantFacts(t *testing.T, ctx context.Context, tx *sqldb.Tx, j *event.Journal, want ...string) {
	t.Helper()
	facts, err := j.Since(ctx, tx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range facts {
		got = append(got, f.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("facts %v, want %v", got, want)
	}
}
