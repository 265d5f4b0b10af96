package recovery_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/web"
)

func TestSeverity(t *testing.T) {
	type in = recovery.Inputs
	for _, c := range []struct {
		name  string
		in    in
		total int
		want  int
	}{
		{"an inconvenience that is not our fault", in{Harm: 1}, 1, 4},
		{"a poor answer", in{Harm: 1, FirmResponsible: true, Score: 2}, 2, 4},
		{"the poorest answer", in{Harm: 1, FirmResponsible: true, Score: 1}, 3, 3},
		{"anger counts once beside the poorest answer", in{Harm: 1, FirmResponsible: true, Score: 1, StrongAnger: true}, 3, 3},
		{"a complaint", in{Harm: 2, FirmResponsible: true}, 3, 3},
		{"money", in{Harm: 3, FirmResponsible: true}, 4, 3},
		{"money, again", in{Harm: 3, FirmResponsible: true, Recurring: true}, 5, 2},
		{"six points", in{Harm: 3, FirmResponsible: true, Recurring: true, Public: true}, 6, 2},
		{"seven points", in{Harm: 3, FirmResponsible: true, Recurring: true, Public: true, Vulnerable: true}, 7, 1},
		{"danger alone", in{Harm: 5}, 5, 1},
		{"double deviation of a small matter: from 4 to 2", in{Harm: 1, FirmResponsible: true, Score: 2, DoubleDeviation: true}, 4, 2},
		{"double deviation of a complaint: from 3 to 1", in{Harm: 2, FirmResponsible: true, DoubleDeviation: true}, 5, 1},
		{"everything", in{5, true, true, true, true, true, true, true, 1}, 13, 1},
	} {
		total := 0
		for _, p := range c.in.Points() {
			total += p.Points
		}
		if got := c.in.Severity(); got != c.want || total != c.total {
			t.Errorf("%s: severity %d of %d points, want %d of %d", c.name, got, total, c.want, c.total)
		}
	}
}

// No input that speaks for more severity ever makes a case less severe, and a
// double deviation is two steps worse unless it is at the top already.
func TestSeverityIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := func(name string) bool { return rapid.Bool().Draw(t, name) }
		in := recovery.Inputs{Harm: rapid.SampledFrom([]int{1, 2, 3, 5}).Draw(t, "harm"), FirmResponsible: b("firm"), Recurring: b("recurring"),
			Public: b("public"), Vulnerable: b("vulnerable"), Relationship: b("relationship"), StrongAnger: b("anger"), Score: rapid.IntRange(0, 5).Draw(t, "score")}
		base := in.Severity()
		more := in
		switch rapid.IntRange(0, 5).Draw(t, "which") {
		case 0:
			more.Harm = 5
		case 1:
			more.FirmResponsible = true
		case 2:
			more.Recurring = true
		case 3:
			more.Public = true
		case 4:
			more.Score = 1
		case 5:
			more.DoubleDeviation = true
			if got, want := more.Severity(), max(base-2, 1); got > want {
				t.Fatalf("double deviation of S%d is S%d", base, got)
			}
		}
		if got := more.Severity(); got > base || got < 1 || got > 4 {
			t.Fatalf("%+v is S%d, %+v is S%d", in, base, more, got)
		}
	})
}

func TestReadProposesHarmAndAnger(t *testing.T) {
	for _, c := range []struct {
		text  string
		harm  int
		anger bool
	}{
		{"", 1, false},
		{"返事が遅かったです", 1, false},
		{"充電中に発火しました", 5, false},
		{"二度と利用しません。サイアク、いえ最悪です", 1, true},
		{"個人情報が他の人に届きました。許せません", 5, true},
		{"The plug CAUGHT FIRE", 5, false},
		{"this is Ridiculous", 1, true},
		{"No complaints, thank you", 1, false},
	} {
		if harm, anger := recovery.Read(c.text, 1); harm != c.harm || anger != c.anger {
			t.Errorf("%q: harm %d anger %v, want %d %v", c.text, harm, anger, c.harm, c.anger)
		}
	}
}

// The whole state machine: a row is a state, a mark a move.
func TestMoves(t *testing.T) {
	const want = `
detected          . . x . x x x x x x x
reopened          . . x . x x x x x x x
acknowledged      . . . x x x x x x x x
assessed          . . . . x x x x x x x
owner_contacted   . . . . . x x x x x x
diagnosed         . . . . . . x x x x x
plan_agreed       . . . . . . . x x x x
remedy_delivered  . . . . . . . . x x x
followed_up       . . . . . . . . . x x
surveyed          . x . . . . . . . . x
closed            . x . . . . . . . . .
`
	var b strings.Builder
	b.WriteString("\n")
	for _, from := range recovery.States() {
		marks := make([]string, 0, 11)
		for _, to := range recovery.States() {
			if recovery.CanMove(from, to) {
				marks = append(marks, "x")
			} else {
				marks = append(marks, ".")
			}
		}
		fmt.Fprintf(&b, "%-17s %s\n", from, strings.Join(marks, " "))
	}
	if b.String() != want {
		t.Errorf("moves are%s", b.String())
	}
}

func TestGate(t *testing.T) {
	cause := &recovery.Cause{Category: "process", Text: "Nobody looked at the queue on Fridays"}
	measure := &recovery.Measure{Text: "A rota for Fridays"}
	now := time.Now()
	all := recovery.Case{Cause: cause, Measure: measure, InformedAt: now}
	for _, c := range []struct {
		name    string
		c       recovery.Case
		outcome recovery.Outcome
		reason  string
		want    string
	}{
		{"nothing", recovery.Case{}, "", "", "cause measure customerInformed"},
		{"a cause without words", recovery.Case{Cause: &recovery.Cause{Category: "process"}, Measure: measure, InformedAt: now}, "", "", "cause"},
		{"no measure", recovery.Case{Cause: cause, InformedAt: now}, "", "", "measure"},
		{"not told", recovery.Case{Cause: cause, Measure: measure}, "", "", "customerInformed"},
		{"all", all, "", "", ""},
		{"not recovered without a reason", all, recovery.NotRecovered, "", "reason"},
		{"not recovered", all, recovery.NotRecovered, "moved away", ""},
		{"declined needs no telling", recovery.Case{Cause: cause, Measure: measure}, recovery.Declined, "wants no contact", ""},
		{"declined", recovery.Case{}, recovery.Declined, "", "cause measure reason"},
		{"no fault needs no measure", recovery.Case{Cause: cause, InformedAt: now}, recovery.NoFault, "wrong company", ""},
		{"no fault", recovery.Case{}, recovery.NoFault, "", "cause customerInformed reason"},
		{"unreachable", recovery.Case{Cause: cause, Measure: measure}, recovery.Unreachable, "number is dead", ""},
	} {
		var got []string
		for _, p := range recovery.Missing(c.c, c.outcome, c.reason) {
			got = append(got, string(p))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: missing %q, want %q", c.name, s, c.want)
		}
	}
}

func TestAuthority(t *testing.T) {
	lines := recovery.DefaultAuthorities()
	refund := func(n int64, cur string) recovery.Offer {
		return recovery.Offer{Type: recovery.Refund, Amount: n, Currency: cur}
	}
	for _, c := range []struct {
		name   string
		role   team.Role
		o      recovery.Offer
		before recovery.Given
		covers bool
		next   team.Role
	}{
		{"an agent apologises", team.Worker, recovery.Offer{Type: recovery.Apology}, recovery.Given{}, true, team.Manager},
		{"up to the limit", team.Worker, refund(3000, "JPY"), recovery.Given{}, true, team.Manager},
		{"a yen over", team.Worker, refund(3001, "JPY"), recovery.Given{}, false, team.Manager},
		{"30 dollars in cents", team.Worker, refund(30_00, "USD"), recovery.Given{}, true, team.Manager},
		{"in two halves", team.Worker, refund(1501, "JPY"), recovery.Given{InCase: 1500}, false, team.Manager},
		{"the month is used up", team.Worker, refund(1, "JPY"), recovery.Given{InPeriod: 30_000}, false, team.Manager},
		{"30 euros in cents", team.Worker, refund(30_00, "EUR"), recovery.Given{}, true, team.Manager},
		{"a penny over", team.Worker, refund(30_01, "GBP"), recovery.Given{}, false, team.Manager},
		{"a manager in pounds", team.Manager, refund(500_00, "GBP"), recovery.Given{}, true, team.Administrator},
		{"a currency without a line", team.Worker, refund(1, "CHF"), recovery.Given{}, false, team.Administrator},
		{"beyond the manager", team.Manager, refund(50_001, "JPY"), recovery.Given{}, false, team.Administrator},
		{"administrators have no limit", team.Administrator, refund(900_000_000, "EUR"), recovery.Given{InCase: 1 << 40, InPeriod: 1 << 40}, true, ""},
		{"an exchange without cost", team.Worker, recovery.Offer{Type: recovery.Exchange}, recovery.Given{InPeriod: 1 << 40}, true, team.Manager},
	} {
		if got := recovery.Covers(lines, c.role, c.o, c.before); got != c.covers {
			t.Errorf("%s: covers %v", c.name, got)
		}
		if next, ok := recovery.NextUp(lines, c.role, c.o, c.before.InCase); ok != (c.next != "") || next != c.next {
			t.Errorf("%s: next up %q, want %q", c.name, next, c.next)
		}
	}
}

// Whatever was given before: what is covered keeps the sum within the limit.
func TestAuthorityIsNeverExceeded(t *testing.T) {
	lines := recovery.DefaultAuthorities()
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOf(rapid.Int64Range(0, 5000)).Draw(t, "amounts")
		var given recovery.Given
		for _, n := range amounts {
			if recovery.Covers(lines, team.Worker, recovery.Offer{Type: recovery.Credit, Amount: n, Currency: "JPY"}, given) {
				given.InCase += n
				given.InPeriod += n
			}
		}
		if given.InCase > 3000 {
			t.Fatalf("an agent gave %d in one case", given.InCase)
		}
	})
}

// A changed playbook needs a new version, or old cases would be measured by
// clocks they never had.
func TestDefaultPlaybookIsFrozen(t *testing.T) {
	p := recovery.Default()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	const version, digest = 1, "577ecd5a4e89ac56"
	if got := hex.EncodeToString(sum[:8]); p.Version != version || got != digest {
		t.Errorf("version %d has digest %s; frozen are %d, %s: raise the version with the content", p.Version, got, version, digest)
	}
}

func TestPlaybookClocksGrowWithMildness(t *testing.T) {
	length := func(s recovery.Span) time.Duration { return time.Duration(s.Days)*8*time.Hour + s.Open }
	for _, r := range recovery.Default().Steps {
		if !slices.IsSortedFunc(r.Clock[:], func(a, b recovery.Span) int { return int(length(a) - length(b)) }) {
			t.Errorf("%s: clocks %v", r.Key, r.Clock)
		}
		if r.State != "" && !slices.Contains(recovery.States(), r.State) {
			t.Errorf("%s leads to %q", r.Key, r.State)
		}
	}
}

func TestWordsAreComplete(t *testing.T) {
	words, err := phrase.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"playbook.default.name"}
	for _, r := range recovery.Default().Steps {
		keys = append(keys, "playbook.step."+string(r.Key)+".title", "playbook.step."+string(r.Key)+".guide")
	}
	for _, k := range recovery.StoryKinds() {
		keys = append(keys, "story."+k)
	}
	for _, list := range []struct {
		prefix string
		words  []string
	}{
		{"playbook.category.", recovery.Categories()}, {"playbook.locus.", recovery.Loci()}, {"playbook.stability.", recovery.Stabilities()},
		{"playbook.outcome.", []string{"recovered", "not_recovered", "unreachable", "declined", "no_fault"}},
		{"playbook.remedy.", []string{"apology", "refund", "exchange", "redo", "credit"}},
		{"error.recovery.gate.", []string{"cause", "measure", "customerInformed", "reason", "promise"}},
	} {
		for _, w := range list.words {
			keys = append(keys, list.prefix+w)
		}
	}
	for _, lang := range phrase.Languages() {
		for _, k := range keys {
			if !words.Has(lang, k) {
				t.Errorf("%s lacks %s", lang, k)
			}
		}
	}
}
