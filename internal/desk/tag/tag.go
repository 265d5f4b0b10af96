package tag

import (
	"context"
	"database/sql"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

const (
	maxName = 50 // characters
	colors  = 8  // a tag's colour is 0 to 7, places in the palette of the screen
)

// Tag is a word on conversations.
type Tag struct {
	ID        string
	Name      string
	Color     int // 0 to 7
	Complaint bool
	CreatedAt time.Time
}

// The facts of this package; the subject is the tag's id.
const (
	UpdatedFact = "tag.updated" // Data
	DeletedFact = "tag.deleted" // Data
)

// Data tells how a tag is, or was.
type Data struct {
	Name      string `json:"name"`
	Color     int    `json:"color"`
	Complaint bool   `json:"complaint"`
}

// Change is what a tag is made with and what may change of it; nil leaves a field.
type Change struct {
	Name      *string
	Color     *int
	Complaint *bool
}

func (ch Change) apply(t *Tag) (changed bool, err error) {
	was := *t
	if ch.Name != nil {
		t.Name = strings.Join(strings.Fields(*ch.Name), " ")
	}
	if ch.Color != nil {
		t.Color = *ch.Color
	}
	if ch.Complaint != nil {
		t.Complaint = *ch.Complaint
	}
	var c fault.Check
	c.Require(t.Name != "", "body.name")
	c.That(utf8.RuneCountInString(t.Name) <= maxName, "body.name", "error.text.long", "max", maxName)
	c.That(!strings.ContainsFunc(t.Name, unicode.IsControl), "body.name", "error.field.invalid")
	c.That(t.Color >= 0 && t.Color < colors, "body.color", "error.tag.color", "max", colors-1)
	return *t != was, c.Err()
}

// Tags is the handle on tags. It is safe for concurrent use.
type Tags struct {
	db      *sqldb.DB
	ids     *id.Source
	journal *event.Journal
}

// NewTags returns the tags of a database.
func NewTags(db *sqldb.DB, ids *id.Source, journal *event.Journal) *Tags {
	return &Tags{db: db, ids: ids, journal: journal}
}

const selectSQL = `SELECT id, name, color, complaint, created_at FROM tag `

func scan(r *sql.Rows) (t Tag, err error) {
	err = r.Scan(&t.ID, &t.Name, &t.Color, &t.Complaint, sqldb.At(&t.CreatedAt))
	return t, err
}

// List returns all tags in the order they were made.
func (s *Tags) List(ctx context.Context, tx *sqldb.Tx) ([]Tag, error) {
	return sqldb.List(ctx, tx, scan, selectSQL+`ORDER BY id`)
}

// ByID returns a tag; fault.NotFound if there is none.
func (s *Tags) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Tag, error) {
	found, err := sqldb.List(ctx, tx, scan, selectSQL+`WHERE id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.tag.notFound")
	}
	if err != nil {
		return Tag{}, err
	}
	return found[0], nil
}

// Create makes a tag.
func (s *Tags) Create(ctx context.Context, by actor.Actor, ch Change) (t Tag, err error) {
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		t, err = s.createTx(ctx, tx, by, ch)
		return err
	})
	return t, err
}

func (s *Tags) createTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, ch Change) (Tag, error) {
	t := Tag{ID: s.ids.New("tag"), CreatedAt: tx.Now}
	if _, err := ch.apply(&t); err != nil {
		return t, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO tag (id, name, name_key, color, complaint, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name_key) DO NOTHING`,
		t.ID, t.Name, text.Fold(t.Name), t.Color, t.Complaint, t.CreatedAt.UnixMilli())
	if err != nil {
		return t, err
	}
	if n == 0 {
		return t, taken()
	}
	s.journal.Emit(tx, UpdatedFact, t.ID, by, dataOf(t))
	return t, nil
}

// ComplaintTx returns the tag by which what came in is a complaint: the first
// that is one, else a new one of this name. A tag of this name that somebody made
// no complaint stays so, and is returned.
func (s *Tags) ComplaintTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, name string) (Tag, error) {
	found, err := sqldb.List(ctx, tx, scan, selectSQL+`WHERE complaint OR name_key = $1 ORDER BY complaint DESC, id LIMIT 1`, text.Fold(name))
	if err != nil {
		return Tag{}, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	yes := true
	return s.createTx(ctx, tx, by, Change{Name: &name, Complaint: &yes})
}

// Change changes a tag.
func (s *Tags) Change(ctx context.Context, by actor.Actor, id string, ch Change) (t Tag, err error) {
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "tag", id); err != nil {
			return err
		}
		if t, err = s.ByID(ctx, tx, id); err != nil {
			return err
		}
		changed, err := ch.apply(&t)
		if err != nil || !changed {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE tag SET name = $2, name_key = $3, color = $4, complaint = $5 WHERE id = $1`,
			t.ID, t.Name, text.Fold(t.Name), t.Color, t.Complaint)
		if sqldb.IsUnique(err) {
			return taken()
		}
		s.journal.Emit(tx, UpdatedFact, t.ID, by, dataOf(t))
		return err
	})
	return t, err
}

// Delete removes a tag, also from every conversation that has it.
func (s *Tags) Delete(ctx context.Context, by actor.Actor, id string) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		t, err := s.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		s.journal.Emit(tx, DeletedFact, id, by, dataOf(t))
		_, err = tx.Exec(ctx, `DELETE FROM tag WHERE id = $1`, id)
		return err
	})
}

func dataOf(t Tag) Data { return Data{Name: t.Name, Color: t.Color, Complaint: t.Complaint} }

func taken() error {
	var c fault.Check
	c.Add("body.name", "error.tag.taken")
	return c.Err()
}
