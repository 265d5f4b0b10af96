package chat

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// maxPage bounds the address of the page a visitor writes on, in bytes.
const maxPage = 2000

// utterance is what a page sends.
type utterance struct {
	ID    string   `json:"id"` // made by the page; the same again is the same message
	Text  string   `json:"text"`
	Files []string `json:"files"` // ids of uploads
	Page  string   `json:"page"`
	// Of first words: what was entered before them by the names of fields, and the
	// prompt that they answer.
	Entered map[string]string `json:"entered"`
	Prompt  string            `json:"prompt"`
}

func clientID() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`) }

func (u *utterance) check() error {
	var check fault.Check
	u.Text = strings.TrimSpace(text.Safe(u.Text))
	check.That(clientID().MatchString(u.ID), "body.id", "error.field.invalid")
	check.That(u.Text != "" || len(u.Files) > 0, "body.text", "error.chat.empty")
	check.That(utf8.RuneCountInString(u.Text) <= webchat.MaxText, "body.text", "error.chat.long", "max", webchat.MaxText)
	check.That(len(u.Files) <= webchat.MaxFiles, "body.files", "error.chat.files", "max", webchat.MaxFiles)
	if len(u.Page) > maxPage || !strings.HasPrefix(u.Page, "https://") && !strings.HasPrefix(u.Page, "http://") {
		u.Page = ""
	}
	u.Page = text.Line(u.Page)
	return check.Err()
}

// mouth takes in what visitors say.
type mouth struct{ *Chat }

// said is the answer to a message: it is safe.
type said struct {
	ID     string `json:"id"` // "" if a person has to look at it first
	Client string `json:"client"`

	Visitor *visitor `json:"visitor,omitempty"` // where something was entered before the words: who they are now
}

// say takes a message in. It answers only once that is committed.
func (c mouth) say(v *visit) (any, error) {
	if err := c.slow(v.Request, allMessages); err != nil {
		return nil, err
	}
	if err := c.slower(messages, v.who.Address); err != nil {
		return nil, err
	}
	var in utterance
	if err := v.body(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	ctx := v.Context()
	before, err := c.before(v, in)
	if err != nil {
		return nil, err
	}
	if v.who.view(v.place, "").NeedsEmail {
		return nil, fault.New(fault.Conflict, "error.chat.needsEmail")
	}
	if err := guests(c).link(ctx, v.who); err != nil {
		return nil, err
	}
	one := webchat.Said{ID: in.ID, From: v.who.Address, Name: v.who.Name, At: c.Clock.Now(), Text: in.Text, Lang: text.Language(in.Text, v.lang), Page: in.Page,
		Asked: before.asked, Entered: before.lines}
	if one.Files, err = c.enclosed(ctx, v.who, in.Files); err != nil {
		return nil, err
	}
	raw, err := one.Raw()
	if err != nil {
		return nil, err
	}
	entry, err := c.Door.Accept(ctx, v.place.box.ID, raw)
	if err != nil {
		return nil, err
	}
	out := said{ID: string(entry.MessageID), Client: in.ID}
	if len(in.Entered) > 0 {
		who := v.who.view(v.place, "")
		out.Visitor = &who
	}
	return out, c.told(ctx, v.who)
}

// enclosed are the uploads that a message takes along. Somebody else's, or none at
// all, is fault.Invalid.
func (c mouth) enclosed(ctx context.Context, s session, ids []string) (out []webchat.File, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var list []conversation.Attachment
	err = c.DB.Read(ctx, func(tx *sqldb.Tx) error {
		list, err = c.Files.Loose(ctx, tx, owner(s), ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	var check fault.Check
	var total int64
	for _, id := range ids {
		i := slices.IndexFunc(list, func(a conversation.Attachment) bool { return a.ID == id })
		if i < 0 {
			check.Add("body.files", "error.attachment.notFound")
			continue
		}
		a := list[i]
		total += a.Size
		out = append(out, webchat.File{Name: a.Name, Type: a.ContentType, Size: a.Size, Key: a.BlobKey})
	}
	check.That(total <= webchat.MaxFile, "body.files", "error.chat.large", "max", webchat.MaxFile>>20)
	return out, check.Err()
}

// owner is who a visitor's uploads belong to: the session, not the customer, who
// may have several.
func owner(s session) actor.Actor { return actor.ForCustomer(s.Address) }
