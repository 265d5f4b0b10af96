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
// believed: neither to come nor longer ago than MaxLate. What somebody said and was
// thanked for is not refused because a clock is wrong.
func (d Told) moment(now time.Time) time.Time {
	switch oldest := now.Add(-MaxLate); {
	case d.At.Before(oldest):
		return oldest
	case d.At.After(now):
		return now
	}
	return d.At
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
	d.At = d.moment(x.DB.Clock().Now())
	var c fault.Check
	c.That(d.ID != "" && len(d.ID) <= maxTold, "id", "error.field.invalid")
	said, wrong := Said{Visit: d.visit(s), Lang: d.Lang, Words: d.Words}.check(false)
	if err := errors.Join(checkScore(d.Score), wrong, c.Err()); err != nil {
		return fault.Wrap(err, fault.Invalid, "error.invalid")
	}
	v := Rating{Visit: said.Visit, StickerID: s.Sticker.ID, PlaceID: s.Place.ID, Kiosk: true, Score: d.Score, Day: DayOf(s.Brand.Zone, d.At), At: d.At}
	had := false
	err := x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		_, err := byVisit(ctx, tx, said.Visit)
		had = err == nil
		if errors.Is(err, errNone) {
			return nil
		}
		return err
	})
	if err != nil || had {
		return err
	}
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
