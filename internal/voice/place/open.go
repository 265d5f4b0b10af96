package place

import (
	"cmp"
	"context"
	"net/url"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Opened is what the code of a sticker leads to.
type Opened struct {
	Place   Place
	Sticker Sticker
	Brand   brand.Brand
	Inbox   inbox.Inbox
	// Uncounted says that opening this visit's page was no scan, as the same browser
	// had just opened it: if the visit leads to anything, it was one after all.
	Uncounted bool
}

// InUse reports whether ratings are taken there.
func (s Opened) InUse() bool { return s.Place.Active && s.Inbox.Active && s.Sticker.State != Retired }

// Open returns what a code leads to. One that was not issued here is fault.NotFound
// before the database is asked.
func (x *Places) Open(ctx context.Context, typed string) (s Opened, err error) {
	code, ok := ReadCode(x.Key, typed)
	if !ok {
		return s, fault.New(fault.NotFound, "error.place.sticker")
	}
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if s.Sticker, err = oneSticker(sqldb.List(ctx, tx, scanSticker, stickerSQL+`WHERE code = $1`, code)); err != nil {
			return err
		}
		s, err = x.opened(ctx, tx, s.Sticker)
		return err
	})
	return s, err
}

func (x *Places) opened(ctx context.Context, tx *sqldb.Tx, of Sticker) (s Opened, err error) {
	s.Sticker = of
	if s.Place, err = x.ByID(ctx, tx, of.PlaceID); err != nil {
		return s, err
	}
	if s.Inbox, err = x.Inboxes.ByID(ctx, tx, s.Place.InboxID); err != nil {
		return s, err
	}
	s.Brand, err = x.Brands.ByID(ctx, tx, s.Place.BrandID)
	return s, err
}

// Ways are the brand's other ways of being reached, for who stands before a
// sticker that is out of use.
type Ways struct {
	Mail   string // "" for none
	Forms  []form.Form
	Listed bool // the brand has a page of all its ways
}

// Ways returns how else the brand is reached.
func (x *Places) Ways(ctx context.Context, s Opened) (w Ways, err error) {
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		w = Ways{}
		listed, err := x.Contacts.Of(ctx, tx, s.Brand.ID)
		if err != nil {
			return err
		}
		w.Listed = len(listed) > 0
		boxes, err := x.Inboxes.List(ctx, tx)
		if err != nil {
			return err
		}
		ours := map[string]bool{}
		for _, b := range boxes {
			if b.BrandID == s.Brand.ID && b.Active {
				ours[b.ID] = true
				if b.Kind == inbox.Email && (w.Mail == "" || b.ID == s.Inbox.ID) {
					w.Mail = b.Address
				}
			}
		}
		all, err := x.Forms.List(ctx, tx)
		for _, f := range all {
			if f.Active && ours[f.InboxID] {
				w.Forms = append(w.Forms, f)
			}
		}
		return err
	})
	return w, err
}

// Question is what a place asks, in a language: its own words, else the product's.
func Question(words *phrase.Catalogue, lang string, p Place) string {
	own := p.Question.Ja
	if lang == phrase.English {
		own = p.Question.En
	}
	return cmp.Or(own, words.Text(lang, "place.question."+string(p.Kind), map[string]any{"name": p.Name.In(lang)}))
}

// Mailto is a link that begins a mail.
func Mailto(address string) string { return "mailto:" + url.PathEscape(address) }
