package conversation

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// The kinds of drafts.
const (
	DraftReply = "reply"
	DraftNote  = "note"
)

// Limits of quick replies that are being written: what fits through the channel is
// asked when they are sent.
const (
	maxDraftChoices = 20
	maxDraftChoice  = 400 // bytes
)

// content is a draft as stored.
type content struct {
	Kind          string            `json:"kind"`
	HTML          string            `json:"html"`
	Text          string            `json:"text"`
	To            []channel.Address `json:"to"`
	Cc            []channel.Address `json:"cc"`
	Bcc           []channel.Address `json:"bcc"`
	AttachmentIDs []string          `json:"attachmentIds"`
	Choices       []string          `json:"choices,omitempty"` // quick replies
}

// Draft is what an agent has begun to write in a conversation, one at a time.
type Draft struct {
	ConversationID ID
	AgentID        string
	Kind           string
	HTML, Text     string
	To, Cc, Bcc    []channel.Address
	Attachments    []Attachment
	Choices        []string // quick replies, as far as they are written
	UpdatedAt      time.Time
	Version        int64
}

// DraftChange replaces a draft. A Version other than 0 must be the draft's: 0
// overwrites whatever there is.
type DraftChange struct {
	Kind          string
	HTML, Text    string
	To, Cc, Bcc   []channel.Address
	AttachmentIDs []string
	Choices       []string
	Version       int64
}

// Drafts is the handle on drafts. They are kept on the server, so that an agent
// goes on writing on another machine.
type Drafts struct {
	db      *sqldb.DB
	journal *event.Journal
}

// NewDrafts returns the drafts of a database.
func NewDrafts(db *sqldb.DB, journal *event.Journal) *Drafts {
	return &Drafts{db: db, journal: journal}
}

// ByAgent returns an agent's draft in a conversation; false if there is none.
func (d *Drafts) ByAgent(ctx context.Context, tx *sqldb.Tx, id ID, agentID string) (Draft, bool, error) {
	return readDraft(ctx, tx, id, agentID)
}

// Save keeps an agent's draft. fault.Conflict "error.stale" if another page of
// the same agent has saved meanwhile.
func (d *Drafts) Save(ctx context.Context, by actor.Actor, id ID, ch DraftChange) (saved Draft, err error) {
	if err := ch.check(by); err != nil {
		return Draft{}, err
	}
	err = d.db.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		have, found, err := readDraft(ctx, tx, c.ID, by.AgentID())
		if err != nil {
			return err
		}
		if ch.Version != 0 && found && ch.Version != have.Version {
			return fault.New(fault.Conflict, "error.stale")
		}
		saved, err = saveDraft(ctx, tx, c.ID, by.AgentID(), content{Kind: ch.Kind, HTML: ch.HTML, Text: ch.Text,
			To: ch.To, Cc: ch.Cc, Bcc: ch.Bcc, AttachmentIDs: ch.AttachmentIDs, Choices: ch.Choices})
		// The page saves while the agent types; the journal need not hear of every word.
		if err == nil && tx.Now.Sub(have.UpdatedAt) >= tellDraftEvery {
			d.journal.Emit(tx, DraftFact, string(c.ID), by, DraftData{AgentID: by.AgentID()})
		}
		return err
	})
	return saved, err
}

// tellDraftEvery is how often a draft that is being written is told of.
const tellDraftEvery = 10 * time.Second

func (ch *DraftChange) check(by actor.Actor) error {
	if by.AgentID() == "" {
		return fault.New(fault.Denied, "error.draft.agent")
	}
	if ch.Kind == "" {
		ch.Kind = DraftReply
	}
	var check fault.Check
	check.That(ch.Kind == DraftReply || ch.Kind == DraftNote, "body.kind", "error.field.invalid")
	check.That(len(ch.HTML) <= maxBody, "body.html", "error.text.long", "max", maxBody)
	check.That(len(ch.Text) <= maxBody, "body.text", "error.text.long", "max", maxBody)
	check.That(len(ch.To)+len(ch.Cc)+len(ch.Bcc) <= maxRecipients, "body.to", "error.conversation.recipients", "max", maxRecipients)
	check.That(len(ch.AttachmentIDs) <= maxAttachments, "body.attachmentIds", "error.conversation.attachments", "max", maxAttachments)
	check.That(len(ch.Choices) <= maxDraftChoices, "body.choices", "error.channel.choices", "max", maxDraftChoices)
	ch.Choices = slices.Clone(ch.Choices)
	for i, c := range ch.Choices {
		check.That(len(c) <= maxDraftChoice, "body.choices", "error.channel.choice", "max", channel.MaxChoice)
		ch.Choices[i] = text.Safe(c)
	}
	ch.HTML, ch.Text = text.Safe(ch.HTML), text.Safe(ch.Text)
	ch.AttachmentIDs = slices.DeleteFunc(slices.Clone(ch.AttachmentIDs), func(one string) bool { return !id.Valid("att", one) })
	for _, list := range []*[]channel.Address{&ch.To, &ch.Cc, &ch.Bcc} {
		*list = slices.Clone(*list) // half-typed addresses are kept as they are, except what no database takes
		for i, a := range *list {
			(*list)[i] = channel.Address{Name: text.Safe(a.Name), Address: text.Safe(a.Address)}
		}
	}
	return check.Err()
}

// Drop throws an agent's draft away; none is no error.
func (d *Drafts) Drop(ctx context.Context, by actor.Actor, id ID) error {
	return d.db.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		d.journal.Emit(tx, DraftFact, string(c.ID), by, DraftData{AgentID: by.AgentID()})
		return dropDraft(ctx, tx, c.ID, by.AgentID(), "")
	})
}

const (
	readDraftSQL = `SELECT content, updated_at, version FROM draft WHERE conversation_id = $1 AND agent_id = $2`
	saveDraftSQL = `INSERT INTO draft (conversation_id, agent_id, content, updated_at, version) VALUES ($1, $2, $3, $4, 1)
ON CONFLICT (conversation_id, agent_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at, version = draft.version + 1`
)

// contentOf returns an agent's draft as stored; a zero one if there is none.
func contentOf(ctx context.Context, tx *sqldb.Tx, id ID, agentID string) (c content, err error) {
	err = tx.QueryRow(ctx, `SELECT content FROM draft WHERE conversation_id = $1 AND agent_id = $2`, string(id), agentID).Scan(sqldb.JSON{V: &c})
	if errors.Is(err, sql.ErrNoRows) {
		return content{}, nil
	}
	return c, err
}

// empty reports whether nothing would be lost with a draft.
func (c content) empty() bool {
	return strings.TrimSpace(c.Text) == "" && strings.TrimSpace(rich.Text(c.HTML)) == "" && !strings.Contains(c.HTML, "<img") && len(c.AttachmentIDs) == 0 && len(c.Choices) == 0
}

// above returns one draft of two: the words of c, below them those of d, and
// the files of both. Recipients and quick replies are not mixed: they stay those of
// c, if it has any. If either is a note so is the result, as no note may become a letter.
func (c content) above(d content) content {
	switch {
	case c.empty():
		return d
	case d.empty():
		return c
	}
	out := c
	if d.Kind == DraftNote {
		out.Kind = DraftNote
	}
	if c.HTML != "" || d.HTML != "" {
		out.HTML = c.asHTML() + d.asHTML()
	}
	out.Text = strings.TrimSpace(c.asText() + "\n\n" + d.asText())
	out.AttachmentIDs = slices.Clone(c.AttachmentIDs)
	for _, one := range d.AttachmentIDs {
		if !slices.Contains(out.AttachmentIDs, one) {
			out.AttachmentIDs = append(out.AttachmentIDs, one)
		}
	}
	if len(c.Choices) == 0 {
		out.Choices = d.Choices
	}
	if len(c.To)+len(c.Cc)+len(c.Bcc) == 0 {
		out.To, out.Cc, out.Bcc = d.To, d.Cc, d.Bcc
	}
	return out
}

func (c content) asHTML() string {
	if c.HTML != "" || c.Text == "" {
		return c.HTML
	}
	return rich.FromText(c.Text)
}

func (c content) asText() string {
	if c.Text != "" || c.HTML == "" {
		return c.Text
	}
	return rich.Text(c.HTML)
}

func readDraft(ctx context.Context, tx *sqldb.Tx, id ID, agentID string) (Draft, bool, error) {
	var c content
	var at time.Time
	var version int64
	err := tx.QueryRow(ctx, readDraftSQL, string(id), agentID).Scan(sqldb.JSON{V: &c}, sqldb.At(&at), &version)
	if errors.Is(err, sql.ErrNoRows) {
		return Draft{}, false, nil
	}
	if err != nil {
		return Draft{}, false, err
	}
	files, err := looseByIDs(ctx, tx, owner(actor.ForAgent(agentID)), c.AttachmentIDs)
	d := c.draft(id, agentID, files)
	d.UpdatedAt, d.Version = at, version
	return d, true, err
}

// draft is the content as its writer sees it.
func (c content) draft(id ID, agentID string, files []Attachment) Draft {
	return Draft{ConversationID: id, AgentID: agentID, Kind: c.Kind, HTML: c.HTML, Text: c.Text,
		To: addresses(c.To), Cc: addresses(c.Cc), Bcc: addresses(c.Bcc), Attachments: files, Choices: c.Choices}
}

func saveDraft(ctx context.Context, tx *sqldb.Tx, id ID, agentID string, c content) (Draft, error) {
	if _, err := tx.Exec(ctx, saveDraftSQL, string(id), agentID, sqldb.JSON{V: c}, tx.Now.UnixMilli()); err != nil {
		return Draft{}, err
	}
	d, _, err := readDraft(ctx, tx, id, agentID)
	return d, err
}

// dropDraft forgets an agent's draft of one kind, "" for any.
func dropDraft(ctx context.Context, tx *sqldb.Tx, id ID, agentID, kind string) error {
	if agentID == "" {
		return nil
	}
	d, found, err := readDraft(ctx, tx, id, agentID)
	if err != nil || !found || (kind != "" && d.Kind != kind) {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM draft WHERE conversation_id = $1 AND agent_id = $2`, string(id), agentID)
	return err
}
