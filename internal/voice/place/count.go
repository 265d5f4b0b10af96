package place

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// counts are what is added to a sticker's day.
type counts struct {
	scans, starts, submits, kiosk, complaints int
	scores                                    [5]int
}

const countSQL = `INSERT INTO sticker_day (sticker_id, day, scans, starts, submits, kiosk, complaints, s1, s2, s3, s4, s5)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
	ON CONFLICT (sticker_id, day) DO UPDATE SET scans = sticker_day.scans + excluded.scans, starts = sticker_day.starts + excluded.starts,
	submits = sticker_day.submits + excluded.submits, kiosk = sticker_day.kiosk + excluded.kiosk, complaints = sticker_day.complaints + excluded.complaints,
	s1 = sticker_day.s1 + excluded.s1, s2 = sticker_day.s2 + excluded.s2, s3 = sticker_day.s3 + excluded.s3,
	s4 = sticker_day.s4 + excluded.s4, s5 = sticker_day.s5 + excluded.s5`

func count(ctx context.Context, tx *sqldb.Tx, stickerID string, day int, c counts) error {
	if c == (counts{}) {
		return nil
	}
	_, err := tx.Exec(ctx, countSQL, stickerID, day, c.scans, c.starts, c.submits, c.kiosk, c.complaints,
		c.scores[0], c.scores[1], c.scores[2], c.scores[3], c.scores[4])
	return err
}

// DayOf is the local day of a brand as a number: 20261121.
func DayOf(zone string, at time.Time) int {
	if z, err := time.LoadLocation(zone); err == nil {
		at = at.In(z)
	}
	return worktime.DayNumber(at)
}

// Scanned counts one scan. Of a sticker that is out of use it is only noted that
// it still hangs somewhere.
func (x *Places) Scanned(ctx context.Context, s Opened) error {
	return x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, scannedSQL, s.Sticker.ID, tx.Now.UnixMilli()); err != nil {
			return err
		}
		if !s.InUse() {
			return nil
		}
		return count(ctx, tx, s.Sticker.ID, DayOf(s.Brand.Zone, tx.Now), counts{scans: 1})
	})
}
