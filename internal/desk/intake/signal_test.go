package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// chatter is a channel whose raw messages are messages as JSON, one thread a person.
var chatter = channel.Kind{
	Name: "chatter", Personal: true, Parse: written.Parse,
	Can: channel.Can{Text: 20, Plain: true, OneToOne: true, Window: 24 * time.Hour, Receipts: true,
		Media: []channel.Media{{Name: "image", Types: []string{"image/*"}, Max: 10}}},
	Open: func([]byte, []byte, channel.Host) (channel.Channel, error) { return &line{}, nil },
}

// line is its far side.
type line struct {
	files   map[string]string // what Fetch gives, by reference
	trouble error             // what Fetch and Profile fail with
	name    string
	ids     []string // what the next letter is called over there
	fail    error
}

func (l *line) Send(ctx context.Context, m *channel.Outgoing) error {
	if err := m.Committing(ctx); err != nil {
		return err
	}
	m.Accepted = l.ids
	return l.fail
}
func (l *line) Close() error { return nil }
func (l *line) Fetch(_ context.Context, ref string) (io.ReadCloser, string, error) {
	if l.trouble != nil {
		return nil, "", l.trouble
	}
	return io.NopCloser(strings.NewReader(l.files[ref])), "image/png", nil
}
func (l *line) Profile(context.Context, string) (channel.Profile, error) {
	return channel.Profile{Name: l.name, Language: "en-GB"}, l.trouble
}

type talk struct {
	*hall
	line *line
	box  inbox.Inbox
}

func talking(t *testing.T, fn func(t *testing.T, h *talk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := threadtest.New(t, db, c)
		l := &line{files: map[string]string{}, name: "Ana"}
		d.More, d.Far = []channel.Kind{chatter}, l
		d = d.Beside()
		h := &talk{hall: &hall{Desk: d}, line: l}
		h.door = intake.New(intake.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Blobs: d.Blobs, Kinds: []channel.Kind{chatter, written}, Inboxes: d.Inboxes,
			Customers: d.Customers, Outbox: d.Outbox, Threads: d.Threads, Queue: d.Queue, Open: d.Open})
		var err error
		h.box, err = d.Inboxes.Create(t.Context(), d.Hana, inbox.Change{Kind: "chatter", BrandID: &d.Brand.ID, Name: ref("Chat")})
		if err != nil {
			t.Fatal(err)
		}
		fn(t, h)
	})
}

func ref[T any](v T) *T { return &v }

// says takes in what somebody says, or what the channel tells of them.
func (h *talk) says(m channel.Message) intake.Entry {
	h.Helper()
	if m.From.Address == "" && len(m.Receipts) == 0 {
		m.From.Address = "u1"
	}
	b, err := json.Marshal(m)
	if err != nil {
		h.Fatal(err)
	}
	h.n++
	return h.acceptRaw(h.box.ID, channel.Raw{Source: "test", Key: string(rune('a' + h.n)), Bytes: b})
}

func (h *talk) answers(id conversation.ID, text string) (conversation.Message, error) {
	return h.Threads.Post(h.Context(), h.Hana, conversation.Reply{ConversationID: id, Text: text, Hold: -1})
}

func (h *talk) delivery(id conversation.MessageID) (d delivery.Delivery) {
	h.Helper()
	h.Read(func(tx *sqldb.Tx) error {
		all, err := h.Outbox.ByMessages(h.Context(), tx, []string{string(id)})
		d = all[string(id)]
		return err
	})
	return d
}

func TestOneThreadAPerson(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		first := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		second := h.says(channel.Message{ExternalID: "2", Text: "are you there?"})
		other := h.says(channel.Message{ExternalID: "3", Text: "hi", From: channel.Address{Address: "u2"}})
		h.want(second, intake.Linked, "")
		if second.ConversationID != first.ConversationID || other.ConversationID == first.ConversationID {
			t.Fatalf("conversations %s %s %s", first.ConversationID, second.ConversationID, other.ConversationID)
		}
		if _, err := h.Threads.Change(h.Context(), h.Hana, first.ConversationID, conversation.Patch{Status: ref(conversation.Resolved)}); err != nil {
			t.Fatal(err)
		}
		h.Wait(29 * 24 * time.Hour)
		if again := h.says(channel.Message{ExternalID: "4", Text: "it broke again"}); again.ConversationID != first.ConversationID || h.Conversation(again.ConversationID).Status != conversation.Open {
			t.Fatalf("again %+v", again)
		}
		if _, err := h.Threads.Change(h.Context(), h.Hana, first.ConversationID, conversation.Patch{Status: ref(conversation.Resolved)}); err != nil {
			t.Fatal(err)
		}
		h.Wait(31 * 24 * time.Hour)
		if late := h.says(channel.Message{ExternalID: "5", Text: "something else"}); late.ConversationID == first.ConversationID {
			t.Fatal("a matter of long ago was gone on with")
		}
	})
}

func TestTheOtherSideNamesAPerson(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		h.Rest()
		h.Read(func(tx *sqldb.Tx) error {
			who, err := h.Customers.ByID(h.Context(), tx, h.Conversation(e.ConversationID).CustomerID)
			if who.Name != "Ana" || who.Locale != "en" {
				t.Errorf("customer %+v", who)
			}
			if m := h.Thread(e.ConversationID)[0]; m.AuthorName != "Ana" {
				t.Errorf("the message is by %s", m.AuthorName)
			}
			return err
		})
	})
}

func TestReceipts(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		h.line.ids = []string{"v-1", "v-2"}
		m, err := h.answers(e.ConversationID, "Good day")
		if err != nil {
			t.Fatal(err)
		}
		// The receipt overtakes the answer that brings the id.
		early := h.says(channel.Message{Receipts: []channel.Receipt{{ExternalID: "v-2", State: "delivered", At: h.Clock.Now()}}})
		h.want(early, intake.Linked, intake.ReasonReceipt)
		h.Wait(11 * time.Second)
		h.Wait(11 * time.Second)
		if d := h.delivery(m.ID); d.State != delivery.Sent || d.DeliveredAt.IsZero() || !d.ReadAt.IsZero() {
			t.Fatalf("delivery %+v", d)
		}
		facts := len(h.Facts(string(e.ConversationID)))
		read := h.says(channel.Message{Receipts: []channel.Receipt{{ExternalID: "v-1", State: "read", At: h.Clock.Now()}}})
		if d := h.delivery(m.ID); d.ReadAt.IsZero() || read.ConversationID != e.ConversationID || len(h.Facts(string(e.ConversationID))) == facts {
			t.Fatalf("delivery %+v, entry %+v", d, read)
		}
		h.says(channel.Message{Receipts: []channel.Receipt{{ExternalID: "nobody's", State: "read"}}})
		h.Wait(time.Minute)
		h.Wait(time.Minute)
		if n := h.Count("job"); n != 0 {
			t.Errorf("%d duties wait for a receipt that is not ours", n)
		}
	})
}

// TestWhatIsDeliveredWasSent clears up a letter of which nobody knew.
func TestWhatIsDeliveredWasSent(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		h.line.ids, h.line.fail = []string{"v-1"}, &channel.AmbiguousError{Err: errors.New("cut")}
		m, err := h.answers(e.ConversationID, "Good day")
		if err != nil {
			t.Fatal(err)
		}
		h.Rest()
		if d := h.delivery(m.ID); d.State != delivery.Ambiguous {
			t.Fatalf("delivery %+v", d)
		}
		h.says(channel.Message{Receipts: []channel.Receipt{{ExternalID: "v-1", State: "delivered"}}})
		if d := h.delivery(m.ID); d.State != delivery.Sent {
			t.Fatalf("delivery %+v", d)
		}
	})
}

// TestReceiptsOfOtherInboxes lets who calls one inbox report on a letter of another,
// and name what they took by ids that nobody can keep.
func TestReceiptsOfOtherInboxes(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		h.line.ids = []string{"v\x00", strings.Repeat("x", 1001), "v-1"}
		m, err := h.answers(e.ConversationID, "Good morning.")
		if err != nil {
			t.Fatal(err)
		}
		h.Rest()
		if d := h.delivery(m.ID); d.State != delivery.Sent {
			t.Fatalf("delivery %+v", d)
		}
		other, err := h.Inboxes.Create(t.Context(), h.Hana, inbox.Change{Kind: "chatter", BrandID: &h.Brand.ID, Name: ref("Other")})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{m.ExternalID, "v-1"} {
			h.acceptRaw(other.ID, channel.Raw{Source: "test", Key: id, Bytes: raw(t, "x", channel.Message{Receipts: []channel.Receipt{{ExternalID: id, State: "read"}}}).Bytes})
		}
		if d := h.delivery(m.ID); !d.ReadAt.IsZero() || !d.DeliveredAt.IsZero() {
			t.Errorf("another inbox says it was read: %+v", d)
		}
		h.says(channel.Message{Receipts: []channel.Receipt{{ExternalID: m.ExternalID, State: "read"}}})
		if d := h.delivery(m.ID); d.ReadAt.IsZero() {
			t.Errorf("its own inbox does not: %+v", d)
		}
	})
}

func TestEditedAndTakenBack(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "helo"})
		h.want(h.says(channel.Message{ExternalID: "1b", Edits: "1", Text: "hello"}), intake.Linked, intake.ReasonEdited)
		m := h.Thread(e.ConversationID)[0]
		if m.Body != "hello" || m.Event == nil || m.Event.Name != conversation.ThingEdited || h.Conversation(e.ConversationID).Preview != "hello" {
			t.Fatalf("message %+v", m)
		}
		stranger := h.says(channel.Message{ExternalID: "x", Edits: "1", Text: "I owe you nothing", From: channel.Address{Address: "u2"}})
		if stranger.ConversationID == e.ConversationID || h.Thread(e.ConversationID)[0].Body != "hello" {
			t.Fatal("somebody else's edit was taken")
		}
		h.want(h.says(channel.Message{Deletes: "1"}), intake.Linked, intake.ReasonUnsent)
		if m := h.Thread(e.ConversationID)[0]; m.Body != "" || m.Event.Name != conversation.ThingUnsent {
			t.Fatalf("message %+v", m)
		}
	})
}

// TestChangesOutOfOrder lets edits be told after what they were overtaken by, as
// vendors deliver again what was not taken at first.
func TestChangesOutOfOrder(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "one"})
		tell := func(key string, ago time.Duration, m channel.Message) {
			h.acceptRaw(h.box.ID, channel.Raw{Source: "test", Key: key, At: h.Clock.Now().Add(-ago), Bytes: raw(t, "x", m).Bytes})
		}
		u1 := channel.Address{Address: "u1"}
		tell("third", time.Minute, channel.Message{From: u1, Edits: "1", Text: "three"})
		tell("second", 2*time.Minute, channel.Message{From: u1, Edits: "1", Text: "two"})
		if m := h.Thread(e.ConversationID)[0]; m.Body != "three" {
			t.Errorf("an older text came back: %q", m.Body)
		}
		tell("taken back", 0, channel.Message{From: u1, Deletes: "1"})
		tell("late", time.Minute, channel.Message{From: u1, Edits: "1", Text: "my secret"})
		if m := h.Thread(e.ConversationID)[0]; m.Body != "" || m.Event.Name != conversation.ThingUnsent {
			t.Errorf("what was taken back is shown again: %+v", m)
		}
	})
}

// TestIDsOfAnyLength keeps what is called by ids that no index holds, and knows it
// again by them.
func TestIDsOfAnyLength(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		long := ""
		for i := range 2000 {
			long += string(rune('!' + i*i%90))
		}
		e := h.says(channel.Message{ExternalID: long, Text: "one"})
		h.want(h.says(channel.Message{ExternalID: "2", Edits: long, Text: "two"}), intake.Linked, intake.ReasonEdited)
		if m := h.Thread(e.ConversationID)[0]; m.Body != "two" {
			t.Errorf("the edit of a long id: %+v", m)
		}
		for range 2 {
			h.acceptRaw(h.box.ID, channel.Raw{Source: "test", Key: "k\xff" + long, Bytes: raw(t, "x", channel.Message{From: channel.Address{Address: "u1"}, ExternalID: "3", Text: "three"}).Bytes})
		}
		if n := len(h.Thread(e.ConversationID)); n != 2 {
			t.Errorf("%d messages, want 2", n)
		}
	})
}

// TestTakenBackBeforeItCame: the vendor's calls may overtake one another.
func TestTakenBackBeforeItCame(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		h.says(channel.Message{ExternalID: "0", Text: "hello"})
		h.want(h.says(channel.Message{Deletes: "1"}), intake.Linked, intake.ReasonUnsent)
		h.says(channel.Message{Deletes: "2", From: channel.Address{Address: "u2"}}) // another's is nobody's business
		e := h.says(channel.Message{ExternalID: "1", Text: "my secret", Parts: []channel.Part{{Name: "secret.png", Ref: "secret"}}})
		h.says(channel.Message{ExternalID: "2", Text: "not secret"})
		var got, other conversation.Message
		for _, m := range h.Thread(e.ConversationID) {
			switch m.ExternalID {
			case "1":
				got = m
			case "2":
				other = m
			}
		}
		if got.Body != "" || got.Event == nil || got.Event.Name != conversation.ThingUnsent || len(got.Attachments) != 1 || got.Attachments[0].State != conversation.FileGone {
			t.Errorf("%+v", got)
		}
		if other.Body != "not secret" || other.Event != nil {
			t.Errorf("%+v", other)
		}
		if again := h.says(channel.Message{ExternalID: "1", Text: "said anew"}); h.Thread(again.ConversationID) == nil {
			t.Error("nothing is left of it")
		}
	})
}

// TestTheLaterWordCounts: that somebody follows may be told after that they left.
func TestTheLaterWordCounts(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		now := h.Clock.Now()
		h.Wait(time.Minute)
		h.says(channel.Message{Contact: channel.ContactEnded, At: now.Add(20 * time.Second)})
		h.says(channel.Message{Contact: channel.ContactAllowed, At: now.Add(10 * time.Second)})
		if _, err := h.answers(e.ConversationID, "Good day"); !fault.Is(err, fault.Conflict) {
			t.Errorf("an older permission counted: %v", err)
		}
		h.says(channel.Message{Contact: channel.ContactAllowed, At: now.Add(30 * time.Second)})
		if _, err := h.answers(e.ConversationID, "Good day"); err != nil {
			t.Errorf("a later permission did not count: %v", err)
		}
		entries := 0
		for _, m := range h.Thread(e.ConversationID) {
			if m.Event != nil && m.Event.Name == conversation.EntryContact {
				entries++
			}
		}
		if entries != 2 {
			t.Errorf("%d entries", entries)
		}
	})
}

func TestACustomerWhoWantsNoMessages(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		h.want(h.says(channel.Message{Contact: channel.ContactEnded}), intake.Linked, intake.ReasonContact)
		if _, err := h.answers(e.ConversationID, "Good day"); !fault.Is(err, fault.Conflict) {
			t.Fatalf("error %v", err)
		}
		h.says(channel.Message{Contact: channel.ContactAllowed})
		if _, err := h.answers(e.ConversationID, "Good day"); err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, m := range h.Thread(e.ConversationID) {
			if m.Event != nil {
				names += m.Event.Name + m.Event.Data["state"] + " "
			}
		}
		if names != "contactended contactallowed " {
			t.Errorf("entries %q", names)
		}
	})
}

func TestWhatDoesNotFitIsRefusedBeforeItIsWritten(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		if _, err := h.answers(e.ConversationID, strings.Repeat("long", 6)); !fault.Is(err, fault.Invalid) {
			t.Errorf("too long: %v", err)
		}
		file := func(contentType, bytes string) []string {
			a, err := h.Files.Upload(h.Context(), h.Hana, conversation.Attachment{Name: "f", ContentType: contentType}, strings.NewReader(bytes))
			if err != nil {
				t.Fatal(err)
			}
			return []string{a.ID}
		}
		for name, ids := range map[string][]string{"kind": file("text/html", "x"), "size": file("image/png", "12345678901")} {
			if _, err := h.Threads.Post(h.Context(), h.Hana, conversation.Reply{ConversationID: e.ConversationID, AttachmentIDs: ids}); !fault.Is(err, fault.Invalid) {
				t.Errorf("a file of the wrong %s: %v", name, err)
			}
		}
		copied := conversation.Reply{ConversationID: e.ConversationID, Text: "x", To: []channel.Address{{Address: "u1"}}, Cc: []channel.Address{{Address: "u2"}}}
		if _, err := h.Threads.Post(h.Context(), h.Hana, copied); !fault.Is(err, fault.Invalid) {
			t.Errorf("a copy to somebody else: %v", err)
		}
		h.Wait(25 * time.Hour)
		if _, err := h.answers(e.ConversationID, "Good day"); !fault.Is(err, fault.Conflict) {
			t.Errorf("after the time for answers: %v", err)
		}
		if n := h.Count("delivery"); n != 0 {
			t.Errorf("%d letters", n)
		}
	})
}

func TestAnAnswerCarriesNeitherSignatureNorQuote(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello", Token: "reply-me"})
		m, err := h.Threads.Post(h.Context(), h.Hana, conversation.Reply{ConversationID: e.ConversationID, HTML: "<p>Good <b>day</b></p>"})
		if err != nil {
			t.Fatal(err)
		}
		if m.Body != "Good day" || m.HasHTML || m.Quoted != "" || m.Envelope.To[0].Address != "u1" {
			t.Errorf("message %+v", m)
		}
	})
}

func TestFilesAreFetchedOnceTheMessageIsSafe(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		h.line.files["ref-1"], h.line.trouble = "picture", errors.New("not yet")
		e := h.says(channel.Message{ExternalID: "1", Parts: []channel.Part{{Name: "p.png", ContentType: "image/png", Ref: "ref-1"}}})
		file := func() conversation.Attachment { return h.Thread(e.ConversationID)[0].Attachments[0] }
		h.Rest()
		if a := file(); a.State != conversation.FileWaiting {
			t.Fatalf("file %+v", a)
		}
		if _, _, err := h.Files.Open(h.Context(), h.Hana, file().ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a file that is not here opens: %v", err)
		}
		h.line.trouble = nil
		h.Wait(time.Minute)
		_, r, err := h.Files.Open(h.Context(), h.Hana, file().ID)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil || string(b) != "picture" || file().Size != 7 {
			t.Errorf("%q, %v, %+v", b, err, file())
		}
		h.line.trouble = &channel.RefusedError{Code: 404, Text: "gone"}
		gone := h.says(channel.Message{ExternalID: "2", Parts: []channel.Part{{Name: "q.png", Ref: "ref-2"}}})
		h.Rest()
		thread := h.Thread(gone.ConversationID)
		if a := thread[len(thread)-1].Attachments[0]; a.State != conversation.FileGone {
			t.Errorf("file %+v", a)
		}
	})
}

// TestOneRefusedNameIsNoBrokenInbox: only a token that is refused says that sending
// fails, and one that is taken again says that it works.
func TestOneRefusedNameIsNoBrokenInbox(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		n := 0
		fails := func(trouble error) string {
			n++
			h.line.trouble = trouble
			h.says(channel.Message{ExternalID: strconv.Itoa(n), From: channel.Address{Address: "u" + strconv.Itoa(n)}, Text: "hello"})
			h.Rest()
			h.Clock.Advance(2 * time.Minute)
			var in inbox.Inbox
			h.Read(func(tx *sqldb.Tx) (err error) {
				in, err = h.Inboxes.ByID(h.Context(), tx, h.box.ID)
				return err
			})
			return in.Health.Send.Error
		}
		if words := fails(&channel.SettingsError{Err: errors.New("one permission is missing")}); words != "" {
			t.Errorf("one name was refused, and sending fails: %q", words)
		}
		if words := fails(&channel.SettingsError{Err: errors.New("invalid"), Token: true}); words != "token: invalid" {
			t.Errorf("the token was revoked: %q", words)
		}
		if words := fails(&channel.SettingsError{Err: errors.New("one permission is missing")}); words != "token: invalid" {
			t.Errorf("nothing shows that the token works: %q", words)
		}
		if words := fails(nil); words != "" {
			t.Errorf("the token is taken again: %q", words)
		}
	})
}

// TestEventsOpenNothing keeps what nobody said out of the agents' way.
func TestEventsOpenNothing(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		for _, m := range []channel.Message{{Contact: channel.ContactAllowed}, {Subject: "beacon"}, {Deletes: "nothing"}, {Receipts: []channel.Receipt{{ExternalID: "x", State: "read"}}}} {
			if e := h.says(m); e.State != intake.Linked || e.Reason == "" || e.ConversationID != "" {
				t.Errorf("entry %+v", e)
			}
		}
		if n := h.Count("conversation"); n != 0 {
			t.Errorf("%d conversations", n)
		}
		thing := h.says(channel.Message{ExternalID: "1", Thing: &channel.Thing{Name: "sticker", Data: map[string]string{"id": "52002734"}}})
		if m := h.Thread(thing.ConversationID)[0]; m.Event == nil || m.Event.Name != "sticker" || m.Kind != conversation.Incoming {
			t.Errorf("message %+v", m)
		}
	})
}

// TestOnePersonOnTwoChannels keeps apart what has one address by chance.
func TestOnePersonOnTwoChannels(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		h.says(channel.Message{ExternalID: "1", Text: "hello", From: channel.Address{Address: taro}})
		h.Write(func(tx *sqldb.Tx) error {
			_, created, err := h.Customers.ResolveTx(h.Context(), tx, customer.Seen{Kind: inbox.Email, Address: taro})
			if !created {
				t.Error("an address of one channel is taken for that of another")
			}
			return err
		})
	})
}
