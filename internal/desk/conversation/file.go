package conversation

import (
	"context"
	"database/sql"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// looseKeep is how long a file that was uploaded but never sent is kept.
const looseKeep = 7 * 24 * time.Hour

// MaxUpload is the largest file that may be attached, in bytes.
const MaxUpload = maxLetterBytes

// Files is the handle on attachments.
type Files struct {
	db    *sqldb.DB
	ids   *id.Source
	blobs *blob.Store
}

// NewFiles returns the attachments of a database, whose bytes are in blobs.
func NewFiles(db *sqldb.DB, ids *id.Source, blobs *blob.Store) *Files {
	return &Files{db: db, ids: ids, blobs: blobs}
}

// Upload keeps a file for a message that its writer has yet to send.
func (f *Files) Upload(ctx context.Context, by actor.Actor, a Attachment, r io.Reader) (Attachment, error) {
	in := &bounded{r: r, room: MaxUpload}
	key, size, err := f.blobs.Put(ctx, in)
	if in.room < 0 {
		return Attachment{}, fault.New(fault.TooLarge, "error.attachment.large", "max", MaxUpload>>20)
	}
	if err != nil {
		return Attachment{}, err
	}
	a.ID, a.Name, a.Size, a.BlobKey = f.ids.New("att"), fileName(a.Name), size, key
	if a.ContentType = oneLine(a.ContentType); a.ContentType == "" {
		a.ContentType = "application/octet-stream"
	}
	err = f.db.Write(ctx, func(tx *sqldb.Tx) error {
		return insertAttachment(ctx, tx, "", owner(by), a, 0)
	})
	return a, err
}

// bounded fails, and does not just end, when more comes than there is room for:
// so nothing is kept of it.
type bounded struct {
	r    io.Reader
	room int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.room -= int64(n); b.room < 0 {
		err = io.ErrShortBuffer
	}
	return n, err
}

// notHere tells why the bytes of a file cannot be had.
var notHere = map[FileState]string{FileWaiting: "error.attachment.waiting", FileGone: "error.attachment.gone", FileLarge: "error.attachment.tooLarge"}

func owner(by actor.Actor) string { return string(by.Kind) + ":" + by.ID }

// fileName keeps only a name: no folders, no control characters.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(oneLine(s), `\`, "/"))
	if s == "." || s == "/" || s == "" {
		return "file"
	}
	return text.Clip(s, 200)
}

const attachmentColumns = `a.id, a.name, a.content_type, a.size, a.blob_key, a.content_id, a.inline, a.state, a.source`

func scanAttachment(r interface{ Scan(...any) error }, more ...any) (a Attachment, err error) {
	err = r.Scan(append([]any{&a.ID, &a.Name, &a.ContentType, &a.Size, &a.BlobKey, &a.ContentID, &a.Inline, &a.State, &a.Source}, more...)...)
	return a, err
}

// Open returns an attachment with its bytes. A file that is not part of a
// message yet is seen only by whoever uploaded it.
func (f *Files) Open(ctx context.Context, by actor.Actor, attachmentID string) (a Attachment, r io.ReadSeekCloser, err error) {
	err = f.db.Read(ctx, func(tx *sqldb.Tx) error {
		var message, uploadedBy string
		a, err = scanAttachment(tx.QueryRow(ctx, `SELECT `+attachmentColumns+`, a.message_id, a.uploaded_by FROM attachment a WHERE a.id = $1`, attachmentID),
			sqldb.Str(&message), &uploadedBy)
		if err == nil && message == "" && uploadedBy != owner(by) {
			err = sql.ErrNoRows
		}
		return sqldb.NotFound(err, "error.attachment.notFound")
	})
	if err != nil {
		return a, nil, err
	}
	if key, ok := notHere[a.State]; ok {
		return a, nil, fault.New(fault.NotFound, key)
	}
	r, err = f.blobs.Get(ctx, a.BlobKey)
	return a, r, err
}

// Loose returns files that somebody uploaded and has not sent yet, in the order
// asked for. Others' files are left out, as if there were none.
func (f *Files) Loose(ctx context.Context, tx *sqldb.Tx, by actor.Actor, ids []string) ([]Attachment, error) {
	return looseByIDs(ctx, tx, owner(by), ids)
}

// looseByIDs returns files of one owner that are not part of a message, in the
// order asked for. Others' files are nobody's to see, not even their names.
func looseByIDs(ctx context.Context, tx *sqldb.Tx, owner string, ids []string) ([]Attachment, error) {
	out := []Attachment{}
	for _, one := range ids {
		found, err := sqldb.List(ctx, tx, func(r *sql.Rows) (Attachment, error) { return scanAttachment(r) },
			`SELECT `+attachmentColumns+` FROM attachment a WHERE a.id = $1 AND a.message_id IS NULL AND a.uploaded_by = $2`, one, owner)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// attach makes uploaded files part of a message. cids are the Content-IDs that
// its text refers to.
func (t writer) attach(ctx context.Context, tx *sqldb.Tx, m MessageID, by actor.Actor, ids, cids []string) ([]Attachment, error) {
	for _, cid := range cids { // a picture in the text goes along, listed or not
		if one, ok := strings.CutSuffix(cid, "@kintsugi"); ok && id.Valid("att", one) && !slices.Contains(ids, one) {
			ids = append(slices.Clone(ids), one)
		}
	}
	var check fault.Check
	var out []Attachment
	var total int64
	for i, one := range ids {
		found, err := sqldb.List(ctx, tx, func(r *sql.Rows) (Attachment, error) { return scanAttachment(r) },
			`SELECT `+attachmentColumns+` FROM attachment a WHERE a.id = $1 AND a.message_id IS NULL AND a.uploaded_by = $2`, one, owner(by))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			check.Add("body.attachmentIds", "error.attachment.notFound")
			continue
		}
		a := found[0]
		a.ContentID = contentID(a.ID)
		a.Inline = slices.Contains(cids, a.ContentID)
		total += a.Size
		if _, err := tx.Exec(ctx, `UPDATE attachment SET message_id = $2, position = $3, content_id = $4, inline = $5 WHERE id = $1`,
			a.ID, string(m), i, a.ContentID, a.Inline); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	check.That(total <= maxLetterBytes, "body.attachmentIds", "error.attachment.total", "max", maxLetterBytes>>20)
	return out, check.Err()
}

// SweepTx forgets files that were uploaded long ago and never sent, unless a
// draft still holds them, and returns how many. Their bytes go with the next
// sweep of the blobs.
func (f *Files) SweepTx(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	held := map[string]bool{}
	if err := tx.Each(ctx, func(r *sql.Rows) error {
		var c content
		if err := r.Scan(sqldb.JSON{V: &c}); err != nil {
			return err
		}
		for _, one := range c.AttachmentIDs {
			held[one] = true
		}
		return nil
	}, `SELECT content FROM draft`); err != nil {
		return 0, err
	}
	old, err := sqldb.List(ctx, tx, scanText, `SELECT id FROM attachment WHERE message_id IS NULL AND created_at < $1 ORDER BY created_at LIMIT 1000`,
		tx.Now.Add(-looseKeep).UnixMilli())
	if err != nil {
		return 0, err
	}
	var n int64
	for _, one := range old {
		if held[one] {
			continue
		}
		did, err := tx.Exec(ctx, `DELETE FROM attachment WHERE id = $1 AND message_id IS NULL`, one)
		if err != nil {
			return n, err
		}
		n += did
	}
	return n, nil
}
