package team_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

const password = "correct horse battery"

// desk is the slice on one database.
type desk struct {
	*testing.T
	db      *sqldb.DB
	clock   *clock.Manual
	journal *event.Journal
	agents  *team.Agents
	teams   *team.Teams
	setup   *team.Setup
	read    int64 // facts already looked at
}

func each(t *testing.T, fn func(d *desk)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ids := id.NewSource(c, rand.Reader)
		j := event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler)))
		agents := team.NewAgents(db, ids, j)
		fn(&desk{T: t, db: db, clock: c, journal: j, agents: agents, teams: team.NewTeams(db, ids, j), setup: team.NewSetup(agents)})
	})
}

var cli = actor.OfSystem("cli")

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) add(name string, role team.Role, password string) team.Agent {
	d.Helper()
	a, err := d.agents.Create(d.Context(), cli, team.NewAgent{Name: name, Email: strings.ToLower(name) + "@example.jp", Role: role, Password: password})
	d.must(err)
	return a
}

func (d *desk) signIn(a team.Agent) string {
	d.Helper()
	_, token, err := d.agents.SignIn(d.Context(), team.SignIn{Email: a.Email, Password: password, Address: "203.0.113.1", UserAgent: "Firefox"})
	d.must(err)
	return token
}

func (d *desk) in(fn func(ctx context.Context, tx *sqldb.Tx) error) {
	d.Helper()
	d.must(d.db.Read(d.Context(), func(tx *sqldb.Tx) error { return fn(d.Context(), tx) }))
}

// facts returns the names of the facts since it was last asked.
func (d *desk) facts() (out []string) {
	d.Helper()
	d.in(func(ctx context.Context, tx *sqldb.Tx) error {
		facts, err := d.journal.Since(ctx, tx, d.read, 100)
		for _, f := range facts {
			d.read = f.Seq
			out = append(out, f.Name)
		}
		return err
	})
	return out
}

func (d *desk) wantFacts(want ...string) {
	d.Helper()
	if got := d.facts(); !slices.Equal(got, want) {
		d.Errorf("facts %v, want %v", got, want)
	}
}

func (d *desk) wantKind(err error, k fault.Kind, key string) {
	d.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != k || (f.Key != key && (len(f.Fields) == 0 || f.Fields[0].Key != key)) {
		d.Errorf("got %v, want %v %s", err, k, key)
	}
}

func TestCreateAgent(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		tm, err := d.teams.Create(ctx, cli, " 一次窓口 ", nil)
		d.must(err)
		d.facts()
		a, err := d.agents.Create(ctx, cli, team.NewAgent{Name: " 佐藤 花子 ", Email: "Hanako@Example.JP", Role: team.Manager, Locale: "ja", TeamIDs: []string{tm.ID, tm.ID}})
		d.must(err)
		d.wantFacts(team.AgentCreatedFact)
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			got, err := d.agents.ByID(ctx, tx, a.ID)
			if got.Name != "佐藤 花子" || got.Role != team.Manager || !got.Active || got.Preferences.SendKey != "mod-enter" || !slices.Equal(got.TeamIDs, []string{tm.ID}) {
				d.Errorf("stored as %+v", got)
			}
			if fmt.Sprint(got) != fmt.Sprint(a) {
				d.Errorf("returned\n%+v\nstored\n%+v", a, got)
			}
			return err
		})
		_, _, err = d.agents.SignIn(ctx, team.SignIn{Email: a.Email, Password: ""})
		d.wantKind(err, fault.Unauthenticated, "error.session.refused")

		_, err = d.agents.Create(ctx, cli, team.NewAgent{Name: "Another", Email: "ＨＡＮＡＫＯ@example.jp", Role: team.Worker})
		d.wantKind(err, fault.Invalid, "error.agent.email.taken")
		_, err = d.agents.Create(ctx, cli, team.NewAgent{Name: "Another", Email: "HANAKO@EXAMPLE.jp", Role: team.Worker})
		d.wantKind(err, fault.Invalid, "error.agent.email.taken")
		_, err = d.agents.Create(ctx, cli, team.NewAgent{Name: "Another", Email: "x@example.jp", Role: team.Worker, TeamIDs: []string{"team_none"}})
		d.wantKind(err, fault.Invalid, "error.team.notFound")
		_, err = d.agents.Create(ctx, cli, team.NewAgent{Name: "\u0007", Email: "x", Role: "owner", Locale: "fr", Password: "short"})
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Fields) != 5 {
			d.Errorf("wrong fields: %v", err)
		}
		d.wantFacts()
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			all, err := d.agents.List(ctx, tx)
			if len(all) != 1 {
				d.Errorf("%d agents were stored", len(all))
			}
			return err
		})
	})
}

func TestChangeAgent(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		boss := d.add("Boss", team.Administrator, "")
		a := d.add("Aki", team.Worker, password)
		tm, err := d.teams.Create(ctx, cli, "Night", []string{boss.ID})
		d.must(err)
		token := d.signIn(a)
		d.facts()

		off, name, role := false, "Aki Mori", team.Manager
		changed, err := d.agents.Change(ctx, actor.ForAgent(boss.ID), a.ID, team.Change{Name: &name, Role: &role, TeamIDs: &[]string{tm.ID}})
		d.must(err)
		d.wantFacts(team.AgentUpdatedFact)
		if changed.Version != a.Version+1 || changed.Role != team.Manager {
			d.Errorf("changed to %+v", changed)
		}
		if _, _, err := d.agents.Session(ctx, token); err != nil {
			d.Errorf("a change of name ended the session: %v", err)
		}
		_, err = d.agents.Change(ctx, actor.ForAgent(boss.ID), a.ID, team.Change{Name: &name})
		d.must(err)
		d.wantFacts() // nothing changed

		_, err = d.agents.Change(ctx, actor.ForAgent(boss.ID), a.ID, team.Change{Active: &off})
		d.must(err)
		d.wantFacts(team.SessionEndedFact, team.AgentUpdatedFact)
		_, _, err = d.agents.Session(ctx, token)
		d.wantKind(err, fault.Unauthenticated, "error.signIn")
		_, _, err = d.agents.SignIn(ctx, team.SignIn{Email: a.Email, Password: password})
		d.wantKind(err, fault.Unauthenticated, "error.session.refused")
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			active, err := d.agents.Active(ctx, tx)
			if len(active) != 1 || active[0].ID != boss.ID || !slices.Equal(active[0].TeamIDs, []string{tm.ID}) {
				d.Errorf("active: %+v", active)
			}
			return err
		})
		_, err = d.agents.Change(ctx, cli, "agt_none", team.Change{Name: &name})
		d.wantKind(err, fault.NotFound, "error.agent.notFound")
	})
}

func TestAnAdministratorRemains(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		a, b := d.add("A", team.Administrator, ""), d.add("B", team.Administrator, "")
		d.add("C", team.Manager, "")
		off, lower := false, team.Worker
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for n, x := range []team.Agent{a, b} { // each retires the other at the same moment
			wg.Go(func() {
				_, errs[n] = d.agents.Change(ctx, actor.ForAgent(x.ID), []string{b.ID, a.ID}[n], team.Change{Active: &off})
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			d.Fatalf("both or none went: %v, %v", errs[0], errs[1])
		}
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			left, err := d.agents.Active(ctx, tx, team.Administrator)
			if len(left) != 1 {
				d.Fatalf("%d administrators left", len(left))
			}
			a = left[0]
			return err
		})
		_, err := d.agents.Change(ctx, cli, a.ID, team.Change{Role: &lower})
		d.wantKind(err, fault.Conflict, "error.agent.last")
		_, err = d.agents.Change(ctx, cli, a.ID, team.Change{Active: &off})
		d.wantKind(err, fault.Conflict, "error.agent.last")
	})
}

func TestChangeSelf(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		a := d.add("Aki", team.Worker, "")
		d.facts()
		theme, zone, sig, bad := "dark", "Asia/Tokyo", "-- \nAki", "purple"
		got, err := d.agents.ChangeSelf(ctx, a.ID, team.Profile{Theme: &theme, Zone: &zone, Signature: &sig})
		d.must(err)
		if got.Preferences.Theme != "dark" || got.Preferences.Density != "comfortable" || got.Zone != zone || got.Preferences.Signature != sig {
			d.Errorf("changed to %+v", got)
		}
		d.wantFacts(team.AgentUpdatedFact)
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			stored, err := d.agents.ByID(ctx, tx, a.ID)
			if fmt.Sprint(stored) != fmt.Sprint(got) {
				d.Errorf("stored %+v", stored)
			}
			return err
		})
		_, err = d.agents.ChangeSelf(ctx, a.ID, team.Profile{Theme: &bad})
		d.wantKind(err, fault.Invalid, "error.field.invalid")
		_, err = d.agents.ChangeSelf(ctx, a.ID, team.Profile{Zone: &bad})
		d.wantKind(err, fault.Invalid, "hours.zone.unknown")
	})
}

func TestPasswords(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		boss, a := d.add("Boss", team.Administrator, ""), d.add("Aki", team.Worker, "")
		d.facts()
		d.must(d.agents.SetPassword(ctx, actor.ForAgent(boss.ID), a.ID, password))
		d.wantFacts(team.PasswordFact)
		d.wantKind(d.agents.SetPassword(ctx, actor.ForAgent(a.ID), a.ID, password), fault.Denied, "error.password.own")
		here, there := d.signIn(a), d.signIn(a)
		_, session, err := d.agents.Session(ctx, here)
		d.must(err)
		d.facts()

		change := team.NewPassword{AgentID: a.ID, SessionID: session.ID, Address: "203.0.113.1", Current: "wrong", New: "another good one"}
		d.wantKind(d.agents.ChangePassword(ctx, change), fault.Invalid, "error.password.wrong")
		change.Current, change.New = password, password
		d.wantKind(d.agents.ChangePassword(ctx, change), fault.Invalid, "error.password.same")
		change.New = "short"
		d.wantKind(d.agents.ChangePassword(ctx, change), fault.Invalid, "error.password.short")
		change.New = "another good one"
		d.must(d.agents.ChangePassword(ctx, change))
		d.wantFacts(team.PasswordFact, team.SessionEndedFact)
		if _, _, err := d.agents.Session(ctx, here); err != nil {
			d.Errorf("the session of the change ended: %v", err)
		}
		_, _, err = d.agents.Session(ctx, there)
		d.wantKind(err, fault.Unauthenticated, "error.signIn")
		_, _, err = d.agents.SignIn(ctx, team.SignIn{Email: a.Email, Password: password})
		d.wantKind(err, fault.Unauthenticated, "error.session.refused")

		d.must(d.agents.SetPassword(ctx, actor.ForAgent(boss.ID), a.ID, password))
		_, _, err = d.agents.Session(ctx, here)
		d.wantKind(err, fault.Unauthenticated, "error.signIn")
	})
}

func TestSignIn(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		a := d.add("Aki", team.Worker, password)
		d.facts()
		got, token, err := d.agents.SignIn(ctx, team.SignIn{Email: " AKI@example.jp ", Password: password, UserAgent: strings.Repeat("あ", 200), Address: "203.0.113.1"})
		d.must(err)
		if got.ID != a.ID || !strings.HasPrefix(token, "kse_") {
			d.Errorf("signed in as %+v with %s", got, token)
		}
		d.wantFacts(team.SessionStartedFact)
		_, second, err := d.agents.SignIn(ctx, team.SignIn{Email: a.Email, Password: password, Previous: token})
		d.must(err)
		if second == token {
			d.Error("the token was not rotated")
		}
		_, _, err = d.agents.Session(ctx, token)
		d.wantKind(err, fault.Unauthenticated, "error.signIn")

		_, _, wrong := d.agents.SignIn(ctx, team.SignIn{Email: a.Email, Password: "incorrect horse"})
		_, _, unknown := d.agents.SignIn(ctx, team.SignIn{Email: "nobody@example.jp", Password: password})
		d.wantKind(wrong, fault.Unauthenticated, "error.session.refused")
		if wrong.Error() != unknown.Error() {
			d.Errorf("an unknown address can be told from a wrong password: %v, %v", wrong, unknown)
		}
		_, _, err = d.agents.SignIn(ctx, team.SignIn{Email: a.Email, Password: strings.Repeat("x", 5000)})
		d.wantKind(err, fault.Unauthenticated, "error.session.refused")
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			var leaked int
			err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM session WHERE token_hash = $1`, second).Scan(&leaked)
			if leaked != 0 {
				d.Error("the token itself is stored")
			}
			return err
		})
	})
}

func TestSignInIsLimited(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		a := d.add("Aki", team.Worker, password)
		try := func(address, password string) error {
			_, _, err := d.agents.SignIn(ctx, team.SignIn{Email: a.Email, Password: password, Address: address})
			return err
		}
		var err error
		n := 0
		for ; n < 20; n++ {
			if err = try("203.0.113.9", "wrong password"); fault.Is(err, fault.TooMany) {
				break
			}
		}
		var f *fault.Error
		if !errors.As(err, &f) || n != 8 || f.RetryAfter != 20*time.Second {
			d.Fatalf("limited after %d tries: %v", n, err)
		}
		if err := try("203.0.113.9", password); !fault.Is(err, fault.TooMany) {
			d.Errorf("the right password while limited: %v", err)
		}
		d.must(try("203.0.113.10", password)) // the agent at another place
		d.clock.Advance(f.RetryAfter)
		d.must(try("203.0.113.9", password))
	})
}

func TestSessions(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		a, b := d.add("Aki", team.Worker, password), d.add("Ben", team.Worker, password)
		first := d.signIn(a)
		d.clock.Advance(time.Hour)
		second := d.signIn(a)
		d.signIn(b)
		list := func() (out []team.Session) {
			d.in(func(ctx context.Context, tx *sqldb.Tx) (err error) {
				out, err = d.agents.Sessions(ctx, tx, a.ID)
				return err
			})
			return out
		}
		_, s1, err := d.agents.Session(ctx, first)
		d.must(err)
		if !s1.SeenAt.Equal(d.clock.Now()) || s1.UserAgent != "Firefox" || s1.Address != "203.0.113.1" {
			d.Errorf("session %+v", s1)
		}
		if got := list(); len(got) != 2 {
			d.Fatalf("sessions %+v", got)
		}

		d.clock.Advance(29 * 24 * time.Hour) // sliding: used, it lives on
		_, _, err = d.agents.Session(ctx, first)
		d.must(err)
		d.clock.Advance(2 * 24 * time.Hour) // the second was unused for more than 30 days
		_, _, err = d.agents.Session(ctx, first)
		d.must(err)
		_, _, err = d.agents.Session(ctx, second)
		d.wantKind(err, fault.Unauthenticated, "error.signIn")
		if got := list(); len(got) != 1 || got[0].ID != s1.ID {
			d.Errorf("after 30 days: %+v", got)
		}

		d.facts()
		other := d.signIn(b)
		d.wantKind(d.agents.EndSession(ctx, actor.ForAgent(b.ID), b.ID, s1.ID), fault.NotFound, "error.session.notFound")
		d.must(d.agents.EndSession(ctx, actor.ForAgent(a.ID), a.ID, s1.ID))
		d.wantFacts(team.SessionStartedFact, team.SessionEndedFact)
		_, _, err = d.agents.Session(ctx, first)
		d.wantKind(err, fault.Unauthenticated, "error.signIn")
		first, second = d.signIn(a), d.signIn(a)
		d.must(d.agents.EndSessions(ctx, actor.ForAgent(a.ID), a.ID))
		for _, token := range []string{first, second} {
			_, _, err = d.agents.Session(ctx, token)
			d.wantKind(err, fault.Unauthenticated, "error.signIn")
		}
		if _, _, err := d.agents.Session(ctx, other); err != nil {
			d.Errorf("somebody else's session ended: %v", err)
		}
	})
}

func TestKeys(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		k, token, err := d.agents.CreateKey(ctx, cli, team.NewKey{Name: "Shop", Role: team.Worker})
		d.must(err)
		d.wantFacts(team.KeyCreatedFact)
		d.clock.Advance(time.Second)
		got, err := d.agents.Key(ctx, token)
		d.must(err)
		if got.ID != k.ID || got.Role != team.Worker || !got.UsedAt.Equal(d.clock.Now()) {
			d.Errorf("key %+v", got)
		}
		used := got.UsedAt
		d.clock.Advance(59 * time.Second)
		if got, err = d.agents.Key(ctx, token); err != nil || !got.UsedAt.Equal(used) {
			d.Errorf("last use was written again within a minute: %v %v", got.UsedAt, err)
		}
		d.clock.Advance(time.Second)
		if got, err = d.agents.Key(ctx, token); err != nil || !got.UsedAt.Equal(d.clock.Now()) {
			d.Errorf("last use was not written after a minute: %v %v", got.UsedAt, err)
		}
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			keys, err := d.agents.Keys(ctx, tx)
			if len(keys) != 1 || !keys[0].UsedAt.Equal(d.clock.Now()) || keys[0].CreatedBy != "cli" {
				d.Errorf("keys %+v", keys)
			}
			return err
		})
		d.must(d.agents.RevokeKey(ctx, cli, k.ID))
		d.wantFacts(team.KeyRevokedFact)
		_, err = d.agents.Key(ctx, token)
		d.wantKind(err, fault.Unauthenticated, "error.key.unknown")
		d.wantKind(d.agents.RevokeKey(ctx, cli, k.ID), fault.NotFound, "error.key.notFound")
		_, _, err = d.agents.CreateKey(ctx, cli, team.NewKey{Name: " ", Role: "x"})
		d.wantKind(err, fault.Invalid, "error.field.required")
		_, err = d.agents.Key(ctx, "")
		d.wantKind(err, fault.Unauthenticated, "error.key.unknown")
	})
}

func TestTeams(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		a, b := d.add("A", team.Worker, ""), d.add("B", team.Worker, "")
		d.facts()
		tm, err := d.teams.Create(ctx, cli, "Returns", []string{b.ID, a.ID, a.ID})
		d.must(err)
		d.wantFacts(team.TeamUpdatedFact)
		if !slices.Equal(tm.AgentIDs, []string{a.ID, b.ID}) {
			d.Errorf("members %v", tm.AgentIDs)
		}
		name := "返品"
		tm, err = d.teams.Change(ctx, cli, tm.ID, team.TeamChange{Name: &name, AgentIDs: &[]string{b.ID}})
		d.must(err)
		d.wantFacts(team.TeamUpdatedFact)
		_, err = d.teams.Change(ctx, cli, tm.ID, team.TeamChange{Name: &name})
		d.must(err)
		d.wantFacts()
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			all, err := d.teams.List(ctx, tx)
			if len(all) != 1 || fmt.Sprint(all[0]) != fmt.Sprint(tm) || all[0].Name != name {
				d.Errorf("stored %+v, returned %+v", all, tm)
			}
			return err
		})
		_, err = d.teams.Create(ctx, cli, "Ghosts", []string{"agt_none"})
		d.wantKind(err, fault.Invalid, "error.agent.notFound")
		_, err = d.teams.Create(ctx, cli, " ", nil)
		d.wantKind(err, fault.Invalid, "error.field.required")
		d.must(d.teams.Delete(ctx, cli, tm.ID))
		d.wantFacts(team.TeamDeletedFact)
		d.wantKind(d.teams.Delete(ctx, cli, tm.ID), fault.NotFound, "error.team.notFound")
	})
}

func TestSetup(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		d.add("Worker", team.Worker, "")
		old, err := d.setup.Token(ctx)
		d.must(err)
		var token string
		for range 5 { // restarts
			token, err = d.setup.Token(ctx)
			d.must(err)
		}
		first := team.FirstAdministrator{Token: old, Name: "院長", Email: "boss@example.jp", Password: password, Locale: "ja"}
		_, _, err = d.setup.Administrator(ctx, first)
		d.wantKind(err, fault.Denied, "error.setup.token") // too many links ago
		first.Token, first.Password = token, ""
		_, _, err = d.setup.Administrator(ctx, first)
		d.wantKind(err, fault.Invalid, "error.field.required")
		first.Password = "1234567890"
		_, _, err = d.setup.Administrator(ctx, first)
		d.wantKind(err, fault.Invalid, "error.password.common")
		d.facts()

		first.Password = password
		a, session, err := d.setup.Administrator(ctx, first)
		d.must(err)
		d.wantFacts(team.AgentCreatedFact, team.SessionStartedFact)
		if a.Role != team.Administrator || a.Locale != "ja" {
			d.Errorf("made %+v", a)
		}
		who, _, err := d.agents.Session(ctx, session)
		d.must(err)
		if who.ID != a.ID {
			d.Errorf("signed in as %+v", who)
		}
		first.Email = "second@example.jp"
		_, _, err = d.setup.Administrator(ctx, first)
		d.wantKind(err, fault.Conflict, "error.setup.done")
		if token, err := d.setup.Token(ctx); token != "" || err != nil {
			d.Errorf("another link was made: %s %v", token, err)
		}
		d.in(func(ctx context.Context, tx *sqldb.Tx) error {
			needed, err := d.setup.Needed(ctx, tx)
			if needed {
				d.Error("still needed")
			}
			return err
		})
	})
}
