package search_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

const seedSQL = `INSERT INTO customer (id, name, name_key, locale, organization, note, created_at, seen_at, version)
VALUES ($1, $2, '', 'ja', '', '', $3, $3, 1)`

// customers stands for everything that can be found: they have the fewest neighbours.
func customers(t *testing.T, db *sqldb.DB, names ...string) {
	t.Helper()
	ctx := t.Context()
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		for i, name := range names {
			id := fmt.Sprintf("cus_%03d", i)
			if _, err := tx.Exec(ctx, seedSQL, id, name, tx.Now.UnixMilli()); err != nil {
				return err
			}
			if err := search.PutTx(ctx, tx, search.Document{Kind: search.Customer, Subject: id, Text: name}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, db *sqldb.DB, q search.Query) (names []string, next string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		p, err := search.New().Find(t.Context(), tx, q)
		for _, h := range p.Hits {
			names = append(names, h.Title)
		}
		next = p.Next
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, next
}

// A page is as long as it was asked to be, up to the longest there is.
func TestPagesAreAsLongAsAsked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		names := make([]string, search.MaxPage+5)
		for i := range names {
			names[i] = fmt.Sprintf("teapot %d", i)
		}
		customers(t, db, names...)
		for asked, want := range map[int]int{0: 50, 1: 1, 120: 120, search.MaxPage: search.MaxPage, search.MaxPage + 1: search.MaxPage} {
			if got, next := find(t, db, search.Query{Text: "teapot", Limit: asked}); len(got) != want || next == "" {
				t.Errorf("asked for %d: %d, next %q", asked, len(got), next)
			}
		}
	})
}

func TestFindAgreesWithSubstrings(t *testing.T) {
	texts := []string{"東京都の配送について", "京都への返金", "返金していただけますか", "Refund for order A-1234", "refunded twice, thank you", "ＡＢＣ税込", "佐々木様より", "the order arrived", "カード決済のエラー", "ｶｰﾄﾞが使えません"}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		customers(t, db, texts...)
		for query, want := range map[string][]string{
			"返金": {texts[2], texts[1]}, "京都": {texts[1], texts[0]}, "税": {texts[5]}, "佐々木": {texts[6]},
			"refund": {texts[4], texts[3]}, "order 1234": {texts[3]}, `"order arrived"`: {texts[7]}, "カード": {texts[9], texts[8]},
			"返金 -京都": {texts[2]}, "配送 東京": {texts[0]}, "存在しない": nil, "'; DROP TABLE search_doc --": nil, `"`: nil, "*": nil, "NEAR(a b)": nil,
		} {
			got, _ := find(t, db, search.Query{Text: query})
			if strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
	})
}

func TestPagesGoFromNewToOldWithoutGaps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		var names []string
		for i := range 25 {
			names = append(names, fmt.Sprintf("顧客番号 %d", i))
		}
		customers(t, db, names...)
		var all []string
		q := search.Query{Text: "顧客", Kind: search.Customer, Limit: 10}
		for {
			got, next := find(t, db, q)
			all = append(all, got...)
			if q.Cursor = next; next == "" {
				break
			}
		}
		if len(all) != 25 || all[0] != names[24] || all[24] != names[0] {
			t.Fatalf("pages: %q", all)
		}
		if got, _ := find(t, db, search.Query{Text: "顧客", Kind: search.Message}); got != nil {
			t.Fatalf("messages: %q", got)
		}
	})
}

func TestWhatIsIndexedAgainIsFoundOnceAndWhatIsDroppedNever(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		customers(t, db, "山田太郎", "山田花子")
		ctx := t.Context()
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			if err := search.PutTx(ctx, tx, search.Document{Kind: search.Customer, Subject: "cus_000", Text: "鈴木太郎"}); err != nil {
				return err
			}
			return search.DropTx(ctx, tx, search.Customer, "cus_001")
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := find(t, db, search.Query{Text: "山田"}); got != nil {
			t.Errorf("山田 finds %q", got)
		}
		if got, _ := find(t, db, search.Query{Text: "鈴木"}); len(got) != 1 {
			t.Errorf("鈴木 finds %q", got)
		}
	})
}
