package inbox

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// sealPurpose is what the secrets are sealed for.
const sealPurpose = "inbox"

// Inboxes is the handle on inboxes. It is safe for concurrent use.
type Inboxes struct {
	db      *sqldb.DB
	ids     *id.Source
	journal *event.Journal
	key     *seal.Key
	kinds   []channel.Kind
}

// NewInboxes returns the inboxes of a database, whose secrets are sealed with key.
func NewInboxes(db *sqldb.DB, ids *id.Source, journal *event.Journal, key *seal.Key) *Inboxes {
	return &Inboxes{db: db, ids: ids, journal: journal, key: key}
}

// Over returns the same inboxes with the channels that they run over, which know
// what settings are able to.
func (s *Inboxes) Over(kinds ...channel.Kind) *Inboxes {
	over := *s
	over.kinds = kinds
	return &over
}

// Sends reports whether an inbox has a way to send. What nobody can carry must
// not be written: it would wait for ever.
func (s *Inboxes) Sends(i Inbox) bool {
	for _, k := range s.kinds {
		if k.Name == i.Kind && k.Sends != nil {
			return k.Sends(i.Settings)
		}
	}
	return true
}

// List returns all inboxes, active or not, in the order they were made.
func (s *Inboxes) List(ctx context.Context, tx *sqldb.Tx) ([]Inbox, error) {
	return read(ctx, tx, listSQL)
}

// ByID returns an inbox, active or not; fault.NotFound if there is none.
func (s *Inboxes) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Inbox, error) {
	i, found, err := first(ctx, tx, byIDSQL, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "error.inbox.notFound")
	}
	return i, err
}

// ForAddress returns the active inbox that answers to an address, by its main
// address or an alias, with or without a "+detail" in the local part. It comes
// without its aliases.
func (s *Inboxes) ForAddress(ctx context.Context, tx *sqldb.Tx, address string) (Inbox, bool, error) {
	key := addressKey(address)
	found, err := sqldb.List(ctx, tx, scan, addressSQL, key)
	if base, ok := withoutDetail(key); err == nil && len(found) == 0 && ok {
		found, err = sqldb.List(ctx, tx, scan, addressSQL, base)
	}
	if err != nil || len(found) == 0 {
		return Inbox{}, false, err
	}
	return found[0], true, nil
}

type oursKey struct{}

// maxAsked bounds how many addresses one statement asks about.
const maxAsked = 200

// Ours tells which of some addresses active inboxes answer to, as ForAddress
// would find them. What a transaction has asked once it does not ask again.
func (s *Inboxes) Ours(ctx context.Context, tx *sqldb.Tx, addresses ...string) (func(address string) bool, error) {
	known, _ := tx.Value(oursKey{}).(map[string]bool)
	if known == nil {
		known = map[string]bool{}
		tx.SetValue(oursKey{}, known)
	}
	var keys []string
	ask := func(key string) {
		if _, asked := known[key]; !asked {
			known[key] = false
			keys = append(keys, key)
		}
	}
	for _, a := range addresses {
		ask(addressKey(a))
		if base, ok := withoutDetail(addressKey(a)); ok {
			ask(base)
		}
	}
	for some := range slices.Chunk(keys, maxAsked) {
		marks, args := sqldb.In(1, some)
		err := tx.Each(ctx, func(r *sql.Rows) error {
			var key string
			err := r.Scan(&key)
			known[key] = true
			return err
		}, oursSQL+marks+`)`, args...)
		if err != nil {
			return nil, err
		}
	}
	return func(address string) bool {
		key := addressKey(address)
		base, ok := withoutDetail(key)
		return known[key] || ok && known[base]
	}, nil
}

// Catchall returns the active inbox that takes what is addressed to none.
func (s *Inboxes) Catchall(ctx context.Context, tx *sqldb.Tx) (Inbox, bool, error) {
	return first(ctx, tx, catchallSQL)
}

// Create makes an inbox. It needs a brand, a name and what its channel requires,
// for mail an address; what else is not given is active, receives nothing and
// sends nothing.
func (s *Inboxes) Create(ctx context.Context, by actor.Actor, ch Change) (i Inbox, err error) {
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		i = Inbox{ID: s.ids.New("inb"), Kind: cmp.Or(ch.Kind, Email), Active: true, CreatedAt: tx.Now, Version: 1, Aliases: []string{}}
		p, err := (&edit{inbox: &i, change: ch, kinds: s.kinds}).compose()
		if err != nil {
			return err
		}
		return s.write(ctx, tx, &i, p, func(sealed string) error {
			s.journal.Emit(tx, ChangedFact, i.ID, by, ChangedData{BrandID: i.BrandID, Active: i.Active})
			if err := insert(ctx, tx, i, sealed); err != nil {
				return err
			}
			return begins(ctx, tx, s, &i, ch)
		})
	})
	return i, err
}

// Change changes an inbox. Passwords that are not given stay, unless the server
// or the user name changes: then they must be entered again.
func (s *Inboxes) Change(ctx context.Context, by actor.Actor, id string, ch Change) (i Inbox, err error) {
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "inbox", id); err != nil {
			return err
		}
		var p papers
		if i, p, err = s.open(ctx, tx, id); err != nil {
			return err
		}
		e := &edit{inbox: &i, change: ch, old: p, kinds: s.kinds}
		p, err := e.compose()
		if err != nil || len(e.fields) == 0 {
			return err
		}
		i.Version++
		i.Settings = p.settings
		if err := s.forgive(ctx, tx, &i, ch); err != nil {
			return err
		}
		return s.write(ctx, tx, &i, p, func(sealed string) error {
			s.journal.Emit(tx, ChangedFact, i.ID, by, ChangedData{BrandID: i.BrandID, Active: i.Active, Fields: e.fields})
			if err := update(ctx, tx, i, sealed); err != nil {
				return err
			}
			return begins(ctx, tx, s, &i, ch)
		})
	})
	return i, err
}

// write checks what only the database knows and stores the inbox by put.
func (s *Inboxes) write(ctx context.Context, tx *sqldb.Tx, i *Inbox, p papers, put func(sealed string) error) error {
	// Addresses and the catch-all are unique over all inboxes.
	if err := tx.Serialize(ctx, "inbox"); err != nil {
		return err
	}
	if err := checkCatchall(ctx, tx, *i); err != nil {
		return err
	}
	i.Settings = p.settings
	err := put(s.seal(p))
	if sqldb.IsReferenced(err) {
		return invalid("body.brandId", "error.brand.notFound")
	}
	if err != nil {
		return err
	}
	return setAddresses(ctx, tx, *i)
}

const sealedKey = "error.inbox.sealed"

// Secrets opens the seal on an inbox's credentials, for the channel that needs
// them. The document is never empty: "{}" when there are none.
func (s *Inboxes) Secrets(ctx context.Context, tx *sqldb.Tx, id string) ([]byte, error) {
	var sealed string
	if err := tx.QueryRow(ctx, `SELECT secrets FROM inbox WHERE id = $1`, id).Scan(&sealed); err != nil {
		return nil, sqldb.NotFound(err, "error.inbox.notFound")
	}
	plain, err := s.key.Open(sealPurpose, sealed)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, sealedKey)
	}
	if plain == "" {
		plain = "{}"
	}
	return []byte(plain), nil
}

// Delete removes an inbox that was never used. One with conversations or
// received mail can only be taken out of service: fault.Conflict.
func (s *Inboxes) Delete(ctx context.Context, by actor.Actor, id string) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		i, err := s.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		s.journal.Emit(tx, ChangedFact, id, by, ChangedData{BrandID: i.BrandID, Deleted: true})
		_, err = tx.Exec(ctx, `DELETE FROM inbox WHERE id = $1`, id)
		if sqldb.IsReferenced(err) {
			return fault.Wrap(err, fault.Conflict, "error.inbox.used")
		}
		return err
	})
}
