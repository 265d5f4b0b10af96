package recovery

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Repeat is within which time a second failure of the same customer is a double
// deviation.
const Repeat = 90 * 24 * time.Hour

// maxLabel is how much of somebody's words names a case, in characters.
const maxLabel = 200

// Cases opens, changes and closes cases.
type Cases struct{ *core }

// opening is what a case is opened with.
type opening struct {
	Source
	brandID, customerID, conversationID string
	responsible                         string // agent
	inputs                              Inputs
}

// ManualOpening is an agent's request for a case.
type ManualOpening struct {
	ConversationID string
	Harm           int
	Reason         string
}

// Open opens a case by hand. Errors: fault.Conflict while a case of the same
// conversation is open; fault.Invalid with fields.
func (x *Cases) Open(ctx context.Context, by actor.Actor, m ManualOpening) (Case, error) {
	m.Reason = strings.TrimSpace(m.Reason)
	in := Inputs{Harm: m.Harm, FirmResponsible: true}
	var c fault.Check
	c.That(slices.Contains([]int{Inconvenience, LostTime, LostMoney, Danger}, m.Harm), "body.harm", "error.recovery.harm")
	checkText(&c, "body.reason", m.Reason, true)
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	var out Case
	err := x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		t, err := x.Threads.ByID(ctx, tx, conversation.ID(m.ConversationID))
		if err != nil {
			return err
		}
		if err := tx.Serialize(ctx, "recovery:"+t.CustomerID); err != nil {
			return err
		}
		have, err := idByConversation(ctx, tx, string(t.ID))
		if err != nil {
			return err
		}
		if have != "" {
			return fault.New(fault.Conflict, "error.recovery.openAlready")
		}
		out, err = x.open(ctx, tx, by, opening{
			Source:  Source{Kind: Manual, ID: x.IDs.New("src"), Label: text.Clip(m.Reason, maxLabel)},
			brandID: t.BrandID, customerID: t.CustomerID, conversationID: string(t.ID), responsible: t.AssigneeID, inputs: in,
		})
		return err
	})
	return out, err
}

// consider opens a case for a source, or lets it join the one that is still
// open in the same conversation. Nothing happens the second time.
func (x *Cases) consider(ctx context.Context, tx *sqldb.Tx, by actor.Actor, o opening) error {
	if err := tx.Serialize(ctx, "recovery:"+o.customerID); err != nil {
		return err
	}
	have, err := idBySource(ctx, tx, o.Source)
	if err != nil || have != "" {
		return err
	}
	going, err := idByConversation(ctx, tx, o.conversationID)
	if err != nil {
		return err
	}
	if going == "" {
		_, err := x.open(ctx, tx, by, o)
		return err
	}
	return x.join(ctx, tx, by, going, o)
}

// open writes a new case. The caller holds the customer's lock.
func (x *Cases) open(ctx context.Context, tx *sqldb.Tx, by actor.Actor, o opening) (Case, error) {
	var earlier int
	if err := tx.QueryRow(ctx, repeatSQL, o.customerID, tx.Now.Add(-Repeat).UnixMilli()).Scan(&earlier); err != nil {
		return Case{}, err
	}
	o.inputs.DoubleDeviation = earlier > 0
	c := Case{
		ID: ID(x.IDs.New("case")), BrandID: o.brandID, CustomerID: o.customerID, ConversationID: o.conversationID, Source: o.Source,
		Severity: o.inputs.Severity(), Inputs: o.inputs, State: Detected, DoubleDeviation: o.inputs.DoubleDeviation,
		ScoreBefore: o.inputs.Score, OpenedAt: tx.Now, RoundAt: tx.Now, Version: 1,
	}
	f := &file{core: x.core, tx: tx, by: by, book: Default()}
	var err error
	if c.Ref, err = nextRef(ctx, tx); err != nil {
		return c, err
	}
	if c.PlaybookID, err = storePlaybook(ctx, tx, x.IDs.New("pb"), f.book); err != nil {
		return c, err
	}
	if c.OwnerID, err = x.owner(ctx, tx, needsManager(c), o.responsible); err != nil {
		return c, err
	}
	if f.cal, err = x.calendar(ctx, tx, o.brandID); err != nil {
		return c, err
	}
	if err := insertCase(ctx, tx, c); err != nil {
		return c, err
	}
	f.c = c
	if err := f.tell(ctx, "opened."+string(c.Source.Kind), "label", c.Source.Label, "score", itoa(o.inputs.Score), "severity", itoa(c.Severity)); err != nil {
		return c, err
	}
	if c.DoubleDeviation {
		if err := f.tell(ctx, "repeat", "n", itoa(earlier)); err != nil {
			return c, err
		}
	}
	if err := f.startRound(ctx); err != nil {
		return c, err
	}
	if err := updateCase(ctx, tx, f.c); err != nil {
		return c, err
	}
	x.Journal.Emit(tx, OpenedFact, string(c.ID), by, OpenedData{Place: f.place(), SourceKind: c.Source.Kind, SourceID: c.Source.ID,
		DoubleDeviation: c.DoubleDeviation, DueAt: f.c.DueAt})
	return ByID(ctx, tx, c.ID)
}

const joinSQL = `INSERT INTO case_source (source_kind, source_id, case_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`

// join adds a further failure to a case that is still open. After the owner has
// been in touch, or while the customer is being asked, it means that the
// recovery itself failed.
func (x *Cases) join(ctx context.Context, tx *sqldb.Tx, by actor.Actor, id ID, o opening) error {
	f, err := x.take(ctx, tx, by, id)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, joinSQL, string(o.Kind), o.Source.ID, string(id), tx.Now.UnixMilli())
	if err != nil || n == 0 {
		return err
	}
	if err := f.tell(ctx, "joined."+string(o.Kind), "label", o.Label, "score", itoa(o.inputs.Score)); err != nil {
		return err
	}
	f.touch("source")
	in := &f.c.Inputs
	in.Harm = max(in.Harm, o.inputs.Harm)
	in.StrongAnger = in.StrongAnger || o.inputs.StrongAnger
	if s := o.inputs.Score; s != 0 {
		if in.Score == 0 || s < in.Score {
			in.Score = s
		}
		if f.c.ScoreBefore == 0 {
			f.c.ScoreBefore = s
		}
	}
	switch {
	case f.c.State == Surveyed:
		if err := f.reopen(ctx, "joined", o.Label); err != nil {
			return err
		}
	case CanMove(OwnerContacted, f.c.State) || f.c.State == OwnerContacted:
		in.DoubleDeviation = o.Kind == FromResponse || in.DoubleDeviation
		fallthrough
	default:
		if err := f.rate(ctx); err != nil {
			return err
		}
	}
	return f.save(ctx)
}
