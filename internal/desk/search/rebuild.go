package search

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Progress is how far a rebuild has come, and what it has done so far.
type Progress struct {
	Stage         int    `json:"stage"` // of stages
	After         string `json:"after"` // the last id that was done in the stage
	Number        int64  `json:"number"`
	Customers     int    `json:"customers"`
	Conversations int    `json:"conversations"`
	Messages      int    `json:"messages"`
	Removed       int    `json:"removed"` // documents of things that are no more
}

// Done reports whether nothing is left to do.
func (p Progress) Done() bool { return p.Stage >= len(stages()) }

// stage is all things of one sort. The oldest come first, so that what is new to
// the index is numbered in the order of time.
type stage struct {
	list  string // the ids after $1, at most $2
	index func(ctx context.Context, tx *sqldb.Tx, id string) error
	count func(p *Progress) *int
}

func stages() []stage {
	return []stage{
		{`SELECT id FROM customer WHERE id > $1 AND merged_into IS NULL ORDER BY id LIMIT $2`, indexCustomer, func(p *Progress) *int { return &p.Customers }},
		{`SELECT id FROM conversation WHERE id > $1 ORDER BY id LIMIT $2`, indexConversation, func(p *Progress) *int { return &p.Conversations }},
		{`SELECT id FROM message WHERE id > $1 AND withdrawn_at IS NULL AND kind <> 'event' ORDER BY id LIMIT $2`, indexMessage, func(p *Progress) *int { return &p.Messages }},
		{count: func(p *Progress) *int { return &p.Removed }},
	}
}

// RebuildTx does the next n things of a rebuild and returns how far it has come
// then. The zero Progress begins; call it until Done. Things keep their numbers,
// so that the order of what is found stays, and everything stays findable
// meanwhile; what changes beside it is indexed by its own fact.
func (x *Finder) RebuildTx(ctx context.Context, tx *sqldb.Tx, p Progress, n int) (Progress, error) {
	s := stages()[p.Stage]
	if s.index == nil {
		return x.weed(ctx, tx, p, n)
	}
	ids, err := sqldb.List(ctx, tx, func(r *sql.Rows) (id string, err error) { err = r.Scan(&id); return id, err }, s.list, p.After, n)
	if err != nil {
		return p, err
	}
	for _, id := range ids {
		if err := s.index(ctx, tx, id); err != nil {
			return p, err
		}
		*s.count(&p)++
		p.After = id
	}
	if len(ids) < n {
		p.Stage, p.After = p.Stage+1, ""
	}
	return p, nil
}

const weedSQL = `SELECT d.n, d.kind, d.subject, CASE d.kind
	WHEN 'customer' THEN EXISTS (SELECT 1 FROM customer c WHERE c.id = d.subject AND c.merged_into IS NULL)
	WHEN 'conversation' THEN EXISTS (SELECT 1 FROM conversation v WHERE v.id = d.subject)
	ELSE EXISTS (SELECT 1 FROM message m WHERE m.id = d.subject AND m.withdrawn_at IS NULL) END
FROM search_doc d WHERE d.n > $1 ORDER BY d.n LIMIT $2`

// weed takes out documents of things that are no more.
func (x *Finder) weed(ctx context.Context, tx *sqldb.Tx, p Progress, n int) (Progress, error) {
	type known struct {
		n       int64
		kind    Kind
		subject string
		lives   bool
	}
	list, err := sqldb.List(ctx, tx, func(r *sql.Rows) (k known, err error) {
		err = r.Scan(&k.n, &k.kind, &k.subject, &k.lives)
		return k, err
	}, weedSQL, p.Number, n)
	if err != nil {
		return p, err
	}
	for _, k := range list {
		if !k.lives {
			if err := DropTx(ctx, tx, k.kind, k.subject); err != nil {
				return p, err
			}
			p.Removed++
		}
		p.Number = k.n
	}
	if len(list) < n {
		p.Stage++
	}
	return p, nil
}

const rebuildSetting = "search.rebuild"

// SavedTx returns the progress of a rebuild that was stopped on its way, the
// zero Progress if there is none.
func (x *Finder) SavedTx(ctx context.Context, tx *sqldb.Tx) (p Progress, err error) {
	var raw string
	err = tx.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, rebuildSetting).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return Progress{}, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(raw), &p)
	}
	return p, err
}

// SaveTx keeps the progress of a rebuild; of one that is done nothing is kept.
func (x *Finder) SaveTx(ctx context.Context, tx *sqldb.Tx, p Progress) error {
	if p.Done() {
		_, err := tx.Exec(ctx, `DELETE FROM setting WHERE name = $1`, rebuildSetting)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, rebuildSetting, sqldb.JSON{V: p})
	return err
}
