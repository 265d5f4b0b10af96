package customer

import (
	"context"
	"database/sql"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	laterJoinsSQL = `SELECT id, was, became FROM customer_join WHERE into_id = $1 AND parted_at IS NULL AND id > $2 ORDER BY id`
	relearnSQL    = `UPDATE customer_join SET was = $2, became = $3 WHERE id = $1`
)

// lesson is what a join taught whoever took another in: where was and became
// differ. A note is a piece of theirs.
type lesson struct {
	was, became profile
	note        string
}

func (r record) lesson() lesson {
	note, grown := strings.CutPrefix(r.became.Note, r.was.Note+"\n\n")
	if !grown || r.was.Note == "" {
		note = ""
	}
	if r.was.Note == "" {
		note = r.became.Note
	}
	return lesson{r.was, r.became, note}
}

// onward is what of a lesson the next join taught in turn.
func (l lesson) onward(next lesson) lesson {
	out := lesson{was: next.was, became: next.was}
	pass := func(at *string, was, became, next string) {
		if was != became && became == next {
			*at = next
		}
	}
	a, b, n := l.was, l.became, next.became
	pass(&out.became.Name, a.Name, b.Name, n.Name)
	pass(&out.became.Locale, a.Locale, b.Locale, n.Locale)
	pass(&out.became.Organization, a.Organization, b.Organization, n.Organization)
	pass(&out.became.Prefers, a.Prefers, b.Prefers, n.Prefers)
	if a.HoursFrom != b.HoursFrom && b.HoursFrom == n.HoursFrom && b.HoursTo == n.HoursTo {
		out.became.HoursFrom, out.became.HoursTo = n.HoursFrom, n.HoursTo
	}
	if !a.CreatedAt.Equal(b.CreatedAt) && b.CreatedAt.Equal(n.CreatedAt) {
		out.became.CreatedAt = n.CreatedAt
	}
	if without(next.note, l.note) != next.note {
		out.note = l.note
	}
	return out
}

// without takes a piece out of a note.
func without(note, piece string) string {
	before, after, found := strings.Cut("\n\n"+note+"\n\n", "\n\n"+piece+"\n\n")
	if piece == "" || !found {
		return note
	}
	return strings.Trim(before+"\n\n"+after, "\n")
}

// forget takes away what a lesson taught, where it still stands.
func (p *profile) forget(l lesson) {
	back := func(at *string, became, was string) {
		if *at == became {
			*at = was
		}
	}
	back(&p.Name, l.became.Name, l.was.Name)
	back(&p.Locale, l.became.Locale, l.was.Locale)
	back(&p.Organization, l.became.Organization, l.was.Organization)
	back(&p.Prefers, l.became.Prefers, l.was.Prefers)
	if p.HoursFrom == l.became.HoursFrom && p.HoursTo == l.became.HoursTo {
		p.HoursFrom, p.HoursTo = l.was.HoursFrom, l.was.HoursTo
	}
	if p.CreatedAt.Equal(l.became.CreatedAt) {
		p.CreatedAt = l.was.CreatedAt
	}
	p.Note = without(p.Note, l.note)
}

func (c *Customer) forget(l lesson) {
	p := c.profile()
	p.forget(l)
	c.Name, c.Locale, c.Organization, c.Note, c.Prefers = p.Name, p.Locale, p.Organization, p.Note, p.Prefers
	c.HoursFrom, c.HoursTo, c.CreatedAt = p.HoursFrom, p.HoursTo, p.CreatedAt
}

// unlearn lets everybody on the way up forget what a join taught, and the joins
// since, which would bring it back when they are parted.
func unlearn(ctx context.Context, tx *sqldb.Tx, j record, kept *Customer) error {
	l := j.lesson()
	for {
		if err := unlearnOne(ctx, tx, j, l, kept); err != nil || j.Into == kept.ID {
			return err
		}
		above, err := standing(ctx, tx, j.Into)
		if err != nil || above == "" {
			return err
		}
		if j, err = joinByID(ctx, tx, above); err != nil {
			return err
		}
		l = l.onward(j.lesson())
		j.became.forget(l)
		if _, err := tx.Exec(ctx, relearnSQL, j.ID, sqldb.JSON{V: j.was}, sqldb.JSON{V: j.became}); err != nil {
			return err
		}
	}
}

func unlearnOne(ctx context.Context, tx *sqldb.Tx, j record, l lesson, kept *Customer) error {
	later, err := sqldb.List(ctx, tx, func(r *sql.Rows) (x record, err error) {
		err = r.Scan(&x.ID, sqldb.JSON{V: &x.was}, sqldb.JSON{V: &x.became})
		return x, err
	}, laterJoinsSQL, j.Into, j.ID)
	if err != nil {
		return err
	}
	for _, x := range later {
		x.was.forget(l)
		x.became.forget(l)
		if _, err := tx.Exec(ctx, relearnSQL, x.ID, sqldb.JSON{V: x.was}, sqldb.JSON{V: x.became}); err != nil {
			return err
		}
	}
	if j.Into == kept.ID {
		kept.forget(l)
		return nil
	}
	between, err := row(ctx, tx, j.Into)
	if err != nil {
		return err
	}
	between.forget(l)
	between.Version++
	return update(ctx, tx, between)
}
