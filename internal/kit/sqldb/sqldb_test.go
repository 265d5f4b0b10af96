package sqldb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

func TestTransactions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx := t.Context()
		boom := errors.New("boom")
		ran := false
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			tx.AfterCommit(func() { ran = true })
			_, err := tx.Exec(ctx, "INSERT INTO counter (name, value) VALUES ($1, $2)", "x", 1)
			return errors.Join(err, boom)
		})
		if !errors.Is(err, boom) || ran {
			t.Fatalf("err %v, after-commit ran: %v", err, ran)
		}
		err = db.Write(ctx, func(tx *sqldb.Tx) error {
			if !tx.Now.Equal(c.Now()) {
				t.Errorf("tx.Now is %v", tx.Now)
			}
			tx.AfterCommit(func() { ran = true })
			_, err := tx.Exec(ctx, "INSERT INTO counter (name, value) VALUES ($1, $2)", "x", sqldb.Millis(tx.Now))
			return err
		})
		if err != nil || !ran {
			t.Fatalf("err %v, after-commit ran: %v", err, ran)
		}
		var at time.Time
		err = db.Read(ctx, func(tx *sqldb.Tx) error {
			return tx.QueryRow(ctx, "SELECT value FROM counter WHERE name = $1", "x").Scan(sqldb.At(&at))
		})
		if err != nil || !at.Equal(c.Now()) {
			t.Fatalf("read %v, %v", at, err)
		}
		err = db.Read(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM counter")
			return err
		})
		if err == nil {
			t.Fatal("a read transaction could write")
		}
		err = db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO counter (name, value) VALUES ('x', 2)")
			return err
		})
		if !sqldb.IsUnique(err) {
			t.Fatalf("a second row with the same key: %v", err)
		}
	})
}

func TestMembers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		ctx := t.Context()
		a, err := db.Join(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		b, err := db.Join(ctx, "b")
		if err != nil {
			t.Fatal(err)
		}
		alive := func() map[string]bool {
			var m map[string]bool
			if err := db.Write(ctx, func(tx *sqldb.Tx) (err error) {
				m, err = tx.Members(ctx, db, []string{"a", "b", "c"})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return m
		}
		if m := alive(); !m["a"] || !m["b"] || m["c"] {
			t.Fatalf("alive: %v", m)
		}
		if err := b.Leave(); err != nil {
			t.Fatal(err)
		}
		if m := alive(); !m["a"] || m["b"] {
			t.Fatalf("alive after b left: %v", m)
		}
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRedact(t *testing.T) {
	for raw, want := range map[string]string{
		"postgres://desk@db/desk":                            "postgres://desk@db/desk",
		"postgres://desk:secret@db/desk?sslmode=disable":     "postgres://desk:xxxxx@db/desk?sslmode=disable",
		"postgres://desk@db/desk?password=secret":            "postgres://desk@db/desk?password=xxxxx",
		"postgres://db/desk?sslpassword=secret&PASSWORD=two": "postgres://db/desk?PASSWORD=xxxxx&sslpassword=xxxxx",
		"postgres://%zzsecret":                               "postgres:…",
		"sqlite:/var/lib/kintsugi/kintsugi.db":               "sqlite:/var/lib/kintsugi/kintsugi.db",
	} {
		if got := sqldb.Redact(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// One id has one member at a time: who comes second waits, and may stop waiting.
func TestAMemberIsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		ctx := t.Context()
		first, err := db.Join(ctx, "inbox:1")
		if err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		if m, err := db.Join(short, "inbox:1"); err == nil {
			_ = m.Leave() // it should not be one
			t.Fatal("two members have one id")
		}
		type joined struct {
			m   *sqldb.Member
			err error
		}
		second := make(chan joined, 1)
		go func() {
			m, err := db.Join(ctx, "inbox:1")
			second <- joined{m, err}
		}()
		select {
		case j := <-second:
			t.Fatalf("the second did not wait: %v", j.err)
		case <-time.After(100 * time.Millisecond):
		}
		if err := first.Leave(); err != nil {
			t.Fatal(err)
		}
		j := <-second
		if j.err != nil {
			t.Fatal(j.err)
		}
		if err := db.Read(ctx, func(tx *sqldb.Tx) error {
			alive, err := tx.Members(ctx, db, []string{"inbox:1"})
			if !alive["inbox:1"] {
				t.Error("leaving took the second one's seat")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := j.m.Leave(); err != nil {
			t.Fatal(err)
		}
	})
}
