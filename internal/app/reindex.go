package app

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// reindexChunk is how many things are indexed in one transaction: a fraction of
// a second, in which a running server waits to write.
const reindexChunk = 500

// Indexed is what Reindex has done.
type Indexed = search.Progress

// Reindex builds the search index anew, beside a running server or without one,
// and tells report how far it has come after every step. Stopped on its way it
// goes on from there the next time, unless restart is given.
func Reindex(ctx context.Context, in Inside, restart bool, report func(Indexed)) (p Indexed, err error) {
	if !restart {
		err = in.DB.Read(ctx, func(tx *sqldb.Tx) error {
			p, err = in.Finder.SavedTx(ctx, tx)
			return err
		})
		if err != nil {
			return p, err
		}
	}
	for !p.Done() {
		var next Indexed
		err := in.DB.Write(ctx, func(tx *sqldb.Tx) error {
			if next, err = in.Finder.RebuildTx(ctx, tx, p, reindexChunk); err != nil {
				return err
			}
			return in.Finder.SaveTx(ctx, tx, next)
		})
		if err != nil {
			return p, err
		}
		p = next
		report(p)
	}
	return p, nil
}
