package place_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place/placetest"
)

func each(t *testing.T, fn func(t *testing.T, d *placetest.Desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(t, placetest.New(t, db, c)) })
}

// today is the day of the brand's zone.
func today(d *placetest.Desk) int { return place.DayOf(d.Brand.Zone, d.Clock.Now()) }

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestALowScoreWithWordsIsAMatterOnce(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		opened := d.Opened(d.Counter)
		if err := d.Places.Scanned(t.Context(), opened); err != nil {
			t.Fatal(err)
		}
		for _, score := range []int{4, 2, 1, 1} { // they change their mind before they finish
			must[place.Rating](t)(d.Places.Tap(t.Context(), opened, "v1", score))
		}
		said := place.Said{Visit: "v1", Lang: "ja", Words: "床が濡れていて滑りました。"}
		v, first, err := d.Places.Say(t.Context(), opened, said)
		if err != nil || first.Ref == 0 || first.Pass == "" || v.ConversationID != string(first.Conversation) {
			t.Fatalf("%+v %+v %v", v, first, err)
		}
		again, second, err := d.Places.Say(t.Context(), opened, said)
		if err != nil || second.Ref != first.Ref || again.ID != v.ID {
			t.Fatalf("%+v %+v %v", again, second, err)
		}
		if must[place.Rating](t)(d.Places.Tap(t.Context(), opened, "v1", 5)).Score != 1 {
			t.Error("a finished rating was changed by a tap")
		}
		if got, want := d.Days(d.Counter)[today(d)], ([10]int{1, 1, 1, 0, 1, 1, 0, 0, 0, 0}); got != want {
			t.Errorf("counted %v, want %v", got, want)
		}
		d.Rest()
		c, thread := d.Conversation(first.Conversation), d.Thread(first.Conversation)
		if len(thread) == 0 || len(c.TagIDs) != 1 || c.InboxID != d.Support.ID || c.Subject != "QRステッカーからのお申し出：新宿店" {
			t.Fatalf("%+v %+v", c, thread)
		}
		if want := "場所・もの：新宿店（2F レジ）\n評価：1（とても不満）\n内容：床が濡れていて滑りました。"; thread[0].Body != want {
			t.Errorf("it says %q", thread[0].Body)
		}
		if d.Count("conversation") != 1 || d.Count("rating") != 1 {
			t.Error("twice was not once")
		}
	})
}

func TestAVisitHasOneMatter(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		opened := d.Opened(d.Counter)
		must[place.Rating](t)(d.Places.Tap(t.Context(), opened, "v", 1))
		said := place.Said{Visit: "v", Lang: "ja", Words: "床が濡れていて滑りました。", Asks: true, Email: "taro@customer.example"}
		_, first, err := d.Places.Say(t.Context(), opened, said)
		if err != nil || first.Pass == "" {
			t.Fatalf("%+v %v", first, err)
		}
		other := said
		other.Words, other.Email = "店員も冷たかったです。", "Taro@customer.example"
		v, again, err := d.Places.Say(t.Context(), opened, other)
		if err != nil || again.Ref != first.Ref || again.Pass == "" || v.Words != said.Words {
			t.Errorf("other words of the same visit: %+v %+v %v", v, again, err)
		}
		for _, email := range []string{"jiro@customer.example", ""} {
			other.Email, other.Asks = email, email != ""
			if _, r, err := d.Places.Say(t.Context(), opened, other); !errors.Is(err, form.ErrTaken) || r != (form.Receipt{}) {
				t.Errorf("%q learns of the matter: %+v %v", email, r, err)
			}
		}
		if n := d.Count("conversation"); n != 1 || d.Days(d.Counter)[today(d)][4] != 1 {
			t.Errorf("%d matters, counted %v", n, d.Days(d.Counter))
		}
		if m := must[form.Matter](t)(d.Forms.Matter(t.Context(), again.Pass)); m.Ref != first.Ref || len(m.Lines) != 1 || !strings.Contains(m.Lines[0].Text, said.Words) {
			t.Errorf("the page of the matter: %+v", m)
		}
	})
}

func TestWhatIsNoMatter(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		opened := d.Opened(d.Counter)
		for visit, c := range map[string]struct {
			score int
			said  place.Said
		}{
			"praise": {5, place.Said{Words: "とても親切でした。"}}, "silent": {1, place.Said{}}, "neutral": {3, place.Said{Words: "ふつう"}},
		} {
			must[place.Rating](t)(d.Places.Tap(t.Context(), opened, visit, c.score))
			c.said.Visit, c.said.Lang = visit, "ja"
			v, r, err := d.Places.Say(t.Context(), opened, c.said)
			if err != nil || r.Ref != 0 || v.ConversationID != "" || v.SubmittedAt.IsZero() {
				t.Errorf("%s: %+v %+v %v", visit, v, r, err)
			}
		}
		if n := d.Count("conversation"); n != 0 {
			t.Errorf("%d conversations", n)
		}
	})
}

func TestWhatIsSaidIsChecked(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		opened := d.Opened(d.Counter)
		for name, c := range map[string]struct {
			said place.Said
			path string
		}{
			"nothing":     {place.Said{}, place.PathWords},
			"huge":        {place.Said{Words: strings.Repeat("長", place.MaxWords+1)}, place.PathWords},
			"no address":  {place.Said{Words: "a", Asks: true}, place.PathEmail},
			"bad address": {place.Said{Words: "a", Asks: true, Email: "nobody"}, place.PathEmail},
			"bad number":  {place.Said{Words: "a", Asks: true, Phone: "call me"}, place.PathPhone},
			"our address": {place.Said{Words: "a", Asks: true, Email: d.Support.Address}, place.PathEmail},
		} {
			c.said.Visit, c.said.Lang = name, "en"
			_, _, err := d.Places.Say(t.Context(), opened, c.said)
			var f *fault.Error
			if f, _ = err.(*fault.Error); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != c.path {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := d.Places.Tap(t.Context(), opened, "v", 6); !fault.Is(err, fault.Invalid) {
			t.Errorf("six of five: %v", err)
		}
		if d.Count("rating") != 0 || d.Count("conversation") != 0 {
			t.Error("something wrong was kept")
		}
	})
}

func TestAWishForAnAnswerIsAnsweredByMail(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		opened := d.Opened(d.Counter)
		must[place.Rating](t)(d.Places.Tap(t.Context(), opened, "v", 3))
		_, r, err := d.Places.Say(t.Context(), opened, place.Said{Visit: "v", Lang: "ja", Asks: true, Name: "山田", Email: "taro@customer.example", Phone: "０９０－１２３４－５６７８"})
		if err != nil || r.Ref == 0 {
			t.Fatal(r, err)
		}
		d.Rest()
		d.Wait(time.Minute)
		mails := d.Wire.Sent()
		if len(mails) != 1 || mails[0].To[0].Address != "taro@customer.example" || !strings.Contains(mails[0].Text, placetest.PublicURL+"/c/status/") {
			t.Fatalf("receipt %+v", mails)
		}
		if m := d.Thread(r.Conversation)[0]; !strings.Contains(m.Body, "090-1234-5678") {
			t.Errorf("it says %q", m.Body)
		}
		if _, err := d.Threads.Post(t.Context(), d.Hana, conversation.Reply{ConversationID: r.Conversation, Text: "承知しました。"}); err != nil {
			t.Error(err)
		}
	})
}

func TestStickersComeAndGo(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		old := d.Counter
		d.Clock.Advance(time.Hour)
		fresh := must[place.Sticker](t)(d.Places.Replace(t.Context(), d.Hana, old.ID))
		if fresh.Code == old.Code || fresh.Label != old.Label {
			t.Fatalf("%+v", fresh)
		}
		if _, err := d.Places.Replace(t.Context(), d.Hana, old.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("replaced twice: %v", err)
		}
		d.Clock.Advance(time.Hour)
		if opened := d.Opened(old); !opened.InUse() || opened.Sticker.ReplacedBy != fresh.ID || opened.Sticker.Lingers() {
			t.Fatalf("%+v", opened.Sticker)
		}
		if err := d.Places.Scanned(t.Context(), d.Opened(old)); err != nil {
			t.Fatal(err)
		}
		if !d.Opened(old).Sticker.Lingers() {
			t.Error("nobody learns that the old one still hangs")
		}
		yes, no := true, false
		must[place.Sticker](t)(d.Places.ChangeSticker(t.Context(), d.Hana, fresh.ID, place.StickerChange{Retired: &yes}))
		before := d.Days(fresh)
		if err := d.Places.Scanned(t.Context(), d.Opened(fresh)); err != nil || d.Opened(fresh).InUse() || len(d.Days(fresh)) != len(before) {
			t.Errorf("a retired sticker takes ratings, or counts: %v", err)
		}
		back := must[place.Sticker](t)(d.Places.ChangeSticker(t.Context(), d.Hana, fresh.ID, place.StickerChange{Retired: &no}))
		if back.State != place.Active || !back.EndedAt.IsZero() || !d.Opened(fresh).InUse() {
			t.Errorf("%+v", back)
		}
		if _, err := d.Places.Open(t.Context(), "0123456789AB"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a forged code: %v", err)
		}
	})
}

func TestAKioskIsHeardLateAndOnce(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		opened := d.Opened(d.Counter)
		tapped := d.Clock.Now()
		day := today(d)
		d.Clock.Advance(5 * 24 * time.Hour)
		low := place.Told{ID: "a", Score: 2, Words: "待ち時間が長い。", Lang: "ja", At: tapped}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := d.Places.Tell(t.Context(), opened, low); err != nil && !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, one := range []place.Told{low, {ID: "b", Score: 5, At: tapped}} {
			if err := d.Places.Tell(t.Context(), opened, one); err != nil {
				t.Error(err)
			}
		}
		if got, want := d.Days(d.Counter)[day], ([10]int{0, 0, 0, 2, 1, 0, 1, 0, 0, 1}); got != want || len(d.Days(d.Counter)) != 1 {
			t.Errorf("counted %v, want %v", d.Days(d.Counter), want)
		}
		if d.Count("conversation") != 1 || d.Count("rating") != 2 {
			t.Errorf("%d conversations, %d ratings", d.Count("conversation"), d.Count("rating"))
		}
		for name, bad := range map[string]place.Told{
			"no id": {Score: 3, At: tapped}, "no score": {ID: "e", At: tapped}, "huge": {ID: "f", Score: 3, At: tapped, Words: strings.Repeat("a", place.MaxWords+1)},
		} {
			if err := d.Places.Tell(t.Context(), opened, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAKioskWithAWrongClockIsHeard(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		d.Clock.Advance(2 * place.MaxLate)
		opened, now := d.Opened(d.Counter), d.Clock.Now()
		for id, at := range map[string]time.Time{"old": time.UnixMilli(0), "ahead": now.Add(72 * time.Hour), "never": {}, "ever": time.UnixMilli(1<<63 - 1)} {
			if err := d.Places.Tell(t.Context(), opened, place.Told{ID: id, Score: 3, At: at}); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		days, oldest := d.Days(d.Counter), place.DayOf(d.Brand.Zone, now.Add(-place.MaxLate))
		if len(days) != 2 || days[today(d)][3] != 2 || days[oldest][3] != 2 {
			t.Errorf("counted %v, not on %d and %d", days, today(d), oldest)
		}
	})
}

func TestAKioskDatesNothingBackBeforeItsSticker(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		issued := today(d)
		d.Clock.Advance(5 * 24 * time.Hour)
		fresh := must[place.Sticker](t)(d.Places.Replace(t.Context(), d.Hana, d.Counter.ID))
		replaced := today(d)
		d.Clock.Advance(5 * 24 * time.Hour)
		fresh = must[place.Sticker](t)(d.Places.Replace(t.Context(), d.Hana, fresh.ID))
		other := d.Issue("別の場所")
		for id, at := range map[string]time.Time{"long ago": d.Clock.Now().Add(-place.MaxLate), "for the one before": d.Clock.Now().Add(-5 * 24 * time.Hour)} {
			for _, s := range []place.Sticker{fresh, other} {
				if err := d.Places.Tell(t.Context(), d.Opened(s), place.Told{ID: id, Score: 1, At: at}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if days := d.Days(fresh); len(days) != 2 || days[issued][5] != 1 || days[replaced][5] != 1 {
			t.Errorf("counted %v, not on %d and %d", days, issued, replaced)
		}
		if days := d.Days(other); len(days) != 1 || days[today(d)][5] != 2 {
			t.Errorf("counted %v before the sticker was there", days)
		}
	})
}

func TestAKioskRepeatsWhatWasHalfTaken(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		low := place.Told{ID: "a", Score: 1, Words: "待ち時間が長い。", Lang: "ja", At: d.Clock.Now()}
		for range 2 {
			if err := d.Places.Tell(t.Context(), d.Opened(d.Counter), low); err != nil {
				t.Fatal(err)
			}
			if d.Count("rating") != 1 || d.Count("conversation") != 1 {
				t.Fatalf("%d ratings, %d conversations", d.Count("rating"), d.Count("conversation"))
			}
			// The entry was committed, its rating was not; the kiosk asks again when the
			// place has another name, and its time is worth saying.
			d.Write(func(tx *sqldb.Tx) error {
				_, err := tx.Exec(t.Context(), `DELETE FROM rating`)
				return err
			})
			must[place.Place](t)(d.Places.Change(t.Context(), d.Hana, d.Shop.ID, place.Change{Name: &phrase.Words{Ja: "新宿本店"}}))
			d.Clock.Advance(time.Hour)
			low.At = low.At.Add(time.Millisecond)
		}
	})
}

func TestWhatAPlaceIs(t *testing.T) {
	each(t, func(t *testing.T, d *placetest.Desk) {
		for path, ch := range map[string]place.Change{
			"body.name": {InboxID: &d.Support.ID}, "body.inboxId": {InboxID: ptr("inb_none"), Name: &phrase.Words{En: "a"}},
			"body.kind":     {InboxID: &d.Support.ID, Name: &phrase.Words{En: "a"}, Kind: ptr(place.Kind("moon"))},
			"body.question": {InboxID: &d.Support.ID, Name: &phrase.Words{En: "a"}, Question: &phrase.Words{Ja: strings.Repeat("長", 200)}},
		} {
			_, err := d.Places.Create(t.Context(), d.Hana, ch)
			f, _ := err.(*fault.Error)
			if f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != path {
				t.Errorf("%s: %v", path, err)
			}
		}
		if _, err := d.Places.Change(t.Context(), d.Hana, d.Shop.ID, place.Change{Active: ptr(false), Version: 9}); !fault.Is(err, fault.Conflict) {
			t.Errorf("stale: %v", err)
		}
		must[place.Place](t)(d.Places.Change(t.Context(), d.Hana, d.Shop.ID, place.Change{Active: ptr(false)}))
		if d.Opened(d.Counter).InUse() {
			t.Error("a place that is switched off takes ratings")
		}
		if err := d.Inboxes.Delete(t.Context(), d.Hana, d.Support.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("the inbox of a place went: %v", err)
		}
	})
}

func ptr[T any](v T) *T { return &v }
