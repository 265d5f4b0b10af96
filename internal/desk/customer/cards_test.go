package customer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TestCards asks for a named and a nameless customer, one who was merged, and one
// who never was.
func TestCards(t *testing.T) {
	each(t, func(d *desk) {
		named, _ := d.see("hanako@example.jp", "佐藤 花子")
		nameless, _ := d.see("taro@example.jp", "")
		again, _ := d.see("hanako@work.example.jp", "")
		_, err := d.book.Merge(d.Context(), agent, again.ID, named.ID)
		d.must(err)
		hanako, taro := customer.Card{Name: "佐藤 花子", Address: "hanako@example.jp"}, customer.Card{Address: "taro@example.jp"}
		want := map[string]customer.Card{named.ID: hanako, again.ID: hanako, nameless.ID: taro}
		d.must(d.db.Read(d.Context(), func(tx *sqldb.Tx) error {
			got, err := d.book.Cards(d.Context(), tx, []string{named.ID, nameless.ID, again.ID, "cust_unknown"})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if hanako.Label() != "佐藤 花子" || taro.Label() != "taro@example.jp" {
				t.Errorf("called %q and %q", hanako.Label(), taro.Label())
			}
			return err
		}))
	})
}
