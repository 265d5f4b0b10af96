package search

import (
	"fmt"
	"slices"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// many is more documents than are looked at one by one.
const many = near + 3000

// TestRareAndFrequent pages through what occurs everywhere, seldom, only long
// ago and nowhere, by whole words and by beginnings, and by kind.
func TestRareAndFrequent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		kindOf := func(n int64) Kind {
			if n%1000 == 3 {
				return Conversation
			}
			return Message
		}
		words := func(n int64) string {
			s := fmt.Sprintf("common w%d %s", n%700, kindOf(n).marker())
			if n < 200 {
				s += " ancient ancestor"
			}
			return s
		}
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			for n := int64(1); n <= many; n++ {
				if _, err := tx.Exec(t.Context(), `INSERT INTO search_doc (n, kind, subject) VALUES ($1, $2, $3)`, n, string(kindOf(n)), fmt.Sprint(n)); err != nil {
					return err
				}
				if err := learn(t.Context(), tx, n, words(n)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			q    Query
			fits func(n int64) bool
		}{
			{Query{Text: "common"}, func(int64) bool { return true }},
			{Query{Text: "commo"}, func(int64) bool { return true }},
			{Query{Text: `"w7"`}, func(n int64) bool { return n%700 == 7 }},
			{Query{Text: "w69"}, func(n int64) bool { return n%700 == 69 || n%700/10 == 69 }},
			{Query{Text: "w"}, func(int64) bool { return true }},
			{Query{Text: "anc common"}, func(n int64) bool { return n < 200 }},
			{Query{Text: "ancient -ances"}, func(int64) bool { return false }},
			{Query{Text: "common", Kind: Conversation}, func(n int64) bool { return n%1000 == 3 }},
			{Query{Text: "common w3", Kind: Message}, func(n int64) bool { return n%1000 != 3 && (n%700 == 3 || n%700/10 == 3 || n%700/100 == 3) }},
			{Query{Text: "nowhere"}, func(int64) bool { return false }},
		} {
			var want, got []int64
			for n := int64(many); n > 0; n-- {
				if c.fits(n) {
					want = append(want, n)
				}
			}
			c.q.Limit = 90
			err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
				for before := int64(1 << 62); ; {
					list, err := newest(t.Context(), tx, c.q, before)
					if err != nil {
						return err
					}
					more := len(list) > c.q.Limit
					for _, f := range list[:min(len(list), c.q.Limit)] {
						got = append(got, f.n)
						if before = f.n; f.Kind != kindOf(f.n) {
							t.Errorf("%d is a %s", f.n, f.Kind)
						}
					}
					if !more {
						return nil
					}
				}
			})
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%+v: %d documents, want %d, %v", c.q, len(got), len(want), err)
			}
		}
	})
}
