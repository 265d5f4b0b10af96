package voice

import (
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
	"github.com/kintsugi-desk/kintsugi/web"
)

// tokyo is a desk that is open from nine to six on working days.
func tokyo(t *testing.T) (*worktime.Calendar, func(s string) time.Time) {
	t.Helper()
	c, err := worktime.Weekdays("Asia/Tokyo", "09:00", "18:00").Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return c, func(s string) time.Time {
		t.Helper()
		at, err := time.ParseInLocation("2006-01-02 15:04", s, c.Zone())
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
}

func TestWishes(t *testing.T) {
	c, at := tokyo(t)
	for _, w := range []struct{ wish, now, want string }{ // 17 April 2026 is a Friday
		{wishSoon, "2026-04-16 10:00", "2026-04-16 10:00"},
		{wishSoon, "2026-04-17 20:00", "2026-04-20 09:00"},
		{wishAfternoon, "2026-04-16 10:00", "2026-04-16 13:00"},
		{wishAfternoon, "2026-04-16 15:00", "2026-04-16 15:00"},
		{wishAfternoon, "2026-04-16 19:00", "2026-04-17 09:00"},
		{wishMorning, "2026-04-16 10:00", "2026-04-17 09:00"},
		{wishMorning, "2026-04-17 10:00", "2026-04-20 09:00"},
	} {
		got, err := dueAt(c, w.wish, at(w.now))
		if err != nil || !got.Equal(at(w.want)) {
			t.Errorf("%s at %s: %v, %v", w.wish, w.now, got, err)
		}
	}
}

// TestNobodyIsCalledAtNight: a desk that is open around the clock has mornings, too,
// and an afternoon that is over is not offered.
func TestNobodyIsCalledAtNight(t *testing.T) {
	nine, at := tokyo(t)
	always, err := worktime.AlwaysOpen("Asia/Tokyo").Calendar()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := dueAt(always, wishMorning, at("2026-04-16 20:00")); err != nil || !got.Equal(at("2026-04-17 09:00")) {
		t.Errorf("tomorrow morning: %v, %v", got, err)
	}
	for _, c := range []struct {
		hours *worktime.Calendar
		now   string
		want  bool
	}{
		{nine, "2026-04-16 10:00", true}, {nine, "2026-04-16 17:00", true}, {nine, "2026-04-16 18:00", false},
		{nine, "2026-04-18 10:00", false}, // a Saturday
		{always, "2026-04-16 03:00", true}, {always, "2026-04-16 17:59", true}, {always, "2026-04-16 18:00", false}, {nil, "2026-04-16 23:00", true},
	} {
		say := script{now: at(c.now), calendar: c.hours}
		if got := string(say.menu("1")); strings.Contains(got, "say.wishLate") == c.want {
			t.Errorf("at %s: %s", c.now, got)
		}
	}
}

// TestGreetingKnowsTheHours: what callers hear depends on whether somebody is there.
func TestGreetingKnowsTheHours(t *testing.T) {
	c, at := tokyo(t)
	catalogue, err := phrase.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []struct {
		language, now string
		settings      Settings
		says, never   string
	}{
		{japanese, "2026-04-16 10:00", Settings{ClosedJa: "閉店しました。"}, "ただいま電話に出ることができません", "営業"},
		{japanese, "2026-04-16 08:00", Settings{}, "営業時間外です。 本日は、9時から営業いたします。", "電話に出る"},
		{japanese, "2026-04-17 20:00", Settings{}, "次の営業は、4月20日、月曜日の、9時からです。", "本日"},
		{japanese, "2026-04-17 20:00", Settings{ClosedJa: "閉店しました。", GreetingJa: "毎度どうも。"}, "閉店しました。 次の営業は", "毎度"},
		{english, "2026-04-17 20:00", Settings{}, "We are closed now. We open next on Monday, 4/20, at 9:00.", "営業"},
	} {
		g.settings.Language = g.language
		got := string(script{settings: g.settings, now: at(g.now), calendar: c, words: catalogue.Text}.greet())
		if !strings.Contains(got, g.says) || strings.Contains(got, g.never) {
			t.Errorf("%s: %s", g.now, got)
		}
	}
	if got := string(script{settings: Settings{Language: english}, now: at("2026-04-17 20:00"), words: catalogue.Text}.greet()); !strings.Contains(got, "cannot take your call") {
		t.Errorf("without hours: %s", got)
	}
}
