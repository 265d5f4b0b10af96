package recovery

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Remedies gives customers something, each by the authority of a role.
type Remedies struct{ *core }

// GiftRef names a remedy of a case.
type GiftRef struct {
	CaseID ID
	GiftID string
}

// Propose offers a remedy. Within the role's authority it is approved at once;
// beyond, it waits for the next role up, who is told. Errors: fault.Invalid with
// fields; fault.Conflict on a closed case.
func (x *Remedies) Propose(ctx context.Context, by actor.Actor, role team.Role, id ID, o Offer) (Gift, error) {
	o, err := o.normal()
	if err != nil {
		return Gift{}, err
	}
	var g Gift
	_, err = x.change(ctx, by, id, func(f *file) error {
		if !f.c.Open() {
			return fault.New(fault.Conflict, "error.recovery.closedAlready")
		}
		g = Gift{ID: f.IDs.New("rem"), CaseID: id, Offer: o, State: Proposed, ProposedBy: actorText(by), CreatedAt: f.tx.Now}
		give := giver{f}
		lines, before, err := give.authority(ctx, g)
		if err != nil {
			return err
		}
		if Covers(lines, role, o, before) {
			g.State, g.DecidedBy, g.DecidedAt = Approved, actorText(by), f.tx.Now
			f.remedyID = g.ID
		} else if err := give.callApprovers(ctx, lines, role, g); err != nil {
			return err
		}
		f.touch("remedy")
		if err := f.tell(ctx, "remedy."+string(g.State), giftWords(g)...); err != nil {
			return err
		}
		return putGift(ctx, f.tx, g)
	})
	return g, err
}

// giver gives remedies in a case in work.
type giver struct{ *file }

// callApprovers notes who may decide: everybody in service whose role is the
// lowest above the proposer's that covers the offer. A role without anybody in
// service passes it on to the next.
func (f giver) callApprovers(ctx context.Context, lines []Authority, role team.Role, g Gift) error {
	inCase, err := f.inCase(ctx, g)
	if err != nil {
		return err
	}
	f.remedyID = g.ID
	var called []string
	for len(called) == 0 {
		next, ok := NextUp(lines, role, g.Offer, inCase)
		if !ok {
			return nil // nobody's authority is enough: it waits until an administrator raises one
		}
		who, err := f.Agents.Active(ctx, f.tx, next)
		if err != nil {
			return err
		}
		for _, a := range who {
			if actorText(actor.ForAgent(a.ID)) != g.ProposedBy {
				called = append(called, a.ID)
			}
		}
		role = next
	}
	f.approvers = slices.Compact(slices.Sorted(slices.Values(append(f.approvers, called...))))
	return nil
}

// Approve decides for a proposed remedy. Errors: fault.Denied for whoever
// proposed it, and when the role's authority does not cover it; fault.Conflict
// when it was decided already.
func (x *Remedies) Approve(ctx context.Context, by actor.Actor, role team.Role, at GiftRef) (Gift, error) {
	return x.decide(ctx, by, at, func(f *file, g *Gift) error {
		if g.ProposedBy == actorText(by) {
			return fault.New(fault.Denied, "error.recovery.ownRemedy")
		}
		lines, before, err := giver{f}.authority(ctx, *g)
		if err != nil {
			return err
		}
		if !Covers(lines, role, g.Offer, before) {
			return fault.New(fault.Denied, "error.recovery.beyondAuthority")
		}
		g.State = Approved
		return nil
	})
}

// Refuse decides against a proposed remedy.
func (x *Remedies) Refuse(ctx context.Context, by actor.Actor, at GiftRef, reason string) (Gift, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	checkText(&c, "body.reason", reason, false)
	if err := c.Err(); err != nil {
		return Gift{}, err
	}
	return x.decide(ctx, by, at, func(_ *file, g *Gift) error {
		g.State, g.Reason = Refused, reason
		return nil
	})
}

func (x *Remedies) decide(ctx context.Context, by actor.Actor, at GiftRef, fn func(*file, *Gift) error) (Gift, error) {
	return x.alter(ctx, by, at, []RemedyState{Proposed}, func(f *file, g *Gift) error {
		if err := fn(f, g); err != nil {
			return err
		}
		g.DecidedBy, g.DecidedAt = actorText(by), f.tx.Now
		return nil
	})
}

// Deliver says that the customer has an approved remedy. When it was the last
// one on its way, it finishes the remedy step.
func (x *Remedies) Deliver(ctx context.Context, by actor.Actor, at GiftRef) (Gift, error) {
	return x.alter(ctx, by, at, []RemedyState{Approved}, func(f *file, g *Gift) error {
		g.State, g.DeliveredAt = Delivered, f.tx.Now
		return nil
	})
}

// Forgo does without a remedy that the customer does not have yet, for a reason;
// whoever may propose may. It counts against nobody's authority any more. The
// remedy step stays on: a person says what was done instead. Errors:
// fault.Invalid without a reason; fault.Conflict when it was refused, delivered
// or forgone already.
func (x *Remedies) Forgo(ctx context.Context, by actor.Actor, at GiftRef, reason string) (Gift, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	checkText(&c, "body.reason", reason, true)
	if err := c.Err(); err != nil {
		return Gift{}, err
	}
	return x.alter(ctx, by, at, []RemedyState{Proposed, Approved}, func(f *file, g *Gift) error {
		g.State, g.Reason, g.ForgoneAt = Forgone, reason, f.tx.Now
		return nil
	})
}

// alter changes a remedy that is in one of some states.
func (x *Remedies) alter(ctx context.Context, by actor.Actor, at GiftRef, from []RemedyState, fn func(*file, *Gift) error) (Gift, error) {
	var g Gift
	_, err := x.change(ctx, by, at.CaseID, func(f *file) (err error) {
		if g, err = giftByID(ctx, f.tx, at); err != nil {
			return err
		}
		if !slices.Contains(from, g.State) {
			return fault.New(fault.Conflict, "error.recovery.remedyState")
		}
		if err := fn(f, &g); err != nil {
			return err
		}
		f.remedyID = g.ID
		f.touch("remedy")
		if err := f.tell(ctx, "remedy."+string(g.State), giftWords(g)...); err != nil {
			return err
		}
		if err := putGift(ctx, f.tx, g); err != nil {
			return err
		}
		return giver{f}.afterGift(ctx, g)
	})
	return g, err
}

// afterGift finishes the remedy step when the last remedy was delivered.
func (f giver) afterGift(ctx context.Context, g Gift) error {
	s := f.active()
	if g.State != Delivered || s == nil || s.Key != StepRemedy {
		return nil
	}
	pending, err := pendingRemedies(ctx, f.tx, f.c.ID)
	if err != nil || pending > 0 {
		return err
	}
	return f.end(ctx, s, Done, Evidence{Text: g.Text})
}

func giftWords(g Gift) []string {
	return []string{"type", string(g.Type), "amount", itoa64(g.Amount), "currency", g.Currency, "text", g.Text, "reason", g.Reason}
}

// authority reads the authority lines, and what counts against them: what this
// case was given, and what this actor decided within the period.
func (f giver) authority(ctx context.Context, g Gift) ([]Authority, Given, error) {
	// The sums are of other cases too: two decisions of one person at once must
	// not both fit under the same limit.
	if err := f.tx.Serialize(ctx, "recovery.authority:"+actorText(f.by)); err != nil {
		return nil, Given{}, err
	}
	lines, err := authorities(ctx, f.tx)
	if err != nil {
		return nil, Given{}, err
	}
	var before Given
	if before.InCase, err = f.inCase(ctx, g); err != nil {
		return nil, before, err
	}
	err = f.tx.QueryRow(ctx, inPeriodSQL, actorText(f.by), f.tx.Now.Add(-Period).UnixMilli(), string(g.Type), g.Currency).Scan(&before.InPeriod)
	return lines, before, err
}

// inCase is what the case was given of the same kind before.
func (f giver) inCase(ctx context.Context, g Gift) (n int64, err error) {
	err = f.tx.QueryRow(ctx, inCaseSQL, string(f.c.ID), string(g.Type), g.Currency, g.ID).Scan(&n)
	return n, err
}

const (
	inCaseSQL = `SELECT COALESCE(SUM(amount), 0) FROM remedy
WHERE case_id = $1 AND type = $2 AND currency = $3 AND id <> $4 AND state IN ('approved', 'delivered')`
	inPeriodSQL = `SELECT COALESCE(SUM(amount), 0) FROM remedy
WHERE decided_by = $1 AND decided_at > $2 AND type = $3 AND currency = $4 AND state IN ('approved', 'delivered')`
)

const giftColumns = `id, case_id, type, amount, currency, text, state, proposed_by, decided_by, reason, decided_at, delivered_at, forgone_at, created_at`

func scanGift(r row) (g Gift, err error) {
	err = r.Scan(&g.ID, &g.CaseID, &g.Type, &g.Amount, &g.Currency, &g.Text, &g.State, &g.ProposedBy, &g.DecidedBy, &g.Reason,
		sqldb.At(&g.DecidedAt), sqldb.At(&g.DeliveredAt), sqldb.At(&g.ForgoneAt), sqldb.At(&g.CreatedAt))
	if !g.ForgoneAt.IsZero() {
		g.State = Forgone
	}
	return g, err
}

func giftByID(ctx context.Context, tx *sqldb.Tx, at GiftRef) (Gift, error) {
	g, err := scanGift(tx.QueryRow(ctx, `SELECT `+giftColumns+` FROM remedy WHERE id = $1 AND case_id = $2`, at.GiftID, string(at.CaseID)))
	return g, sqldb.NotFound(err, "error.recovery.remedyNotFound")
}

func giftsOf(ctx context.Context, tx *sqldb.Tx, id ID) ([]Gift, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (Gift, error) { return scanGift(r) },
		`SELECT `+giftColumns+` FROM remedy WHERE case_id = $1 ORDER BY created_at, id`, string(id))
}

const putGiftSQL = `INSERT INTO remedy (` + giftColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by, reason = excluded.reason,
	decided_at = excluded.decided_at, delivered_at = excluded.delivered_at, forgone_at = excluded.forgone_at`

func putGift(ctx context.Context, tx *sqldb.Tx, g Gift) error {
	state := g.State
	if state == Forgone {
		state = Refused // with its moment: the table knows no fifth state
	}
	_, err := tx.Exec(ctx, putGiftSQL, g.ID, string(g.CaseID), string(g.Type), g.Amount, g.Currency, g.Text, string(state), g.ProposedBy, g.DecidedBy,
		g.Reason, sqldb.Millis(g.DecidedAt), sqldb.Millis(g.DeliveredAt), sqldb.Millis(g.ForgoneAt), g.CreatedAt.UnixMilli())
	return err
}

// Authorities lists who may give how much. A new installation has the defaults.
func (x *Remedies) Authorities(ctx context.Context, tx *sqldb.Tx) ([]Authority, error) {
	return authorities(ctx, tx)
}

// authoritiesSet is the setting that tells an edited empty list from a new
// installation.
const authoritiesSet = "recovery.authorities"

func authorities(ctx context.Context, tx *sqldb.Tx) ([]Authority, error) {
	lines, err := sqldb.List(ctx, tx, func(r *sql.Rows) (a Authority, err error) {
		err = r.Scan(&a.Role, &a.Type, &a.Currency, &a.PerCase, &a.PerPeriod)
		return a, err
	}, `SELECT role, type, currency, per_case, per_period FROM authority ORDER BY role, type, currency`)
	if err != nil || len(lines) > 0 {
		return lines, err
	}
	version, err := authoritiesVersion(ctx, tx)
	if err == nil && version == 0 {
		return DefaultAuthorities(), nil
	}
	return lines, err
}

// AuthoritiesVersion counts how often the list of who may give how much was set.
func (x *Remedies) AuthoritiesVersion(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	return authoritiesVersion(ctx, tx)
}

func authoritiesVersion(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	var set authoritiesMark
	err := tx.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, authoritiesSet).Scan(sqldb.JSON{V: &set})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return max(set.Version, 1), err // lists were set before versions were counted
}

// authoritiesMark is the value of the setting.
type authoritiesMark struct {
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Version int64     `json:"version"`
}

// SetAuthorities replaces the list of who may give how much. With the version it
// was read at, it is replaced only if that is still so: else fault.Conflict
// "error.stale".
func (x *Remedies) SetAuthorities(ctx context.Context, by actor.Actor, lines []Authority, read *int64) ([]Authority, error) {
	if err := checkAuthorities(lines); err != nil {
		return nil, err
	}
	var out []Authority
	err := x.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
		if err := tx.Serialize(ctx, authoritiesSet); err != nil {
			return err
		}
		version, err := authoritiesVersion(ctx, tx)
		if err != nil {
			return err
		}
		if read != nil && *read != version {
			return fault.New(fault.Conflict, "error.stale")
		}
		if _, err := tx.Exec(ctx, `DELETE FROM authority`); err != nil {
			return err
		}
		for _, a := range lines {
			if _, err := tx.Exec(ctx, `INSERT INTO authority (role, type, currency, per_case, per_period) VALUES ($1, $2, $3, $4, $5)`,
				string(a.Role), string(a.Type), a.Currency, a.PerCase, a.PerPeriod); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			authoritiesSet, sqldb.JSON{V: authoritiesMark{By: actorText(by), At: tx.Now, Version: version + 1}}); err != nil {
			return err
		}
		x.Journal.Emit(tx, AuthoritiesFact, authoritiesSet, by, AuthoritiesData{Lines: lines})
		out, err = authorities(ctx, tx)
		return err
	})
	return out, err
}
