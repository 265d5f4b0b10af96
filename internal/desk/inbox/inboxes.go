package inbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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

// Create makes an inbox for mail. It needs a brand, a name and an address; what
// else is not given is active, receives nothing and sends nothing.
func (s *Inboxes) Create(ctx context.Context, by actor.Actor, ch Change) (i Inbox, err error) {
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		i = Inbox{ID: s.ids.New("inb"), Kind: Email, Active: true, CreatedAt: tx.Now, Version: 1, Aliases: []string{}}
		m := Mail{Receive: Receive{Mode: ModeNone, Folders: []string{}}, Send: Send{Mode: ModeNone}}
		var secrets MailSecrets
		if _, err := ch.apply(&i, &m, &secrets); err != nil {
			return err
		}
		return s.write(ctx, tx, &i, m, secrets, func(sealed string) error {
			s.journal.Emit(tx, ChangedFact, i.ID, by, ChangedData{BrandID: i.BrandID, Active: i.Active})
			return insert(ctx, tx, i, sealed)
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
		var m Mail
		var secrets MailSecrets
		if i, m, secrets, err = s.open(ctx, tx, id); err != nil {
			return err
		}
		fields, err := ch.apply(&i, &m, &secrets)
		if err != nil || len(fields) == 0 {
			return err
		}
		i.Version++
		if err := s.forgive(ctx, tx, &i, m, ch); err != nil {
			return err
		}
		return s.write(ctx, tx, &i, m, secrets, func(sealed string) error {
			s.journal.Emit(tx, ChangedFact, i.ID, by, ChangedData{BrandID: i.BrandID, Active: i.Active, Fields: fields})
			return update(ctx, tx, i, sealed)
		})
	})
	return i, err
}

// write checks what only the database knows and stores the inbox by put.
func (s *Inboxes) write(ctx context.Context, tx *sqldb.Tx, i *Inbox, m Mail, secrets MailSecrets, put func(sealed string) error) error {
	// Addresses and the catch-all are unique over all inboxes.
	if err := tx.Serialize(ctx, "inbox"); err != nil {
		return err
	}
	if err := checkCatchall(ctx, tx, *i); err != nil {
		return err
	}
	settings, err := json.Marshal(m)
	if err != nil {
		return err
	}
	i.Settings = settings
	sealed, err := s.seal(secrets)
	if err != nil {
		return err
	}
	err = put(sealed)
	if sqldb.IsReferenced(err) {
		return invalid("body.brandId", "error.brand.notFound")
	}
	if err != nil {
		return err
	}
	return setAddresses(ctx, tx, *i)
}

func (s *Inboxes) seal(secrets MailSecrets) (string, error) {
	if secrets == (MailSecrets{}) {
		return "", nil
	}
	b, err := json.Marshal(secrets)
	return s.key.Seal(sealPurpose, string(b)), err
}

// open reads an inbox with what is inside its settings and secrets.
func (s *Inboxes) open(ctx context.Context, tx *sqldb.Tx, id string) (i Inbox, m Mail, secrets MailSecrets, err error) {
	if i, err = s.ByID(ctx, tx, id); err != nil {
		return i, m, secrets, err
	}
	if m, err = i.Mail(); err != nil {
		return i, m, secrets, err
	}
	secrets, err = s.secretsOrNone(ctx, tx, id)
	return i, m, secrets, err
}

// secretsOrNone reads the secrets; those that were sealed with another instance
// key are as good as none, so that an administrator can enter them again.
func (s *Inboxes) secretsOrNone(ctx context.Context, tx *sqldb.Tx, id string) (m MailSecrets, err error) {
	b, err := s.Secrets(ctx, tx, id)
	var f *fault.Error
	if errors.As(err, &f) && f.Key == sealedKey {
		return MailSecrets{}, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	return m, err
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

// Has tells which secrets an inbox has, without opening what they are to anyone else.
type Has struct{ ReceivePassword, SendPassword, DKIMKey bool }

// Has reports which secrets are stored for an inbox.
func (s *Inboxes) Has(ctx context.Context, tx *sqldb.Tx, id string) (Has, error) {
	m, err := s.secretsOrNone(ctx, tx, id)
	return Has{ReceivePassword: m.ReceivePassword != "", SendPassword: m.SendPassword != "", DKIMKey: m.DKIMKey != ""}, err
}

// Trial is settings that are to be tried before they are stored.
type Trial struct {
	InboxID string // "" for a new inbox; else its stored settings fill what is not given
	Receive *ReceiveChange
	Send    *SendChange
}

// Try returns the documents with which a channel can be opened to test a
// connection. Nothing is stored. The rules are those of Change. If only one
// direction is named, the other is left out; if none is, a stored inbox is
// tried as it is.
func (s *Inboxes) Try(ctx context.Context, tx *sqldb.Tx, t Trial) (settings, secrets []byte, err error) {
	m := Mail{Receive: Receive{Mode: ModeNone}, Send: Send{Mode: ModeNone}}
	var known MailSecrets
	if t.InboxID != "" {
		if _, m, known, err = s.open(ctx, tx, t.InboxID); err != nil {
			return nil, nil, err
		}
	}
	if t.Receive == nil && t.Send != nil {
		m.Receive.Mode = ModeNone
	}
	if t.Send == nil && t.Receive != nil {
		m.Send.Mode = ModeNone
	}
	var c fault.Check
	if t.Receive != nil {
		t.Receive.apply(&c, &m.Receive, &known.ReceivePassword)
	}
	if t.Send != nil {
		t.Send.apply(&c, &m.Send, &known.SendPassword)
	}
	if err := c.Err(); err != nil {
		return nil, nil, err
	}
	if settings, err = json.Marshal(m); err == nil {
		secrets, err = json.Marshal(known)
	}
	return settings, secrets, err
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
