package conversation

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// reaches reports whether the channel can be used to write to an address.
func (p posting) reaches(a channel.Address) bool {
	if p.box.Kind == inbox.Email || p.box.Kind == "" {
		return validAddress(a)
	}
	return a.Address != "" && !breaksLine(a.Address+a.Name)
}

// signature is what stands below the writer's words: mail alone has one.
func (p posting) signature() string {
	if p.kind.Can.OneToOne {
		return ""
	}
	return p.box.Signature
}

// room is how long the words may be; 0: as long as they like. Below a comment stands
// one message, never several.
func (p posting) room() int {
	if p.reply.Public {
		return p.kind.Can.Text
	}
	return p.kind.Can.Room()
}

// fits refuses what the channel would refuse, before it is written: the writer
// can still change it.
func (t writer) fits(ctx context.Context, tx *sqldb.Tx, c Conversation, p posting) error {
	can := p.kind.Can
	var check fault.Check
	if room := p.room(); room > 0 {
		check.That(can.Count(p.words.text) <= room, "body.text", "error.channel.long", "max", room)
	}
	check.That(p.reply.Template == nil || can.Templates, "body.template", "error.channel.template")
	p.checkChoices(&check)
	check.That(!p.reply.Public || can.Public && p.answered.commentary() && p.reply.Template == nil && len(p.reply.Choices) == 0 && len(p.reply.AttachmentIDs) == 0,
		"body.public", "error.channel.public")
	check.That(!can.OneToOne || len(p.reply.Cc)+len(p.reply.Bcc) == 0 && len(p.reply.To) == 1, "body.to", "error.channel.oneToOne")
	if err := check.Err(); err != nil {
		return err
	}
	if err := t.filesFit(ctx, tx, p); err != nil {
		return err
	}
	if p.box.Kind == inbox.Email {
		return nil
	}
	if err := t.mayWrite(ctx, tx, p); err != nil {
		return err
	}
	if p.reply.Template != nil || p.reply.Public {
		return nil
	}
	return t.windowOpen(ctx, tx, c, p)
}

// ThingChoices names the quick replies of a message of ours; Data has their words
// in lines.
const ThingChoices = "choices"

// ThingPublic names an answer of ours that stands below a comment.
const ThingPublic = "public"

// aspect notes what a reply is beside its words; nil if nothing.
func (r Reply) aspect() *EventData {
	switch {
	case r.Public:
		return &EventData{Name: ThingPublic, Data: map[string]string{}}
	case len(r.Choices) > 0:
		return &EventData{Name: ThingChoices, Data: map[string]string{"words": strings.Join(r.Choices, "\n")}}
	}
	return nil
}

// commentary reports whether a message is a comment that can be answered below it.
func (m Message) commentary() bool {
	return m.Kind == Incoming && m.Event != nil && m.Event.Name == "comment" && m.Event.Data["kind"] == "comment"
}

// checkChoices checks quick replies: they stand below words, and each is other ones.
func (p posting) checkChoices(check *fault.Check) {
	choices := p.reply.Choices
	if len(choices) == 0 {
		return
	}
	most := p.kind.Can.Choices
	if p.reply.Template != nil {
		most = 0
	}
	check.That(len(choices) <= most, "body.choices", "error.channel.choices", "max", most)
	check.Require(!p.words.empty(), "body.text")
	seen := map[string]bool{}
	for _, c := range choices {
		check.That(c != "" && c == oneLine(c) && utf8.RuneCountInString(c) <= channel.MaxChoice, "body.choices", "error.channel.choice", "max", channel.MaxChoice)
		check.That(!seen[c], "body.choices", "error.channel.choiceTwice", "name", c)
		seen[c] = true
	}
}

// filesFit checks the files that go along against what the channel takes.
func (t writer) filesFit(ctx context.Context, tx *sqldb.Tx, p posting) error {
	can := p.kind.Can
	if can.Media == nil && !can.NoMedia && can.Files == 0 {
		return nil
	}
	if use := p.reply.Template; use != nil && use.Media == "" && len(p.reply.AttachmentIDs) > 0 {
		return fault.New(fault.Conflict, "error.channel.templateNoFile")
	}
	files, err := looseByIDs(ctx, tx, owner(p.by), p.reply.AttachmentIDs)
	if err != nil {
		return err
	}
	var check fault.Check
	check.That(can.Files == 0 || len(files) <= can.Files, "body.attachmentIds", "error.conversation.attachments", "max", can.Files)
	shown := 0 // by the template's header
	for _, a := range files {
		if media, ok := can.Takes(a.ContentType, a.Size); ok {
			if p.reply.Template != nil && media.Name == p.reply.Template.Media {
				shown++
			}
			continue
		}
		if most := can.Largest(a.ContentType); most > 0 {
			check.Add("body.attachmentIds", "error.channel.fileLarge", "name", a.Name, "max", sizeText(most))
		} else {
			check.Add("body.attachmentIds", "error.channel.file", "name", a.Name)
		}
	}
	if use := p.reply.Template; use != nil && use.Media != "" {
		check.That(shown == 1 && len(files) == 1, "body.attachmentIds", "error.channel.templateFile")
	}
	return check.Err()
}

// mayWrite refuses to write to whom the customer's own choice forbids.
func (t writer) mayWrite(ctx context.Context, tx *sqldb.Tx, p posting) error {
	for _, to := range p.reply.To {
		for _, kind := range kindsOf(p.kind, to.Address) {
			ended, err := t.ended(ctx, tx, kind, to.Address)
			if err != nil {
				return err
			}
			if ended {
				return fault.New(fault.Conflict, "error.channel.ended")
			}
		}
	}
	return nil
}

// ended reports whether somebody wants no messages at an address.
func (t writer) ended(ctx context.Context, tx *sqldb.Tx, kind, address string) (bool, error) {
	person, _, err := t.Customers.ByPoint(ctx, tx, kind, address)
	return slices.ContainsFunc(person.Points, func(p customer.Point) bool {
		return p.Kind == kind && text.Fold(p.Address) == text.Fold(address) && !p.EndedAt.IsZero()
	}), err
}

// kindsOf are the kinds under which an address may be kept. A telephone number may
// still stand under the channel's own, from before numbers were told apart there.
func kindsOf(kind channel.Kind, address string) []string {
	return slices.Compact([]string{kind.PointOf(address), kind.Point()})
}

// addressOn is a customer's address on a channel, its own kind before a number; ""
// if the channel does not reach them.
func addressOn(who customer.Customer, kind channel.Kind) string {
	if a := who.Address(kind.Point()); a != "" {
		return a
	}
	for _, p := range who.Points {
		if kind.Reaches(p.Kind, p.Address) {
			return p.Address
		}
	}
	return ""
}

const lastHeardSQL = `SELECT MAX(m.at) FROM message m WHERE m.conversation_id = $1 AND m.inbox_id = $2 AND m.kind = 'incoming' AND ` + wrote

// windowOpen refuses to write when the channel's time for answers is over.
func (t writer) windowOpen(ctx context.Context, tx *sqldb.Tx, c Conversation, p posting) error {
	window := p.kind.Can.Window
	if window == 0 {
		return nil
	}
	until, err := t.windowEnd(ctx, tx, c, window)
	if err != nil {
		return err
	}
	if !until.After(tx.Now) {
		return fault.New(fault.Conflict, "error.channel.window", "hours", int(window.Hours()))
	}
	if !p.hours.IsZero() && !until.After(p.hours) {
		return fault.New(fault.Conflict, "error.channel.windowHours")
	}
	return nil
}

// windowEnd is until when an answer may be sent; zero if the customer never wrote.
func (t *core) windowEnd(ctx context.Context, tx *sqldb.Tx, c Conversation, window time.Duration) (time.Time, error) {
	last, err := lastHeard(ctx, tx, c)
	if err != nil || last.IsZero() {
		return time.Time{}, err
	}
	return last.Add(window), nil
}

// lastHeard is when the customer last wrote by the channel on which a conversation
// goes on; zero: never.
func lastHeard(ctx context.Context, tx *sqldb.Tx, c Conversation) (last time.Time, err error) {
	err = tx.QueryRow(ctx, lastHeardSQL, string(c.ID), c.InboxID).Scan(sqldb.At(&last))
	return last, err
}

// WindowOf returns until when an answer may be sent in a conversation whose
// channel has a time for answers; zero if it has none or nobody wrote yet.
func WindowOf(ctx context.Context, tx *sqldb.Tx, t *Threads, c Conversation) (time.Time, error) {
	box, err := t.Inboxes.ByID(ctx, tx, c.InboxID)
	if err != nil {
		return time.Time{}, err
	}
	kind, _ := t.Inboxes.Kind(box.Kind)
	window := kind.Window(box.Settings)
	if window == 0 {
		return time.Time{}, nil
	}
	return t.windowEnd(ctx, tx, c, window)
}

// sizeText is a number of bytes as people say it.
func sizeText(n int64) string {
	if n >= 1<<20 {
		return strconv.FormatInt(n>>20, 10) + " MB"
	}
	return strconv.FormatInt(max(n>>10, 1), 10) + " kB"
}
