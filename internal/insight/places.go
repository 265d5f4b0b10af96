package insight

import (
	"context"
	"database/sql"
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// placeDays is how far back the figures of places reach without a start: four weeks.
const placeDays = 28

// Funnel is what happened at a sticker, or at all of a place, in a period. Scans,
// starts and submits are of telephones; a kiosk has only answers.
type Funnel struct {
	Scans, Starts, Submits int
	Kiosk                  int
	Complaints             int
	Distribution           [5]int // answers by score, from the lowest
}

func (f *Funnel) add(other Funnel) {
	f.Scans += other.Scans
	f.Starts += other.Starts
	f.Submits += other.Submits
	f.Kiosk += other.Kiosk
	f.Complaints += other.Complaints
	for i, n := range other.Distribution {
		f.Distribution[i] += n
	}
}

// CSAT is the share of the scores 4 and 5, with its interval.
func (f Funnel) CSAT() (stat.Estimate, error) {
	answers := stat.Answers{}
	for i, n := range f.Distribution {
		if n > 0 {
			answers[i+1] = n
		}
	}
	return stat.TopBox(answers, len(f.Distribution), stat.Level95)
}

// PlaceFigures are the funnels of a period, by place and by sticker. What nothing
// happened at is not in them.
type PlaceFigures struct {
	Period   Period
	Places   map[string]Funnel
	Stickers map[string]Funnel
}

const (
	funnelColumns = `s.place_id, s.id, SUM(d.scans), SUM(d.starts), SUM(d.submits), SUM(d.kiosk), SUM(d.complaints), SUM(d.s1), SUM(d.s2), SUM(d.s3), SUM(d.s4), SUM(d.s5)`
	funnelsSQL    = `SELECT ` + funnelColumns + ` FROM sticker_day d JOIN sticker s ON s.id = d.sticker_id JOIN place p ON p.id = s.place_id
		WHERE d.day >= $1 AND d.day <= $2 AND ($3 = '' OR p.brand_id = $3) GROUP BY s.place_id, s.id`
	funnelsOfSQL = `SELECT ` + funnelColumns + ` FROM sticker s JOIN sticker_day d ON d.sticker_id = s.id
		WHERE s.place_id = $3 AND d.day >= $1 AND d.day <= $2 GROUP BY s.place_id, s.id`
)

// Places counts what happened at places; at one of them only if placeID is not "".
// Days are those of each brand's zone. Errors as of Resolve.
func Places(ctx context.Context, tx *sqldb.Tx, q Query, placeID string) (f PlaceFigures, err error) {
	if f.Period, err = placePeriod(ctx, tx, q); err != nil {
		return f, err
	}
	f.Places, f.Stickers = map[string]Funnel{}, map[string]Funnel{}
	take := func(r *sql.Rows) error {
		var place, sticker string
		var n Funnel
		d := &n.Distribution
		if err := r.Scan(&place, &sticker, &n.Scans, &n.Starts, &n.Submits, &n.Kiosk, &n.Complaints, &d[0], &d[1], &d[2], &d[3], &d[4]); err != nil {
			return err
		}
		f.Stickers[sticker] = n
		all := f.Places[place]
		all.add(n)
		f.Places[place] = all
		return nil
	}
	first, last := dayNumber(f.Period.From), dayNumber(f.Period.To)
	if placeID != "" {
		return f, tx.Each(ctx, take, funnelsOfSQL, first, last, placeID)
	}
	return f, tx.Each(ctx, take, funnelsSQL, first, last, q.BrandID)
}

func placePeriod(ctx context.Context, tx *sqldb.Tx, q Query) (Period, error) {
	p, err := Resolve(ctx, tx, q)
	if err != nil || q.From != "" {
		return p, err
	}
	last, err := time.Parse(dateLayout, p.To)
	if err != nil {
		return p, err
	}
	q.From, q.To = last.AddDate(0, 0, 1-placeDays).Format(dateLayout), p.To
	return Resolve(ctx, tx, q)
}

// stickerRow is a sticker as the sheet names it.
type stickerRow struct {
	id, label, code, state, kind string
	name                         phrase.Words
}

// WritePlaces writes the stickers of a period's places with their figures, as
// RFC 4180 has it, in the reader's language.
func (s Sheet) WritePlaces(ctx context.Context, tx *sqldb.Tx, w io.Writer, f PlaceFigures, lang string) error {
	rows, err := sqldb.List(ctx, tx, func(r *sql.Rows) (v stickerRow, err error) {
		err = r.Scan(&v.id, &v.label, &v.code, &v.state, &v.kind, sqldb.JSON{V: &v.name})
		return v, err
	}, `SELECT s.id, s.label, s.code, s.state, p.kind, p.name FROM place p JOIN sticker s ON s.place_id = p.id
		WHERE $1 = '' OR p.brand_id = $1 ORDER BY p.id, s.id`, f.Period.BrandID)
	if err != nil {
		return err
	}
	if s.BOM {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	var header []string
	for _, name := range []string{"place", "placeKind", "sticker", "code", "stickerState", "scans", "starts", "submits", "kiosk", "complaints", "answers", "csat", "csatLow", "csatHigh", "score1", "score2", "score3", "score4", "score5"} {
		header = append(header, s.Words("report.csv."+name))
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, row := range rows {
		cells, err := s.stickerCells(row, f.Stickers[row.id], lang)
		if err != nil {
			return err
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (s Sheet) stickerCells(row stickerRow, n Funnel, lang string) ([]string, error) {
	e, err := n.CSAT()
	share := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(stat.Round(*v, 4), 'f', 4, 64)
	}
	low, high := "", ""
	if e.Interval != nil {
		low, high = share(&e.Interval.Low), share(&e.Interval.High)
	}
	cells := []string{safe(row.name.In(lang)), s.Words("report.place." + row.kind), safe(row.label), row.code, s.Words("report.sticker." + row.state),
		strconv.Itoa(n.Scans), strconv.Itoa(n.Starts), strconv.Itoa(n.Submits), strconv.Itoa(n.Kiosk), strconv.Itoa(n.Complaints), strconv.Itoa(e.N), share(e.Value), low, high}
	for _, k := range n.Distribution {
		cells = append(cells, strconv.Itoa(k))
	}
	return cells, err
}
