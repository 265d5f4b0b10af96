package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

func searchLines() []line {
	return []line{
		{name: "search", work: "search in all messages, Japanese of two characters and English of two words", target: "p95 ≤ 20 ms", run: runSearch},
		{name: "recall", work: "what a search finds of what a look at every message finds", target: "1.0", run: runRecall},
	}
}

// queries are words that occur often, seldom and hardly.
func queries() []string {
	return []string{"返金", "配送", "交換", "急須", "写真", "欠け", "在庫", "領収", "coffee order", "charged twice", "refund please", "invoice address", "subscription pause", "billing mistake"}
}

func runSearch(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.large)
	if err != nil {
		return nil, err
	}
	c, err := d.dial(d.boss)
	if err != nil {
		return nil, err
	}
	defer c.close()
	worst, median := 0.0, 0.0
	for _, q := range queries() {
		for _, kind := range []string{"", "messages"} {
			path := "/search?q=" + url.QueryEscape(q) + "&kind=" + kind
			if _, err := c.time(path, 1); err != nil {
				return nil, err
			}
			took, err := c.time(path, 20)
			if err != nil {
				return nil, err
			}
			worst, median = max(worst, quantile(took, 0.95)), max(median, quantile(took, 0.5))
			if b.verbose {
				fmt.Fprintf(os.Stderr, "    p50 %.2f p95 %.2f ms %s %s\n", quantile(took, 0.5), quantile(took, 0.95), q, kind)
			}
		}
	}
	return []figure{{name: "p95", value: worst, unit: "ms", limit: 20}, {name: "p50", value: median, unit: "ms"}}, nil
}

// deepest is how many of the newest matches of one query are compared.
const deepest = 20_000

func runRecall(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	truth, err := d.lookAtAll(ctx)
	if err != nil {
		return nil, err
	}
	c, err := d.dial(d.boss)
	if err != nil {
		return nil, err
	}
	defer c.close()
	wanted, missed, strange := 0, 0, 0
	for _, q := range queries() {
		found, whole, err := find(c, q)
		if err != nil {
			return nil, err
		}
		want := truth[q]
		missing := 0
		for id := range want {
			if !found[id] {
				missing++
			}
		}
		if !whole { // the newest of very many were looked at: as many must be right
			missing = max(0, min(len(want), deepest)-len(found))
		}
		for id := range found {
			if !want[id] {
				strange++
			}
		}
		wanted, missed = wanted+min(len(want), deepest), missed+missing
		if b.verbose {
			fmt.Fprintf(os.Stderr, "    %s: %d in the messages, %d found, %d missing\n", q, len(want), len(found), missing)
		}
	}
	return []figure{{value: 1 - float64(missed)/float64(max(wanted, 1)), limit: 1, least: true}, {name: "of", value: float64(wanted), unit: "messages", limit: 1, least: true},
		{name: "wrongly found", value: float64(strange)}}, nil
}

// find pages through everything that a query finds, up to the deepest.
func find(c *conn, q string) (found map[string]bool, whole bool, err error) {
	found, cursor := map[string]bool{}, ""
	for {
		raw, err := c.get("/search?kind=messages&limit=100&q=" + url.QueryEscape(q) + "&cursor=" + cursor)
		if err != nil {
			return nil, false, err
		}
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return nil, false, err
		}
		for _, h := range page.Items {
			found[h.ID] = true
		}
		if page.Next == "" || len(found) >= deepest {
			return found, page.Next == "", nil
		}
		cursor = page.Next
	}
}

// lookAtAll reads every message and notes which contain which query: all of its
// words, Japanese anywhere, English at the beginning of a word.
func (d *desk) lookAtAll(ctx context.Context) (map[string]map[string]bool, error) {
	where := d.database
	if where == "" {
		where = "sqlite:" + d.data + "/kintsugi.db"
	}
	db, err := sqldb.Open(ctx, where, sqldb.Options{Existing: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // only read from
	out := map[string]map[string]bool{}
	for _, q := range queries() {
		out[q] = map[string]bool{}
	}
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		return tx.Each(ctx, func(r *sql.Rows) error {
			var id, body string
			if err := r.Scan(&id, &body); err != nil {
				return err
			}
			folded := text.Fold(body)
			for q, ids := range out {
				if holds(folded, q) {
					ids[id] = true
				}
			}
			return nil
		}, `SELECT id, body FROM message WHERE kind <> 'event' AND withdrawn_at IS NULL`)
	})
	return out, err
}

func holds(folded, q string) bool {
	for _, word := range strings.Fields(q) {
		ok := false
		for rest, at := folded, 0; !ok; {
			i := strings.Index(rest, word)
			if i < 0 {
				return false
			}
			at += i
			ok = word[0] >= 0x80 || at == 0 || !letter7(folded[at-1])
			at += len(word)
			rest = folded[at:]
		}
	}
	return true
}

// letter7 reports a letter or digit of ASCII.
func letter7(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
