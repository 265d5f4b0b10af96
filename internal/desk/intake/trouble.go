package intake

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// unknownThing is the name of a channel.Thing of a kind nobody has heard of.
const unknownThing = "unknown"

// troubles are what is wrong with a parcel that is taken in all the same. Mail is
// judged by its reading alone: its clocks and encodings are its customers'.
func (p parcel) troubles(now time.Time) (out []inbox.Trouble) {
	add := func(sort inbox.Sort, words string) { out = append(out, inbox.Trouble{Sort: sort, Words: words}) }
	m := p.message
	switch {
	case errors.Is(p.trouble, channel.ErrIncomplete):
		add(inbox.Large, p.trouble.Error())
	case p.trouble != nil && p.kind.Hook:
		add(inbox.Garbled, p.trouble.Error())
	case m != nil && p.kind.Hook && (!utf8.Valid(p.raw.Bytes) || strings.ContainsRune(m.Text, utf8.RuneError)):
		add(inbox.Garbled, "not UTF-8")
	}
	if m == nil || p.trouble != nil || !p.kind.Hook {
		return out
	}
	if ahead := m.At.Sub(now); ahead > inbox.MaxSkew {
		add(inbox.Skewed, "+"+ahead.Round(time.Second).String())
	}
	if m.Thing != nil && m.Thing.Name == unknownThing {
		add(inbox.Strange, m.Thing.Data["kind"])
	}
	return out
}

// asked notes on an inbox how it went where a file or a name was asked for. A token
// that is refused would not send either, and nobody should find out by an answer that
// does not leave; once it is taken again, it sends again. Any other refusal may
// concern one file or one person.
func (d fetcher) asked(ctx context.Context, inboxID string, err error) error {
	if channel.IsToken(err) {
		return d.Inboxes.Healthy(ctx, inboxID, inbox.Sending, err)
	}
	if err != nil {
		return nil
	}
	var in inbox.Inbox
	if err := d.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		in, err = d.Inboxes.ByID(ctx, tx, inboxID)
		return err
	}); err != nil || !channel.SaysToken(in.Health.Send.Error) {
		return err
	}
	return d.Inboxes.Healthy(ctx, inboxID, inbox.Sending, nil)
}

// tooLarge is the trouble of a file that is larger than what is taken.
func tooLarge(a conversation.Attachment) inbox.Trouble {
	return inbox.Trouble{Sort: inbox.Large, Words: a.Name}
}
