package search

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Kind says what sort of thing a document stands for.
type Kind string

// The kinds of documents.
const (
	Message      Kind = "message"
	Conversation Kind = "conversation"
	Customer     Kind = "customer"
)

// marker is a token that all documents of a kind share. Messages, by far the
// most, go without.
func (k Kind) marker() string {
	if k == Message {
		return ""
	}
	return "0kind" + string(k)
}

// Valid reports whether k is one of the kinds.
func (k Kind) Valid() bool { return k == Message || k == Conversation || k == Customer }

// maxIndexed bounds the characters of one document that are searchable; a mail
// longer than this is mostly quotation.
const maxIndexed = 200_000

// Document is what is to be found.
type Document struct {
	Kind           Kind
	Subject        string // the thing's id
	ConversationID string
	Text           string
}

const insertDocSQL = `INSERT INTO search_doc (kind, subject, conversation_id) VALUES ($1, $2, $3) ON CONFLICT (kind, subject) DO NOTHING RETURNING n`

// docOf returns the number of a document; false if there is none.
func docOf(ctx context.Context, tx *sqldb.Tx, d Document) (n int64, known bool, err error) {
	err = tx.QueryRow(ctx, `SELECT n FROM search_doc WHERE kind = $1 AND subject = $2`, string(d.Kind), d.Subject).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return n, err == nil, err
}

// PutTx makes a document findable, in place of what was known of it before.
func PutTx(ctx context.Context, tx *sqldb.Tx, d Document) error {
	n, known, err := docOf(ctx, tx, d)
	if err == nil && !known { // another duty for the same thing may be faster
		err = tx.QueryRow(ctx, insertDocSQL, string(d.Kind), d.Subject, sqldb.Null(d.ConversationID)).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			n, known, err = docOf(ctx, tx, d)
		}
	}
	if err != nil {
		return err
	}
	if known {
		if err := forget(ctx, tx, n); err != nil {
			return err
		}
	}
	return learn(ctx, tx, n, clipped(d.Text)+" "+d.Kind.marker())
}

// DropTx makes a document no longer findable.
func DropTx(ctx context.Context, tx *sqldb.Tx, kind Kind, subject string) error {
	var n int64
	err := tx.QueryRow(ctx, `DELETE FROM search_doc WHERE kind = $1 AND subject = $2 RETURNING n`, string(kind), subject).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil || tx.Dialect() == sqldb.Postgres { // the tokens went with the row
		return err
	}
	return forget(ctx, tx, n)
}

func learn(ctx context.Context, tx *sqldb.Tx, n int64, words string) error {
	if tx.Dialect() == sqldb.Postgres {
		_, err := tx.Exec(ctx, `INSERT INTO search_token (n, tokens) VALUES ($1, $2::tsvector)
ON CONFLICT (n) DO UPDATE SET tokens = excluded.tokens`, n, text.TSVector(words)) // arch:postgres-only
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO search_word (word) SELECT value FROM json_each($1) WHERE true ON CONFLICT DO NOTHING`, sqldb.JSON{V: text.Words(words)}); err != nil { // arch:sqlite-only
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO search_token (rowid, tokens) VALUES ($1, $2)`, n, text.IndexText(words)) // arch:sqlite-only
	return err
}

// GatherTx learns all words of an index that was written in bulk.
func GatherTx(ctx context.Context, tx *sqldb.Tx) error {
	if tx.Dialect() == sqldb.Postgres {
		return nil
	}
	for _, q := range []string{
		`CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab (search_token, 'row')`,
		`INSERT INTO search_word (word) SELECT term FROM search_vocabulary WHERE true ON CONFLICT DO NOTHING`, // arch:composed: the vocabulary is made by the statement before
		`DROP TABLE search_vocabulary`,
	} {
		if _, err := tx.Exec(ctx, q); err != nil { // arch:composed
			return err
		}
	}
	return nil
}

func forget(ctx context.Context, tx *sqldb.Tx, n int64) error {
	if tx.Dialect() == sqldb.Postgres {
		_, err := tx.Exec(ctx, `DELETE FROM search_token WHERE n = $1`, n) // arch:postgres-only
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM search_token WHERE rowid = $1`, n) // arch:sqlite-only
	return err
}

func clipped(s string) string {
	if len(s) <= maxIndexed {
		return s
	}
	return strings.ToValidUTF8(s[:maxIndexed], "")
}

const (
	messageSQL = `SELECT m.body, m.conversation_id FROM message m WHERE m.id = $1 AND m.withdrawn_at IS NULL`
	filesSQL   = `SELECT a.name FROM attachment a WHERE a.message_id = $1 ORDER BY a.position`
)

// OnMessage indexes a message that was received, posted or noted: its words and
// the names of its files.
func (x *Finder) OnMessage(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d conversation.MessageData) error {
	return indexMessage(ctx, tx, string(d.MessageID))
}

func indexMessage(ctx context.Context, tx *sqldb.Tx, id string) error {
	doc := Document{Kind: Message, Subject: id}
	err := tx.QueryRow(ctx, messageSQL, doc.Subject).Scan(&doc.Text, &doc.ConversationID)
	if errors.Is(err, sql.ErrNoRows) {
		return DropTx(ctx, tx, Message, doc.Subject) // taken back meanwhile
	}
	if err != nil {
		return err
	}
	err = tx.Each(ctx, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		doc.Text += "\n" + name
		return err
	}, filesSQL, doc.Subject)
	if err != nil {
		return err
	}
	return PutTx(ctx, tx, doc)
}

// OnConversation indexes a conversation's subject and number. Of changes only
// that of the subject matters.
func (x *Finder) OnConversation(ctx context.Context, tx *sqldb.Tx, f event.Fact) error {
	if f.Name == conversation.UpdatedFact {
		var d conversation.UpdatedData
		if err := f.Decode(&d); err != nil || !slices.Contains(d.Fields, "subject") {
			return err
		}
	}
	return indexConversation(ctx, tx, f.Subject)
}

func indexConversation(ctx context.Context, tx *sqldb.Tx, id string) error {
	doc := Document{Kind: Conversation, Subject: id, ConversationID: id}
	var ref string
	err := tx.QueryRow(ctx, `SELECT subject, CAST(ref AS TEXT) FROM conversation WHERE id = $1`, id).Scan(&doc.Text, &ref)
	if err != nil {
		return err
	}
	doc.Text += "\n" + ref
	return PutTx(ctx, tx, doc)
}

const customerSQL = `SELECT c.name, c.organization, c.merged_into IS NOT NULL FROM customer c WHERE c.id = $1`

// OnCustomer indexes a customer's name, organization and addresses.
func (x *Finder) OnCustomer(ctx context.Context, tx *sqldb.Tx, f event.Fact) error {
	return indexCustomer(ctx, tx, f.Subject)
}

// OnCustomerMerged forgets a customer who was taken in by another and learns
// the addresses that moved.
func (x *Finder) OnCustomerMerged(ctx context.Context, tx *sqldb.Tx, f event.Fact) error {
	var d struct {
		Into string `json:"into"`
	}
	if err := f.Decode(&d); err != nil {
		return err
	}
	if err := indexCustomer(ctx, tx, f.Subject); err != nil { // they may have been parted again
		return err
	}
	return indexCustomer(ctx, tx, d.Into)
}

func indexCustomer(ctx context.Context, tx *sqldb.Tx, id string) error {
	var name, organization string
	var merged bool
	err := tx.QueryRow(ctx, customerSQL, id).Scan(&name, &organization, &merged)
	if errors.Is(err, sql.ErrNoRows) || merged {
		return DropTx(ctx, tx, Customer, id)
	}
	if err != nil {
		return err
	}
	words := []string{name, organization}
	err = tx.Each(ctx, func(r *sql.Rows) error {
		var address string
		err := r.Scan(&address)
		words = append(words, address)
		return err
	}, `SELECT address FROM point WHERE customer_id = $1 ORDER BY id`, id)
	if err != nil {
		return err
	}
	return PutTx(ctx, tx, Document{Kind: Customer, Subject: id, Text: strings.Join(words, "\n")})
}
