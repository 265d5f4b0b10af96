package place

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const stickerSQL = `SELECT id, place_id, code, label, state, replaced_by, issued_at, ended_at, scanned_at, kiosk_pass FROM sticker `

func scanSticker(r *sql.Rows) (s Sticker, err error) {
	err = r.Scan(&s.ID, &s.PlaceID, &s.Code, &s.Label, &s.State, sqldb.Str(&s.ReplacedBy), sqldb.At(&s.IssuedAt), sqldb.At(&s.EndedAt), sqldb.At(&s.ScannedAt), &s.KioskPass)
	return s, err
}

// Stickers returns the stickers of a place in the order they were issued.
func (Records) Stickers(ctx context.Context, tx *sqldb.Tx, placeID string) ([]Sticker, error) {
	return sqldb.List(ctx, tx, scanSticker, stickerSQL+`WHERE place_id = $1 ORDER BY id`, placeID)
}

// Sticker returns a sticker; fault.NotFound if there is none.
func (Records) Sticker(ctx context.Context, tx *sqldb.Tx, id string) (Sticker, error) {
	return oneSticker(sqldb.List(ctx, tx, scanSticker, stickerSQL+`WHERE id = $1`, id))
}

func oneSticker(found []Sticker, err error) (Sticker, error) {
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.place.sticker")
	}
	if err != nil {
		return Sticker{}, err
	}
	return found[0], nil
}

// Link is where a sticker leads.
func (x *Places) Link(s Sticker) string { return x.PublicURL + Base + s.Code }

// Printed is Link as a code holds it: in capitals, which a QR code packs tighter, and
// which lead to the same page wherever the address has no folder of its own.
func (x *Places) Printed(s Sticker) string {
	u, err := url.Parse(x.PublicURL)
	if err != nil || u.Path != "" {
		return x.Link(s)
	}
	return strings.ToUpper(x.Link(s))
}

// Base is where the pages of stickers live.
const Base = "/q/"

// Issue issues stickers of a place, one a label.
func (x *Places) Issue(ctx context.Context, by actor.Actor, placeID string, labels []string) (out []Sticker, err error) {
	var c fault.Check
	c.That(len(labels) > 0 && len(labels) <= MaxIssue, "body.labels", "error.list.long", "max", MaxIssue)
	clean := make([]string, len(labels))
	for i, l := range labels {
		clean[i] = strings.TrimSpace(l)
	}
	checkLine(&c, "body.labels", maxLabel, clean...)
	if err := c.Err(); err != nil {
		return nil, err
	}
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		out = nil
		if err := tx.Lock(ctx, "place", placeID); err != nil {
			return err
		}
		if _, err := x.ByID(ctx, tx, placeID); err != nil {
			return err
		}
		if err := hasRoom(ctx, tx, placeID, len(clean)); err != nil {
			return err
		}
		for _, label := range clean {
			s, err := x.issueTx(ctx, tx, by, Sticker{PlaceID: placeID, Label: label})
			if err != nil {
				return err
			}
			out = append(out, s)
		}
		return nil
	})
	return out, err
}

func hasRoom(ctx context.Context, tx *sqldb.Tx, placeID string, more int) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM sticker WHERE place_id = $1`, placeID).Scan(&n)
	if err == nil && n+more > MaxStickers {
		err = fault.New(fault.Conflict, "error.place.full", "max", MaxStickers)
	}
	return err
}

const (
	codeTries  = 5
	issueSQL   = `INSERT INTO sticker (id, place_id, code, label, state, issued_at) VALUES ($1, $2, $3, $4, 'active', $5) ON CONFLICT (code) DO NOTHING`
	stickSQL   = `UPDATE sticker SET label = $2, state = $3, replaced_by = $4, ended_at = $5, kiosk_pass = $6 WHERE id = $1`
	scannedSQL = `UPDATE sticker SET scanned_at = $2 WHERE id = $1`
)

// issueTx gives a sticker its id and a code that no other has.
func (x *Places) issueTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, s Sticker) (Sticker, error) {
	s.ID, s.State, s.IssuedAt, s.KioskPass = x.IDs.New("stk"), Active, tx.Now, 1
	for range codeTries {
		s.Code = newCode(x.Key)
		n, err := tx.Exec(ctx, issueSQL, s.ID, s.PlaceID, s.Code, s.Label, s.IssuedAt.UnixMilli())
		if err != nil {
			return s, err
		}
		if n > 0 {
			x.Journal.Emit(tx, StickerFact, s.ID, by, s.data())
			return s, nil
		}
	}
	return s, errors.New("place: no code was free")
}

// StickerChange is what may change of a sticker; nil leaves a field.
type StickerChange struct {
	Label *string
	// Retired takes a sticker out of use, or into it again. One that was replaced
	// can be retired, and is then no longer replaced by another.
	Retired *bool
	// NewPass makes a new pass for its kiosk: whatever device has the one before is
	// heard no longer.
	NewPass bool
}

// ChangeSticker changes a sticker.
func (x *Places) ChangeSticker(ctx context.Context, by actor.Actor, id string, ch StickerChange) (s Sticker, err error) {
	var c fault.Check
	label := ""
	if ch.Label != nil {
		label = strings.TrimSpace(*ch.Label)
		checkLine(&c, "body.label", maxLabel, label)
	}
	if err := c.Err(); err != nil {
		return s, err
	}
	err = x.alter(ctx, by, id, &s, func(*sqldb.Tx) error {
		if ch.Label != nil {
			s.Label = label
		}
		if ch.NewPass {
			s.KioskPass++
		}
		if ch.Retired == nil {
			return nil
		}
		s.State, s.ReplacedBy = Active, ""
		if *ch.Retired {
			s.State = Retired
		}
		return nil
	})
	return s, err
}

// Replace issues a sticker that takes the place of another, with its label. The old
// one goes on leading to the place, so that nobody stands before a dead code.
func (x *Places) Replace(ctx context.Context, by actor.Actor, id string) (fresh Sticker, err error) {
	var old Sticker
	err = x.alter(ctx, by, id, &old, func(tx *sqldb.Tx) error {
		if old.State == Replaced {
			return fault.New(fault.Conflict, "error.place.replaced")
		}
		if err := hasRoom(ctx, tx, old.PlaceID, 1); err != nil {
			return err
		}
		if fresh, err = x.issueTx(ctx, tx, by, Sticker{PlaceID: old.PlaceID, Label: old.Label}); err != nil {
			return err
		}
		old.State, old.ReplacedBy = Replaced, fresh.ID
		return nil
	})
	return fresh, err
}

// alter reads a sticker that nobody else can change meanwhile, has it changed, and
// keeps it.
func (x *Places) alter(ctx context.Context, by actor.Actor, id string, s *Sticker, change func(*sqldb.Tx) error) error {
	return x.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
		if err := tx.Lock(ctx, "sticker", id); err != nil {
			return err
		}
		if *s, err = x.Sticker(ctx, tx, id); err != nil {
			return err
		}
		was := s.State
		if err := change(tx); err != nil {
			return err
		}
		switch {
		case s.State == Active:
			s.EndedAt = time.Time{}
		case was == Active:
			s.EndedAt = tx.Now
		}
		if _, err := tx.Exec(ctx, stickSQL, s.ID, s.Label, string(s.State), sqldb.Null(s.ReplacedBy), sqldb.Millis(s.EndedAt), s.KioskPass); err != nil {
			return err
		}
		x.Journal.Emit(tx, StickerFact, s.ID, by, s.data())
		return nil
	})
}

func (s Sticker) data() StickerData {
	return StickerData{PlaceID: s.PlaceID, State: s.State, ReplacedBy: s.ReplacedBy, KioskPass: s.KioskPass}
}
