package review_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/review"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

const file = `媒体,ID,投稿者,評価,件名,本文,投稿日,URL
Google,g-1,山田,★★☆☆☆,残念,"箱がつぶれて
届きました。",2026/4/1,https://maps.example/r/g-1
Google,g-2,田中,5,,とても良かったです。,2026-04-02 10:30,javascript:alert(1)
楽天,,佐藤,４,,普通です,2026年4月3日,
楽天,r-4,,9,,?,2026-04-03,
楽天,r-5,,3,,?,あした,
楽天,r-6,,,,,2026-04-03,
`

func TestParse(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	inShiftJIS, err := japanese.ShiftJIS.NewEncoder().String(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]string{"UTF-8": file, "with a mark": "\ufeff" + file, "Shift_JIS": inShiftJIS} {
		got, wrong, err := review.Parse([]byte(f), tokyo)
		if err != nil || len(got) != 3 || len(wrong) != 3 {
			t.Fatalf("%s: %+v %+v %v", name, got, wrong, err)
		}
		if r := got[0]; r.Stars != 2 || r.Title != "残念" || r.Text != "箱がつぶれて\n届きました。" || r.Line != 2 || !r.At.Equal(time.Date(2026, 4, 1, 0, 0, 0, 0, tokyo)) || r.URL == "" {
			t.Errorf("%s: %+v", name, r)
		}
		if got[1].URL != "" || got[2].Stars != 4 || got[2].ID == "" {
			t.Errorf("%s: %+v", name, got)
		}
		for i, want := range []review.Wrong{{Line: 6, Key: "error.review.stars"}, {Line: 7, Key: "error.review.date"}, {Line: 8, Key: "error.review.empty"}} {
			if wrong[i] != want {
				t.Errorf("%s: %+v, want %+v", name, wrong[i], want)
			}
		}
	}
	for name, f := range map[string]string{"nothing": "", "no columns": "a,b\n1,2\n", "many columns": "text" + strings.Repeat(",", 200), "letters": "text\n\xff\xff\xff", "rows": "text\n" + strings.Repeat("x\n", review.MaxRows+1),
		"large": strings.Repeat("x", review.MaxBytes+1)} {
		if _, _, err := review.Parse([]byte(f), tokyo); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(file))
	f.Add([]byte("text,stars\n\"a,4"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, wrong, err := review.Parse(b, time.UTC)
		if err == nil && len(got)+len(wrong) > review.MaxRows {
			t.Errorf("%d rows", len(got)+len(wrong))
		}
		for _, r := range got {
			if r.ID == "" || r.Stars < 0 || r.Stars > 5 || r.Line < 2 || r.URL != "" && !strings.HasPrefix(r.URL, "http") {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestTake(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := threadtest.New(t, db, c)
		d.More = append(d.More, hook.Kind)
		d = d.Beside()
		x := review.Reader{DB: d.DB, Inboxes: d.Inboxes, Brands: d.Brands, Threads: d.Threads, Tags: d.Tags, Door: intake.New(intake.Tools{
			DB: d.DB, IDs: d.IDs, Journal: d.Journal, Blobs: d.Blobs, Kinds: []channel.Kind{hook.Kind}, Inboxes: d.Inboxes, Customers: d.Customers, Outbox: d.Outbox, Threads: d.Threads, Queue: d.Queue, Open: d.Open})}
		name, kind, on := "Reviews", hook.Kind.Name, true
		box, err := d.Inboxes.Create(t.Context(), d.Hana, inbox.Change{Kind: kind, BrandID: &d.Brand.ID, Name: &name, Active: &on,
			Values: inbox.Values{"secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}})
		if err != nil {
			t.Fatal(err)
		}
		complaint := true
		word := "口コミ"
		tagged, err := d.Tags.Create(t.Context(), d.Hana, tag.Change{Name: &word, Complaint: &complaint})
		if err != nil {
			t.Fatal(err)
		}
		before := d.Count("conversation")
		if _, err := x.Take(t.Context(), d.Hana, box.ID, "tag_00000000000000000000000000", []byte(file)); !fault.Is(err, fault.Invalid) || d.Count("conversation") != before {
			t.Errorf("a tag that there is not: %v", err)
		}
		got, err := x.Take(t.Context(), d.Hana, box.ID, tagged.ID, []byte(file))
		if err != nil || got.New != 3 || got.Known != 0 || got.Low != 1 || got.Waiting != 0 || len(got.Wrong) != 3 {
			t.Fatalf("%+v %v", got, err)
		}
		if got, err = x.Take(t.Context(), d.Hana, box.ID, tagged.ID, []byte(file)); err != nil || got.New != 0 || got.Known != 3 {
			t.Errorf("again: %+v %v", got, err)
		}
		var page conversation.Page
		d.Read(func(tx *sqldb.Tx) (err error) {
			page, err = d.Threads.List(t.Context(), tx, conversation.Filter{InboxID: box.ID})
			return err
		})
		if len(page.Items) != 3 {
			t.Fatalf("%d conversations", len(page.Items))
		}
		for _, one := range page.Items {
			m := d.Thread(one.ID)[0]
			if m.Event == nil || m.Event.Name != "comment" || m.Event.Data["kind"] != "rating" {
				t.Errorf("%+v", m)
			}
			if low := m.Event.Data["rating"] == "2"; low != (len(one.TagIDs) == 1) {
				t.Errorf("%s stars, tags %v", m.Event.Data["rating"], one.TagIDs)
			}
		}
		if _, err := x.Take(t.Context(), d.Hana, d.Support.ID, "", []byte(file)); !fault.Is(err, fault.Invalid) {
			t.Errorf("into a mail inbox: %v", err)
		}
	})
}
