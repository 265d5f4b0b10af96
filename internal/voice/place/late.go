package place

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	// MaxLate is how far back an answer of a kiosk is counted at most.
	MaxLate = 30 * 24 * time.Hour
	// MaxTold is how many answers a kiosk may send at once.
	MaxTold = 50
	maxTold = 64 // bytes of an id
)

// Told is an answer that a kiosk kept until it could send it.
type Told struct {
	ID    string // of the kiosk's own making; the same twice is one
	Score int
	Words string
	Lang  string
	At    time.Time // when it was tapped, by the kiosk's clock
}

// moment is when an answer was tapped, as far as a clock that nobody sets can be
// believed: neither to come nor longer ago than MaxLate, nor before the first sticker
// hung there. What somebody said and was thanked for is not refused because a clock
// is wrong.
func (d Told) moment(now, hung time.Time) time.Time {
	at := d.At
	for _, oldest := range []time.Time{now.Add(-MaxLate), hung} {
		if at.Before(oldest) {
			at = oldest
		}
	}
	if at.After(now) {
		return now
	}
	return at
}

const hungSQL = `WITH RECURSIVE chain (id, issued_at) AS (
	SELECT id, issued_at FROM sticker WHERE id = $1
	UNION SELECT s.id, s.issued_at FROM sticker s JOIN chain c ON s.replaced_by = c.id)
	SELECT MIN(issued_at) FROM chain`

// hung is since when there is a sticker, or one that it took the place of: a kiosk
// sends what it kept for those, too.
func hung(ctx context.Context, tx *sqldb.Tx, stickerID string) (at time.Time, err error) {
	err = tx.QueryRow(ctx, hungSQL, stickerID).Scan(sqldb.At(&at))
	return at, err
}

// visit is what names an answer of a kiosk here.
func (d Told) visit(s Opened) string {
	sum := sha256.Sum256([]byte("kiosk " + s.Sticker.ID + " " + d.ID))
	return hex.EncodeToString(sum[:16])
}

// Tell takes an answer of a kiosk and counts it on the day it was tapped. The same
// twice is one. fault.Invalid for one that no kiosk of ours would send: it is never
// taken.
func (x *Places) Tell(ctx context.Context, s Opened, d Told) error {
	if d.Lang != phrase.English {
		d.Lang = phrase.Japanese
	}
	var c fault.Check
	c.That(d.ID != "" && len(d.ID) <= maxTold, "id", "error.field.invalid")
	said, wrong := Said{Visit: d.visit(s), Lang: d.Lang, Words: d.Words}.check(false)
	if err := errors.Join(checkScore(d.Score), wrong, c.Err()); err != nil {
		return fault.Wrap(err, fault.Invalid, "error.invalid")
	}
	had, since := false, time.Time{}
	err := x.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		if _, err = byVisit(ctx, tx, said.Visit); !errors.Is(err, errNone) {
			had = err == nil
			return err
		}
		since, err = hung(ctx, tx, s.Sticker.ID)
		return err
	})
	if err != nil || had {
		return err
	}
	at := d.moment(x.DB.Clock().Now(), since)
	v := Rating{Visit: said.Visit, StickerID: s.Sticker.ID, PlaceID: s.Place.ID, Kiosk: true, Score: d.Score, Day: DayOf(s.Brand.Zone, at), At: at}
	place := ""
	if isMatter(d.Score, said) {
		r, err := x.enter(ctx, s, v, said)
		if err != nil {
			return err
		}
		place = string(r.Conversation)
	}
	return x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Serialize(ctx, "rating "+v.Visit); err != nil {
			return err
		}
		if _, err := byVisit(ctx, tx, v.Visit); !errors.Is(err, errNone) {
			return err
		}
		fresh := v
		fresh.ID = x.IDs.New("rate")
		if err := save(ctx, tx, fresh); err != nil {
			return err
		}
		add := counts{kiosk: 1}
		add.scores[d.Score-1] = 1
		if err := count(ctx, tx, fresh.StickerID, fresh.Day, add); err != nil {
			return err
		}
		return x.finish(ctx, tx, &fresh, said, place)
	})
}
