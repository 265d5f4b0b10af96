package place

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Rating is what somebody tapped and said on one visit.
type Rating struct {
	ID             string
	Visit          string
	StickerID      string
	PlaceID        string
	Kiosk          bool
	Score          int // 0: a complaint without one
	Words          string
	Asks           bool   // they want an answer
	ConversationID string // "" if nothing was to be answered or mended
	Day            int    // on which it is counted, 20261121
	At             time.Time
	SubmittedAt    time.Time // zero: they tapped and went
}

const ratingColumns = `id, visit, sticker_id, place_id, kiosk, score, words, asks, conversation_id, day, at, submitted_at`

func scanRating(r *sql.Rows) (v Rating, err error) {
	var score sql.NullInt64
	err = r.Scan(&v.ID, &v.Visit, &v.StickerID, &v.PlaceID, &v.Kiosk, &score, &v.Words, &v.Asks, sqldb.Str(&v.ConversationID), &v.Day, sqldb.At(&v.At), sqldb.At(&v.SubmittedAt))
	v.Score = int(score.Int64)
	return v, err
}

// errNone says that a visit has no rating yet.
var errNone = errors.New("place: no rating")

func byVisit(ctx context.Context, tx *sqldb.Tx, visit string) (Rating, error) {
	found, err := sqldb.List(ctx, tx, scanRating, `SELECT `+ratingColumns+` FROM rating WHERE visit = $1`, visit)
	if err == nil && len(found) == 0 {
		err = errNone
	}
	if err != nil {
		return Rating{}, err
	}
	return found[0], nil
}

// Rating returns what was tapped on a visit of a sticker; fault.NotFound if nothing
// was.
func (x *Places) Rating(ctx context.Context, s Opened, visit string) (v Rating, err error) {
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		v, err = byVisit(ctx, tx, visit)
		if errors.Is(err, errNone) || err == nil && v.StickerID != s.Sticker.ID {
			return fault.New(fault.NotFound, "error.place.rating")
		}
		return err
	})
	return v, err
}

const saveRatingSQL = `INSERT INTO rating (` + ratingColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
	ON CONFLICT (visit) DO UPDATE SET score = excluded.score, words = excluded.words, asks = excluded.asks,
	conversation_id = excluded.conversation_id, submitted_at = excluded.submitted_at`

func save(ctx context.Context, tx *sqldb.Tx, v Rating) error {
	var score any
	if v.Score != 0 {
		score = v.Score
	}
	_, err := tx.Exec(ctx, saveRatingSQL, v.ID, v.Visit, v.StickerID, v.PlaceID, v.Kiosk, score, v.Words, v.Asks, sqldb.Null(v.ConversationID),
		v.Day, v.At.UnixMilli(), sqldb.Millis(v.SubmittedAt))
	return err
}

// Tap keeps the face that somebody tapped, or another they tap on the same visit
// before they finish. fault.Invalid for a score off the scale.
func (x *Places) Tap(ctx context.Context, s Opened, visit string, score int) (v Rating, err error) {
	if err := checkScore(score); err != nil {
		return v, err
	}
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		v, err = x.begin(ctx, tx, s, visit)
		if err != nil || !v.SubmittedAt.IsZero() || v.Score == score {
			return err
		}
		return changeScore(ctx, tx, &v, score)
	})
	return v, err
}

func checkScore(score int) error {
	var c fault.Check
	_, ok := survey.BandOf(score)
	c.That(ok, "score", "error.survey.score")
	return c.Err()
}

// begin returns the rating of a visit, a new one if there is none: that somebody
// started is counted with it. Nobody else works on the visit until the
// transaction ends.
func (x *Places) begin(ctx context.Context, tx *sqldb.Tx, s Opened, visit string) (Rating, error) {
	if err := tx.Serialize(ctx, "rating "+visit); err != nil {
		return Rating{}, err
	}
	v, err := byVisit(ctx, tx, visit)
	if err == nil && v.StickerID != s.Sticker.ID {
		return v, fault.New(fault.NotFound, "error.place.rating")
	}
	if !errors.Is(err, errNone) {
		return v, err
	}
	v = Rating{ID: x.IDs.New("rate"), Visit: visit, StickerID: s.Sticker.ID, PlaceID: s.Place.ID, Day: DayOf(s.Brand.Zone, tx.Now), At: tx.Now}
	if err := save(ctx, tx, v); err != nil {
		return v, err
	}
	c := counts{starts: 1}
	if s.Uncounted {
		c.scans = 1
	}
	return v, count(ctx, tx, v.StickerID, v.Day, c)
}

// changeScore moves a rating from one face to another.
func changeScore(ctx context.Context, tx *sqldb.Tx, v *Rating, score int) error {
	var c counts
	if v.Score != 0 {
		c.scores[v.Score-1]--
	}
	c.scores[score-1]++
	v.Score = score
	if err := save(ctx, tx, *v); err != nil {
		return err
	}
	return count(ctx, tx, v.StickerID, v.Day, c)
}

// finish keeps what a rating ended with, once: words that opened a matter stay those
// that are read there.
func (x *Places) finish(ctx context.Context, tx *sqldb.Tx, v *Rating, said Said, conversationID string) error {
	first := v.SubmittedAt.IsZero()
	hadMatter := v.ConversationID != ""
	if hadMatter || !first && v.Words == said.Words && v.Asks == said.Asks && conversationID == "" {
		return nil
	}
	v.Words, v.Asks = said.Words, said.Asks
	if conversationID != "" {
		v.ConversationID = conversationID
	}
	if first {
		v.SubmittedAt = tx.Now
	}
	if err := save(ctx, tx, *v); err != nil {
		return err
	}
	var c counts
	if first && !v.Kiosk {
		c.submits = 1
	}
	if v.ConversationID != "" {
		c.complaints = 1
	}
	if err := count(ctx, tx, v.StickerID, v.Day, c); err != nil {
		return err
	}
	x.Journal.Emit(tx, RatedFact, v.ID, actor.OfSystem("place"), RatedData{PlaceID: v.PlaceID, StickerID: v.StickerID, Score: v.Score,
		Kiosk: v.Kiosk, Asks: v.Asks, ConversationID: v.ConversationID})
	return nil
}
