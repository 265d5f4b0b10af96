package survey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

func TestBands(t *testing.T) {
	want := map[int]Band{1: Dissatisfied, 2: Dissatisfied, 3: Neutral, 4: Satisfied, 5: Satisfied}
	for score := -3; score <= 12; score++ {
		band, ok := BandOf(score)
		if band != want[score] || ok != (want[score] != "") {
			t.Errorf("BandOf(%d) = %q, %v", score, band, ok)
		}
	}
}

// willing is a situation in which nothing stands in the way.
func willing(kind Kind) situation {
	return situation{kind: kind, policy: Policy{Enabled: true, Sampling: 100}, inboxActive: true, inboxSends: true, customerSaid: true,
		address: "hanako@example.jp", picked: true}
}

func TestRefusals(t *testing.T) {
	for _, x := range []struct {
		name           string
		change         func(*situation)
		csat, followUp Reason
	}{
		{"nothing stands in the way", func(*situation) {}, "", ""},
		{"the policy is off", func(s *situation) { s.policy.Enabled = false }, Off, ""},
		{"the inbox is out of service", func(s *situation) { s.inboxActive = false }, InboxStopped, InboxStopped},
		{"the inbox has no way to send", func(s *situation) { s.inboxSends = false }, NoWayOut, NoWayOut},
		{"automatic mail", func(s *situation) { s.muted = true }, Muted, Muted},
		{"only agents wrote", func(s *situation) { s.customerSaid = false }, NoCustomer, ""},
		{"no address", func(s *situation) { s.address = "" }, NoAddress, NoAddress},
		{"the address bounces", func(s *situation) { s.bounced = true }, BadAddress, BadAddress},
		{"opted out", func(s *situation) { s.optedOut = true }, OptedOut, OptedOut},
		{"not in the sample", func(s *situation) { s.picked = false }, SampledOut, ""},
		{"asked lately", func(s *situation) { s.asked = true }, CoolDown, ""},
		{"off and bounced: what the reader can change comes first", func(s *situation) { s.policy.Enabled, s.bounced = false, true }, Off, BadAddress},
	} {
		for kind, want := range map[Kind]Reason{CSAT: x.csat, FollowUp: x.followUp} {
			s := willing(kind)
			x.change(&s)
			if got := s.refusal(); got != want {
				t.Errorf("%s, %s: %q, want %q", x.name, kind, got, want)
			}
		}
	}
}

func TestOvertaken(t *testing.T) {
	now := time.Date(2026, 4, 15, 1, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		name           string
		c              conversation.Conversation
		late           time.Duration
		csat, followUp Reason
	}{
		{"still resolved", conversation.Conversation{ID: "conv_1", Status: conversation.Resolved, Resolution: 1}, 0, "", ""},
		{"closed meanwhile", conversation.Conversation{ID: "conv_1", Status: conversation.Closed, Resolution: 1}, 0, "", ""},
		{"open again", conversation.Conversation{ID: "conv_1", Status: conversation.Open, Resolution: 1}, 0, Reopened, ""},
		{"pending again", conversation.Conversation{ID: "conv_1", Status: conversation.Pending, Resolution: 1}, 0, Reopened, ""},
		{"snoozed again", conversation.Conversation{ID: "conv_1", Status: conversation.Snoozed, Resolution: 1}, 0, Reopened, ""},
		{"resolved anew", conversation.Conversation{ID: "conv_1", Status: conversation.Resolved, Resolution: 2}, 0, Reopened, ""},
		{"merged away", conversation.Conversation{ID: "conv_2", Status: conversation.Resolved, Resolution: 1}, 0, Merged, ""},
		{"a week late", conversation.Conversation{ID: "conv_1", Status: conversation.Resolved, Resolution: 1}, 7 * day, "", ""},
		{"more than a week late", conversation.Conversation{ID: "conv_1", Status: conversation.Resolved, Resolution: 1}, 7*day + time.Millisecond, Late, Late},
	} {
		for kind, want := range map[Kind]Reason{CSAT: x.csat, FollowUp: x.followUp} {
			i := Invitation{Kind: kind, ConversationID: "conv_1", Resolution: 1, RunAt: now.Add(-x.late)}
			if got := overtaken(i, x.c, now); got != want {
				t.Errorf("%s, %s: %q, want %q", x.name, kind, got, want)
			}
		}
	}
}

func TestStages(t *testing.T) {
	sent := time.Date(2026, 4, 15, 1, 0, 0, 0, time.UTC)
	i := Invitation{ExpiresAt: sent.Add(OpenFor)}
	lastMinute := sent.Add(OpenFor - time.Minute)
	for _, x := range []struct {
		name     string
		answered time.Time
		now      time.Time
		want     Stage
		until    time.Time
	}{
		{"fresh", time.Time{}, sent, Unanswered, i.ExpiresAt},
		{"last millisecond", time.Time{}, i.ExpiresAt.Add(-time.Millisecond), Unanswered, i.ExpiresAt},
		{"over", time.Time{}, i.ExpiresAt, Over, i.ExpiresAt},
		{"just answered", sent, sent, Changeable, sent.Add(24 * time.Hour)},
		{"a day later", sent, sent.Add(24 * time.Hour), Final, sent.Add(24 * time.Hour)},
		{"answered in the last minute, changed after the end", lastMinute, i.ExpiresAt.Add(time.Hour), Changeable, lastMinute.Add(24 * time.Hour)},
	} {
		got, until := stage(i, Response{AnsweredAt: x.answered}, !x.answered.IsZero(), x.now)
		if got != x.want || !until.Equal(x.until) {
			t.Errorf("%s: %s until %s, want %s until %s", x.name, got, until, x.want, x.until)
		}
	}
}

func TestWhatTheOutboxSaysMeans(t *testing.T) {
	letters := []delivery.State{delivery.Held, delivery.Queued, delivery.Sending, delivery.Sent, delivery.Failed, delivery.Ambiguous, delivery.Bounced, delivery.Cancelled}
	want := map[State]string{
		Queued:   "queued queued queued sent failed/refused queued/unsure failed/bounced failed/cancelled",
		Sent:     "sent sent sent sent failed/refused queued/unsure failed/bounced failed/cancelled",
		Failed:   "queued queued queued sent failed/refused queued/unsure failed/bounced failed/cancelled",
		Answered: "answered answered answered answered answered answered answered answered",
		Expired:  "expired expired expired expired expired expired expired expired",
	}
	for state, line := range want {
		var got []string
		for _, l := range letters {
			next, reason := followed(state, l)
			s := string(next)
			if reason != "" {
				s += "/" + string(reason)
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != line {
			t.Errorf("%s: %s, want %s", state, got, line)
		}
	}
}

func TestQuietHours(t *testing.T) {
	night := Policy{QuietFrom: "21:00", QuietTo: "08:00"}
	for _, x := range []struct {
		name, zone, at, want string
		policy               Policy
	}{
		{"by day", "Asia/Tokyo", "2026-04-15T12:00+09:00", "2026-04-15T12:00+09:00", night},
		{"a minute before", "Asia/Tokyo", "2026-04-15T20:59+09:00", "2026-04-15T20:59+09:00", night},
		{"in the evening", "Asia/Tokyo", "2026-04-15T21:00+09:00", "2026-04-16T08:00+09:00", night},
		{"after midnight", "Asia/Tokyo", "2026-04-16T00:30+09:00", "2026-04-16T08:00+09:00", night},
		{"at their end", "Asia/Tokyo", "2026-04-16T08:00+09:00", "2026-04-16T08:00+09:00", night},
		{"over the year's end", "Asia/Tokyo", "2026-12-31T23:00+09:00", "2027-01-01T08:00+09:00", night},
		{"none", "Asia/Tokyo", "2026-04-15T23:00+09:00", "2026-04-15T23:00+09:00", Policy{}},
		{"empty stretch", "Asia/Tokyo", "2026-04-15T09:00+09:00", "2026-04-15T09:00+09:00", Policy{QuietFrom: "09:00", QuietTo: "09:00"}},
		{"at noon", "Asia/Tokyo", "2026-04-15T12:30+09:00", "2026-04-15T13:00+09:00", Policy{QuietFrom: "12:00", QuietTo: "13:00"}},
		{"from midnight", "Asia/Tokyo", "2026-04-15T00:00+09:00", "2026-04-15T06:00+09:00", Policy{QuietFrom: "00:00", QuietTo: "06:00"}},
		{"till midnight", "Asia/Tokyo", "2026-04-15T22:00+09:00", "2026-04-16T00:00+09:00", Policy{QuietFrom: "22:00", QuietTo: "00:00"}},
		// The clocks of Berlin go forward at 02:00 on 29 March and back at 03:00 on 25 October 2026.
		{"night with an hour less", "Europe/Berlin", "2026-03-28T23:00+01:00", "2026-03-29T08:00+02:00", night},
		{"night with an hour more", "Europe/Berlin", "2026-10-24T23:00+02:00", "2026-10-25T08:00+01:00", night},
		{"end in the skipped hour", "Europe/Berlin", "2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00", Policy{QuietFrom: "23:00", QuietTo: "02:30"}},
		{"end in the repeated hour", "Europe/Berlin", "2026-10-25T01:00+02:00", "2026-10-25T02:30+02:00", Policy{QuietFrom: "23:00", QuietTo: "02:30"}},
		{"begin in the skipped hour", "Europe/Berlin", "2026-03-29T03:00+02:00", "2026-03-29T09:00+02:00", Policy{QuietFrom: "02:30", QuietTo: "09:00"}},
	} {
		at, want := moment(t, x.at), moment(t, x.want)
		got, err := x.policy.Awake(at, x.zone)
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: %s, %v; want %s", x.name, got, err, want)
		}
	}
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04-07:00", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Whatever the hours and the zone: mail never goes out in quiet hours, never
// before it is planned, and moving twice changes nothing. It waits a day at most,
// or two where all the waking time is an hour that the clock skips.
func TestQuietHoursAlwaysHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clockTime := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "h"), rapid.IntRange(0, 59).Draw(t, "m"))
		})
		p := Policy{QuietFrom: clockTime.Draw(t, "from"), QuietTo: clockTime.Draw(t, "to")}
		name := rapid.SampledFrom([]string{"Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 366*24*60).Draw(t, "minute")) * time.Minute)
		got, err := p.Awake(at, name)
		if err != nil {
			t.Fatal(err)
		}
		if got.Before(at) || got.Sub(at) > 49*time.Hour {
			t.Fatalf("%s became %s", at, got)
		}
		local := got.In(zone).Format("15:04")
		quiet := p.QuietFrom <= local && local < p.QuietTo
		if p.QuietFrom > p.QuietTo {
			quiet = local >= p.QuietFrom || local < p.QuietTo
		}
		_, offsetBefore := got.Add(-time.Hour).In(zone).Zone()
		_, offsetAfter := got.Add(time.Hour).In(zone).Zone()
		if quiet && offsetBefore == offsetAfter { // where an hour repeats, the first of the two counts
			t.Fatalf("%s is %s in %s, within %s to %s", got, local, name, p.QuietFrom, p.QuietTo)
		}
		if again, err := p.Awake(got, name); err != nil || !again.Equal(got) {
			t.Fatalf("%s moved again to %s, %v", got, again, err)
		}
	})
}

func TestSampling(t *testing.T) {
	const n = 20_000
	counts := map[int]int{}
	for i := range n {
		id := fmt.Sprintf("conv_%05d", i)
		before := false
		for _, percent := range []int{-5, 0, 10, 50, 90, 100} {
			picked := sampled(id, 1, percent)
			if picked != sampled(id, 1, percent) {
				t.Fatalf("%s is picked and not picked at %d %%", id, percent)
			}
			if before && !picked {
				t.Fatalf("%s is picked at a lower percentage and not at %d %%", id, percent)
			}
			if before = picked; picked {
				counts[percent]++
			}
		}
	}
	if counts[-5] != 0 || counts[0] != 0 || counts[100] != n {
		t.Errorf("none and all: %v", counts)
	}
	for _, percent := range []int{10, 50, 90} {
		if got := float64(counts[percent]) / n * 100; got < float64(percent)-1.5 || got > float64(percent)+1.5 {
			t.Errorf("%d %% picked %.1f %%", percent, got)
		}
	}
	if sampled("conv_1", 1, 50) == sampled("conv_1", 2, 50) && sampled("conv_1", 2, 50) == sampled("conv_1", 3, 50) &&
		sampled("conv_1", 3, 50) == sampled("conv_1", 4, 50) && sampled("conv_1", 4, 50) == sampled("conv_1", 5, 50) {
		t.Error("the resolutions of one conversation are not drawn by themselves")
	}
}

func TestComments(t *testing.T) {
	family := "👨‍👩‍👧‍👦" // one character to a reader; seven code points, 25 bytes
	for _, x := range []struct {
		name, in string
		want     string
		ok       bool
	}{
		{"none", "", "", true},
		{"line ends of browsers", " ありがとう\r\nございました\r\n ", "ありがとう\nございました", true},
		{"control characters", "a\x00b\x1bc\x7f\td", "abc\td", true},
		{"broken bytes", "a\xffb", "a\uFFFDb", true},
		{"2,000 characters of four bytes", strings.Repeat("𠮷", MaxComment), strings.Repeat("𠮷", MaxComment), true},
		{"2,000 families", strings.Repeat(family, MaxComment), strings.Repeat(family, MaxComment), true},
		{"2,001 letters", strings.Repeat("a", MaxComment+1), "", false},
		{"2,001 characters of four bytes", strings.Repeat("𠮷", MaxComment+1), "", false},
		{"marks piled up", "a" + strings.Repeat("\u0301", maxCommentBytes), "", false},
	} {
		a, err := Answer{Score: 4, Comment: x.in}.check()
		if (err == nil) != x.ok {
			t.Errorf("%s: %v", x.name, err)
		}
		if x.ok && a.Comment != x.want {
			t.Errorf("%s: %.40q", x.name, a.Comment)
		}
		if !x.ok && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

func TestPolicyRules(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(*Policy)
		path   string
	}{
		{"the default", func(*Policy) {}, ""},
		{"at once, everybody, without rest", func(p *Policy) { p.Delay, p.CoolDown, p.QuietFrom, p.QuietTo = 0, 0, "", "" }, ""},
		{"negative delay", func(p *Policy) { p.Delay = -time.Minute }, "body.delayMinutes"},
		{"two months", func(p *Policy) { p.Delay = 60 * day }, "body.delayMinutes"},
		{"101 percent", func(p *Policy) { p.Sampling = 101 }, "body.sampling"},
		{"negative rest", func(p *Policy) { p.CoolDown = -1 }, "body.cooldownDays"},
		{"25 o'clock", func(p *Policy) { p.QuietFrom = "25:00" }, "body.quietFrom"},
		{"9 o'clock without its zero", func(p *Policy) { p.QuietTo = "9:00" }, "body.quietTo"},
		{"half of the hours", func(p *Policy) { p.QuietTo = "" }, "body.quietTo"},
		{"own words", func(p *Policy) { p.Question["ja"] = "いかがでしたか。" }, ""},
		{"French", func(p *Policy) { p.Question["fr"] = "Ça va ?" }, "body.question.fr"},
		{"a novel", func(p *Policy) { p.Question["en"] = strings.Repeat("long ", 60) }, "body.question.en"},
	} {
		p := DefaultPolicy("inb_1")
		x.change(&p)
		err := p.tidy().check()
		var path string
		if f, ok := err.(*fault.Error); ok && len(f.Fields) > 0 {
			path = f.Fields[0].Path
		}
		if path != x.path {
			t.Errorf("%s: %v, want %q", x.name, err, x.path)
		}
	}
	if p := DefaultPolicy("inb_1"); p.Enabled {
		t.Error("nobody has decided to ask, and customers are asked")
	}
}
