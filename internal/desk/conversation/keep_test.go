package conversation_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

func uploaded(t *testing.T, d *threadtest.Desk, name string) string {
	t.Helper()
	a, err := d.Files.Upload(t.Context(), d.Hana, conversation.Attachment{Name: name, ContentType: "text/plain"}, strings.NewReader(name))
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func files(d conversation.Draft) (names []string) {
	for _, a := range d.Attachments {
		names = append(names, a.Name)
	}
	return names
}

// What was typed after sending stays when the sent words come back.
func TestUndoKeepsWhatWasBegunSince(t *testing.T) {
	for name, c := range map[string]struct {
		since            conversation.DraftChange
		kind, html, text string
	}{
		"plain text":     {conversation.DraftChange{Text: "追伸です。"}, conversation.DraftReply, "", "先の返事。\n\n追伸です。"},
		"rich text":      {conversation.DraftChange{HTML: "<p>追伸です。</p>"}, conversation.DraftReply, "<p>先の返事。</p><p>追伸です。</p>", "先の返事。\n\n追伸です。"},
		"a note":         {conversation.DraftChange{Kind: conversation.DraftNote, Text: "内緒です。"}, conversation.DraftNote, "", "先の返事。\n\n内緒です。"},
		"an empty draft": {conversation.DraftChange{HTML: "<p></p>", Kind: conversation.DraftNote}, conversation.DraftReply, "", "先の返事。"},
	} {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, d *threadtest.Desk) {
				id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
				m := reply(t, d, conversation.Reply{ConversationID: id, Text: "先の返事。", AttachmentIDs: []string{uploaded(t, d, "a.txt")}})
				c.since.AttachmentIDs = nil
				want := []string{"a.txt"}
				if !strings.HasPrefix(name, "an empty") {
					c.since.AttachmentIDs = []string{uploaded(t, d, "b.txt")}
					want = append(want, "b.txt")
				}
				if _, err := d.Drafts.Save(t.Context(), d.Hana, id, c.since); err != nil {
					t.Fatal(err)
				}
				back, err := d.Threads.Undo(t.Context(), d.Hana, m.ID)
				if err != nil {
					t.Fatal(err)
				}
				stored, _ := draftOf(d, id)
				for where, got := range map[string]conversation.Draft{"returned": back, "stored": stored} {
					if got.Kind != c.kind || got.HTML != c.html || got.Text != c.text || !slices.Equal(files(got), want) || got.To[0].Address != taro {
						t.Errorf("%s: %+v", where, got)
					}
				}
			})
		})
	}
}

// Whoever has begun to write in both conversations finds both texts in the one
// that is left, and nobody's recipients are mixed.
func TestMergeKeepsDrafts(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		a := d.Receive(mail(taro, "a1@customer.example")).ConversationID
		b := d.Receive(mail(jiro, "b1@customer.example")).ConversationID
		for id, ch := range map[conversation.ID]conversation.DraftChange{
			a: {Text: "甲", To: addrs(taro), AttachmentIDs: []string{uploaded(t, d, "a.txt")}},
			b: {Text: "乙", To: addrs(jiro), AttachmentIDs: []string{uploaded(t, d, "b.txt")}},
		} {
			if _, err := d.Drafts.Save(t.Context(), d.Hana, id, ch); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Drafts.Save(t.Context(), d.Ken, b, conversation.DraftChange{Text: "丙"}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Threads.Merge(t.Context(), d.Hana, b, a); err != nil {
			t.Fatal(err)
		}
		got, _ := draftOf(d, a)
		if got.Text != "甲\n\n乙" || !slices.Equal(files(got), []string{"a.txt", "b.txt"}) || len(got.To) != 1 || got.To[0].Address != taro {
			t.Errorf("%+v", got)
		}
		if n := d.Count("draft"); n != 2 {
			t.Errorf("%d drafts", n)
		}
		d.Read(func(tx *sqldb.Tx) error {
			kens, found, err := d.Drafts.ByAgent(t.Context(), tx, a, d.Ken.ID)
			if !found || kens.Text != "丙" {
				t.Errorf("Ken's: %+v", kens)
			}
			return err
		})
	})
}

func people(d *threadtest.Desk, id conversation.ID) (out []string) {
	d.Helper()
	d.Read(func(tx *sqldb.Tx) (err error) {
		out, err = sqldb.List(d.Context(), tx, func(r *sql.Rows) (s string, err error) {
			err = r.Scan(&s)
			return s, err
		}, `SELECT address_key FROM participant WHERE conversation_id = $1 ORDER BY address_key`, string(id))
		return err
	})
	return out
}

// A merge that is undone leaves neither people nor tags behind, and takes
// nothing away that was there before it or came by itself after it.
func TestUnmergeTakesAwayWhatTheMergeAdded(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		ctx := t.Context()
		label := map[string]string{}
		for _, name := range []string{"mine", "both", "theirs", "chosen"} {
			g, err := d.Tags.Create(ctx, d.Hana, tag.Change{Name: ref(name)})
			if err != nil {
				t.Fatal(err)
			}
			label[name] = g.ID
		}
		wear := func(id conversation.ID, names ...string) {
			t.Helper()
			ids := []string{}
			for _, n := range names {
				ids = append(ids, label[n])
			}
			patch(t, d, id, conversation.Patch{TagIDs: &ids})
		}
		const saburo = "saburo@customer.example"
		a := d.Receive(mail(taro, "a1@customer.example")).ConversationID
		other := mail(jiro, "b1@customer.example")
		other.Cc = addrs(saburo, taro)
		b := d.Receive(other).ConversationID
		wear(a, "mine", "both")
		wear(b, "theirs", "both", "chosen")
		peopleA, peopleB, tagsB := people(d, a), people(d, b), d.Conversation(b).TagIDs

		if _, err := d.Threads.Merge(ctx, d.Hana, b, a); err != nil {
			t.Fatal(err)
		}
		if got := d.Conversation(a).TagIDs; len(got) != 4 || len(people(d, a)) != 3 {
			t.Fatalf("after the merge: %v %v", got, people(d, a))
		}
		wear(a, "mine", "both", "theirs") // an agent takes one off, and puts it on again by choice
		wear(a, "mine", "both", "theirs", "chosen")
		d.Clock.Advance(time.Minute)
		late := mail(saburo, "s1@customer.example") // writes for himself, after the merge
		late.InReplyTo = []string{"a1@customer.example"}
		if got := d.Receive(late); got.ConversationID != a {
			t.Fatal("the answer did not follow")
		}

		if _, err := d.Threads.Split(ctx, d.Hana, a, entryOf(t, d, a, conversation.EntryMerged)); err != nil {
			t.Fatal(err)
		}
		want := slices.Sorted(slices.Values(append(peopleA, saburo)))
		if got := people(d, a); !slices.Equal(got, want) {
			t.Errorf("people of the one: %v, want %v", got, want)
		}
		wantTags := slices.Sorted(slices.Values([]string{label["mine"], label["both"], label["chosen"]}))
		if got := d.Conversation(a).TagIDs; !slices.Equal(got, wantTags) {
			t.Errorf("tags of the one: %v, want %v", got, wantTags)
		}
		if got := people(d, b); !slices.Equal(got, peopleB) {
			t.Errorf("people of the other: %v, want %v", got, peopleB)
		}
		if got := d.Conversation(b).TagIDs; !slices.Equal(got, tagsB) {
			t.Errorf("tags of the other: %v, want %v", got, tagsB)
		}
	})
}
