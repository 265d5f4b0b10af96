package intake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Door takes mail in. Make it with New; it is safe for concurrent use.
type Door struct {
	Tools
	kinds map[string]channel.Kind
}

// Tools are what a Door works with.
type Tools struct {
	DB        *sqldb.DB
	IDs       *id.Source
	Journal   *event.Journal
	Blobs     *blob.Store
	Kinds     []channel.Kind // the channels whose mail it understands
	Inboxes   *inbox.Inboxes
	Customers *customer.Book
	Outbox    *delivery.Post
	Threads   *conversation.Threads
	Log       *slog.Logger // of what panicked; nil for none
	Queue     *job.Queue
	// Open returns the open channel of an inbox, for files that are to be fetched.
	// The door closes it.
	Open func(ctx context.Context, inboxID string) (channel.Channel, error)
}

// New returns a door.
func New(t Tools) *Door {
	d := &Door{Tools: t, kinds: map[string]channel.Kind{}}
	for _, k := range t.Kinds {
		d.kinds[k.Name] = k
	}
	d.register()
	return d
}

// Accept takes a delivery in. When it returns without an error the mail is safe
// and the source may forget it; after an error the source must deliver it again.
// The same source key gives the same entry and changes nothing. What cannot be
// understood is no error: it is quarantined.
func (d *Door) Accept(ctx context.Context, inboxID string, raw channel.Raw) (e Entry, err error) {
	if raw.Key == "" {
		raw.Key = digested + digest(raw.Bytes)
	}
	raw.Key = named(raw.Key)
	var box inbox.Inbox
	var known bool
	err = d.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if e, known, err = bySource(ctx, tx, inboxID, raw.Key); err != nil || known {
			return err
		}
		box, err = d.Inboxes.ByID(ctx, tx, inboxID)
		return err
	})
	if err != nil || known {
		return e, err
	}
	p, err := d.prepare(ctx, box, raw)
	if err != nil {
		return e, err
	}
	write := func() error {
		return d.DB.Write(ctx, func(tx *sqldb.Tx) error {
			e, err = d.enter(ctx, tx, p)
			return err
		})
	}
	if err = fault.Guard(write); d.panicked(ctx, &p, err) {
		err = write()
	}
	return e, err
}

// panicked reports whether err is a panic, which makes the parcel one that
// cannot be understood: one mail must not stop the others, nor be lost.
func (d *Door) panicked(ctx context.Context, p *parcel, err error) bool {
	stack := fault.Stack(err)
	if stack == "" {
		return false
	}
	if d.Log != nil {
		d.Log.ErrorContext(ctx, "a mail panicked and was quarantined", "inbox", p.box.ID, "raw", p.rawKey, "error", err, "stack", stack)
	}
	p.message, p.trouble, p.finger = nil, err, digest(p.raw.Bytes)
	return true
}

// Known reports whether a delivery is in the ledger, for the comparison of a
// source with it.
func (d *Door) Known(ctx context.Context, inboxID, key string) (known bool, err error) {
	err = d.DB.Read(ctx, func(tx *sqldb.Tx) error {
		_, known, err = bySource(ctx, tx, inboxID, key)
		return err
	})
	return known, err
}

// parcel is a delivery that is understood and whose bytes are stored: all that
// can be done outside the transaction.
type parcel struct {
	box      inbox.Inbox
	raw      channel.Raw
	rawKey   string
	message  *channel.Message // nil if it could not be understood at all
	trouble  error            // why not
	unknown  bool             // the channel is not installed
	kind     channel.Kind     // that understood it
	html     rich.Clean
	files    []conversation.Attachment
	finger   string
	received time.Time
	force    bool // a person decided that it is to be let in
}

// point is the kind of address that its sender has.
func (p parcel) point() string { return cmp.Or(p.message.Point, p.kind.Point()) }

func (d *Door) prepare(ctx context.Context, box inbox.Inbox, raw channel.Raw) (parcel, error) {
	p := parcel{box: box, raw: raw, received: raw.At}
	var err error
	if p.rawKey, _, err = d.Blobs.Put(ctx, bytes.NewReader(raw.Bytes)); err != nil {
		return p, err
	}
	err = fault.Guard(func() error { return d.understand(ctx, &p) })
	if d.panicked(ctx, &p, err) {
		err = nil
	}
	return p, err
}

// understand parses a parcel and stores its files.
func (d *Door) understand(ctx context.Context, p *parcel) error {
	kind, ok := d.kinds[cmp.Or(p.raw.Format, p.box.Kind)]
	if !ok {
		p.unknown = true
		p.finger = digest(p.raw.Bytes)
		return nil
	}
	p.kind = kind
	p.message, p.trouble = parse(kind, p.raw.Bytes)
	p.finger = fingerprint(p.message, p.trouble, p.raw.Bytes)
	if p.message == nil || p.trouble != nil {
		return nil
	}
	tidy(p.message)
	p.html = conversation.CleanHTML(p.message.HTML)
	for _, part := range p.message.Parts {
		if part.Ref != "" {
			p.files = append(p.files, fetcher{d}.promised(part))
			continue
		}
		key, size, err := d.keep(ctx, part)
		if err != nil {
			return err
		}
		p.files = append(p.files, conversation.Attachment{ID: d.IDs.New("att"), Name: text.Line(part.Name), ContentType: text.Line(part.ContentType), Size: size,
			BlobKey: key, ContentID: text.Safe(part.ContentID), Inline: part.Inline})
	}
	return nil
}

// keep stores the bytes of a part, unless the store has them already.
func (d *Door) keep(ctx context.Context, part channel.Part) (key string, size int64, err error) {
	if part.Stored != "" {
		return part.Stored, part.Size, nil
	}
	return d.Blobs.Put(ctx, bytes.NewReader(part.Data))
}

func parse(k channel.Kind, raw []byte) (*channel.Message, error) {
	m, err := k.Parse(raw)
	if m == nil && err == nil {
		err = errors.New("nothing was understood")
	}
	return m, err
}

// tidy makes a message's text fit for the databases.
func tidy(m *channel.Message) {
	for _, s := range []*string{&m.ExternalID, &m.Text, &m.Visible, &m.Quoted, &m.Language, &m.Spam} {
		*s = text.Safe(*s)
	}
	for _, s := range []*string{&m.From.Name, &m.From.Address, &m.Subject} {
		*s = text.Line(*s)
	}
	for _, list := range [][]channel.Address{m.ReplyTo, m.To, m.Cc} {
		for i := range list {
			list[i].Name, list[i].Address = text.Line(list[i].Name), text.Line(list[i].Address)
		}
	}
	for _, s := range []*string{&m.Token, &m.Edits, &m.Deletes} {
		*s = text.Safe(*s)
	}
	if m.Thing != nil {
		for k, v := range m.Thing.Data {
			m.Thing.Data[k] = text.Safe(v)
		}
	}
	for _, s := range []*string{&m.ExternalID, &m.Edits, &m.Deletes} {
		*s = named(*s)
	}
	lists := [][]string{m.InReplyTo, m.References}
	if b := m.Bounce; b != nil {
		b.OriginalID, b.Reason, b.Text = text.Safe(b.OriginalID), text.Safe(b.Reason), text.Safe(b.Text)
		lists = append(lists, b.Recipients)
	}
	for _, ids := range lists {
		for i := range ids {
			ids[i] = named(text.Safe(ids[i]))
		}
	}
}

// maxID is the longest id of somebody else's that is kept as it is, in bytes: no
// database has an index over texts of any length.
const maxID = 1000

const digested = "sha256:"

// named returns an id that every database can keep, the same for the same: one
// that is too long, or no text, is named by its digest.
func named(id string) string {
	if len(id) <= maxID && id == text.Safe(id) {
		return id
	}
	return digested + digest([]byte(id))
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// fingerprint names a mail's content without what the way here added to it, so
// that two deliveries of one mail have the same. A mail without a Message-ID has
// only its bytes to be known by.
func fingerprint(m *channel.Message, trouble error, raw []byte) string {
	if m == nil || trouble != nil || m.ExternalID == "" {
		return digest(raw)
	}
	h := sha256.New()
	part := func(s string) { _, _ = fmt.Fprintf(h, "%d:%s\n", len(s), s) } // a hash never fails to write
	for _, s := range []string{m.From.Address, m.At.UTC().Format(time.RFC3339), m.Subject, m.Text, m.HTML} {
		part(s)
	}
	for _, p := range m.Parts {
		part(p.Name)
		part(cmp.Or(p.Stored, digest(p.Data))) // the same: a key is a digest
	}
	return hex.EncodeToString(h.Sum(nil))
}

// system is the actor of what the door does by itself.
func system() actor.Actor { return actor.OfSystem("intake") }

// enter writes a parcel into the ledger and what it says into its place.
func (d *Door) enter(ctx context.Context, tx *sqldb.Tx, p parcel) (Entry, error) {
	if err := p.alone(ctx, tx); err != nil {
		return Entry{}, err
	}
	if e, known, err := bySource(ctx, tx, p.box.ID, p.raw.Key); err != nil || known {
		return e, err
	}
	e := p.entry(tx.Now)
	e.ID = d.IDs.New("led")
	for _, t := range p.troubles(tx.Now) { // before anything is emitted
		if err := inbox.Note(ctx, tx, p.box.ID, t); err != nil {
			return Entry{}, err
		}
	}
	if err := d.settle(ctx, tx, &e, p); err != nil {
		return Entry{}, err
	}
	if err := insert(ctx, tx, e); err != nil {
		return Entry{}, err
	}
	return e, keepFiles(ctx, tx, e, p)
}

const keepFileSQL = `INSERT INTO ledger_file (ledger_id, blob_key) VALUES ($1, $2) ON CONFLICT DO NOTHING`

// keepFiles remembers the files that came stored already, while no message names
// them: a person may still let the entry in.
func keepFiles(ctx context.Context, tx *sqldb.Tx, e Entry, p parcel) error {
	if !e.Retryable() || p.message == nil {
		return nil
	}
	for _, part := range p.message.Parts {
		if part.Stored == "" {
			continue
		}
		if _, err := tx.Exec(ctx, keepFileSQL, e.ID, part.Stored); err != nil {
			return err
		}
	}
	return nil
}

// alone waits for other deliveries of the same mail, which may arrive at the same
// moment on two nodes. Other mail does not wait; a source that gives one key to
// two mails is told by the ledger's constraint, and delivers again.
func (p parcel) alone(ctx context.Context, tx *sqldb.Tx) error {
	return tx.Serialize(ctx, "intake "+p.box.ID+" "+p.finger)
}

// entry is the row of a parcel before anything was decided.
func (p parcel) entry(now time.Time) Entry {
	e := Entry{InboxID: p.box.ID, Source: p.raw.Source, Format: p.raw.Format, SourceKey: p.raw.Key, Fingerprint: p.finger, ReceivedAt: p.received,
		Size: int64(len(p.raw.Bytes)), RawKey: p.rawKey, UpdatedAt: now}
	if e.ReceivedAt.IsZero() || e.ReceivedAt.After(now) {
		e.ReceivedAt = now
	}
	e.describe(p)
	return e
}

// describe fills in what the mail says of itself.
func (e *Entry) describe(p parcel) {
	e.Sender = text.Line(p.raw.Sender)
	if p.message == nil {
		return
	}
	e.ExternalID, e.Subject = text.Safe(p.message.ExternalID), text.Line(p.message.Subject)
	if p.message.From.Address != "" {
		e.Sender = text.Line(p.message.From.Address)
	}
}

// tell reports an entry that needs a person.
func (d *Door) tell(tx *sqldb.Tx, e Entry) {
	if e.State == Quarantined {
		d.Journal.Emit(tx, QuarantinedFact, e.ID, system(), QuarantinedData{InboxID: e.InboxID, Reason: e.Reason})
	}
}

// Retry understands a quarantined or spam-marked mail again and, as a person
// has looked at it, lets it in. A mail that still cannot be read stays where it
// is. In any other state it is fault.Conflict "error.ledger.state".
func (d *Door) Retry(ctx context.Context, _ actor.Actor, entryID string) (e Entry, err error) {
	p := parcel{force: true}
	err = d.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if e, err = byID(ctx, tx, entryID); err != nil {
			return err
		}
		p.box, err = d.Inboxes.ByID(ctx, tx, e.InboxID)
		return err
	})
	if err != nil {
		return e, err
	}
	if !e.Retryable() {
		return e, fault.New(fault.Conflict, "error.ledger.state")
	}
	p.rawKey, p.received = e.RawKey, e.ReceivedAt
	p.raw = channel.Raw{Source: e.Source, Format: e.Format, Key: e.SourceKey, At: e.ReceivedAt, Sender: e.Sender}
	if p.raw.Bytes, err = d.Blobs.Read(ctx, e.RawKey); err != nil {
		return e, err
	}
	err = fault.Guard(func() error { return d.understand(ctx, &p) })
	if err != nil && !d.panicked(ctx, &p, err) {
		return e, err
	}
	err = d.DB.Write(ctx, func(tx *sqldb.Tx) error {
		e, err = d.reenter(ctx, tx, entryID, p)
		return err
	})
	return e, err
}

// Retryable reports whether a person may let the mail in.
func (e Entry) Retryable() bool { return e.State == Quarantined || e.State == Spam }

func (d *Door) reenter(ctx context.Context, tx *sqldb.Tx, entryID string, p parcel) (Entry, error) {
	if err := p.alone(ctx, tx); err != nil {
		return Entry{}, err
	}
	e, err := byID(ctx, tx, entryID)
	if err != nil {
		return e, err
	}
	if !e.Retryable() {
		return e, fault.New(fault.Conflict, "error.ledger.state")
	}
	e.describe(p)
	e.Fingerprint = p.finger
	e.Attempts++
	e.UpdatedAt = tx.Now
	if err := d.settle(ctx, tx, &e, p); err != nil {
		return e, err
	}
	return e, update(ctx, tx, e)
}
