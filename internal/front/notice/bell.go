package notice

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

// Tools are what a Bell works with.
type Tools struct {
	DB        *sqldb.DB
	IDs       *id.Source
	Journal   *event.Journal
	Agents    *team.Agents
	Brands    *brand.Brands
	Customers *customer.Book
	Inboxes   *inbox.Inboxes
	Threads   *conversation.Threads
	Outbox    *delivery.Post
	Words     *phrase.Catalogue
	// PublicURL is how agents reach this instance, "https://desk.example".
	PublicURL string
}

// Bell gives notices. Make it with New; it is safe for concurrent use.
type Bell struct{ Tools }

// New returns a Bell.
func New(t Tools) *Bell { return &Bell{t} }

// ring is one thing to tell to some agents.
type ring struct {
	kind    Kind
	subject string
	path    string // of the page it leads to
	brandID string // from whose inbox it is mailed; "" for any
	to      []string
	but     string // whoever did it
	data    map[string]string
	at      actor.Actor
}

// tell gives each agent in service their notice, and mails it if it cannot wait.
func (b *Bell) tell(ctx context.Context, tx *sqldb.Tx, r ring) error {
	for _, agentID := range r.to {
		if agentID == "" || agentID == r.but {
			continue
		}
		a, err := b.Agents.ByID(ctx, tx, agentID)
		if fault.Is(err, fault.NotFound) || err == nil && !a.Active {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, replaceSQL, a.ID, string(r.kind), r.subject); err != nil {
			return err
		}
		n := Notice{ID: b.IDs.New("ntc"), AgentID: a.ID, Kind: r.kind, Subject: r.subject, Data: r.data, At: tx.Now}
		if _, err := tx.Exec(ctx, insertSQL, n.ID, n.AgentID, string(n.Kind), n.Subject, sqldb.JSON{V: n.Data}, n.At.UnixMilli(), nil); err != nil {
			return err
		}
		b.Journal.Emit(tx, AddedFact, n.ID, r.at, AddedData{AgentID: a.ID, Kind: n.Kind})
		if r.kind.mailed() {
			if err := b.mail(ctx, tx, a, n, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// about starts the ring of a case.
func (b *Bell) about(ctx context.Context, tx *sqldb.Tx, k Kind, p recovery.Place) (ring, error) {
	c, err := b.Customers.ByID(ctx, tx, p.CustomerID)
	if err != nil {
		return ring{}, err
	}
	return ring{kind: k, subject: string(p.CaseID), path: "/cases/" + string(p.CaseID), brandID: p.BrandID, data: map[string]string{
		"ref": strconv.FormatInt(p.Ref, 10), "severity": strconv.Itoa(p.Severity), "customer": c.Label()}}, nil
}

// OnCaseOpened tells the owner of a new case.
func (b *Bell) OnCaseOpened(ctx context.Context, tx *sqldb.Tx, f event.Fact, d recovery.OpenedData) error {
	r, err := b.about(ctx, tx, CaseOpened, d.Place)
	if err != nil {
		return err
	}
	r.to, r.but, r.at = []string{d.OwnerID}, f.Actor.AgentID(), f.Actor
	return b.tell(ctx, tx, r)
}

// OnCaseUpdated tells a new owner, the owner of a case that was reopened, and
// those who may approve a remedy.
func (b *Bell) OnCaseUpdated(ctx context.Context, tx *sqldb.Tx, f event.Fact, d recovery.UpdatedData) error {
	told := map[Kind][]string{}
	if len(d.Approvers) > 0 {
		told[RemedyProposed] = d.Approvers
	}
	if d.State == recovery.Reopened && slices.Contains(d.Fields, "state") {
		told[CaseReopened] = []string{d.OwnerID}
	} else if d.NewOwner {
		told[CaseOwner] = []string{d.OwnerID}
	}
	for _, kind := range Kinds() {
		if len(told[kind]) == 0 {
			continue
		}
		r, err := b.about(ctx, tx, kind, d.Place)
		if err != nil {
			return err
		}
		r.to, r.but, r.at = told[kind], f.Actor.AgentID(), f.Actor
		if err := b.tell(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// OnReleased tells the managers, or the administrators where there are none,
// that conversations have lost their agent.
func (b *Bell) OnReleased(ctx context.Context, tx *sqldb.Tx, f event.Fact, d conversation.ReleasedData) error {
	gone, err := b.Agents.ByID(ctx, tx, f.Subject)
	if err != nil {
		return err
	}
	r := ring{kind: Released, subject: gone.ID, path: "/inbox/unassigned", at: f.Actor,
		data: map[string]string{"agent": gone.Name, "n": strconv.Itoa(d.Conversations)}}
	for _, role := range []team.Role{team.Manager, team.Administrator} {
		list, err := b.Agents.Active(ctx, tx, role)
		if err != nil {
			return err
		}
		for _, a := range list {
			r.to = append(r.to, a.ID)
		}
		if len(r.to) > 0 {
			break
		}
	}
	return b.tell(ctx, tx, r)
}

// OnEscalated tells everybody an overdue step was brought to.
func (b *Bell) OnEscalated(ctx context.Context, tx *sqldb.Tx, f event.Fact, d recovery.EscalatedData) error {
	r, err := b.about(ctx, tx, CaseEscalated, d.Place)
	if err != nil {
		return err
	}
	r.to, r.at = d.Recipients, f.Actor
	r.data["step"], r.data["n"] = string(d.StepKey), strconv.Itoa(d.Count)
	return b.tell(ctx, tx, r)
}

// OnPromiseBroken tells the owner and whoever made the promise.
func (b *Bell) OnPromiseBroken(ctx context.Context, tx *sqldb.Tx, f event.Fact, d recovery.BrokenData) error {
	r, err := b.about(ctx, tx, PromiseBroken, d.Place)
	if err != nil {
		return err
	}
	r.to, r.at = []string{d.OwnerID}, f.Actor
	if d.CreatedBy != d.OwnerID {
		r.to = append(r.to, d.CreatedBy)
	}
	r.data["text"] = d.Text
	return b.tell(ctx, tx, r)
}

// OnNoted tells the agents a note names.
func (b *Bell) OnNoted(ctx context.Context, tx *sqldb.Tx, f event.Fact, d conversation.MessageData) error {
	if len(d.Mentions) == 0 {
		return nil
	}
	return b.tellThread(ctx, tx, f, ring{kind: Mention, to: d.Mentions})
}

// OnAssigned tells the agent a conversation was given to.
func (b *Bell) OnAssigned(ctx context.Context, tx *sqldb.Tx, f event.Fact, d conversation.AssignedData) error {
	if d.AssigneeID == "" {
		return nil
	}
	return b.tellThread(ctx, tx, f, ring{kind: Assigned, to: []string{d.AssigneeID}})
}

func (b *Bell) tellThread(ctx context.Context, tx *sqldb.Tx, f event.Fact, r ring) error {
	c, err := b.Threads.ByID(ctx, tx, conversation.ID(f.Subject))
	if err != nil {
		return err
	}
	r.subject, r.path, r.brandID, r.but, r.at = string(c.ID), "/inbox/all/"+string(c.ID), c.BrandID, f.Actor.AgentID(), f.Actor
	r.data = map[string]string{"ref": strconv.FormatInt(c.Ref, 10), "subject": c.Subject}
	return b.tell(ctx, tx, r)
}

// OnInboxHealth tells the administrators that an inbox has begun to fail.
func (b *Bell) OnInboxHealth(ctx context.Context, tx *sqldb.Tx, f event.Fact, d inbox.HealthData) error {
	if d.State != inbox.Failing {
		return nil
	}
	return b.tellInbox(ctx, tx, f, ring{kind: InboxFailing, data: map[string]string{"text": d.Error}})
}

// OnInboxExpiry tells the administrators that what an inbox signs in with ends.
func (b *Bell) OnInboxExpiry(ctx context.Context, tx *sqldb.Tx, f event.Fact, d inbox.ExpiryData) error {
	r := ring{kind: InboxExpiring, data: map[string]string{"date": d.ExpiresAt.UTC().Format(time.DateOnly)}}
	if d.Ended {
		r.kind = InboxExpired
	}
	return b.tellInbox(ctx, tx, f, r)
}

// tellInbox tells the administrators of an inbox; one that is gone is nobody's
// business.
func (b *Bell) tellInbox(ctx context.Context, tx *sqldb.Tx, f event.Fact, r ring) error {
	in, err := b.Inboxes.ByID(ctx, tx, f.Subject)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	admins, err := b.Agents.Active(ctx, tx, team.Administrator)
	if err != nil {
		return err
	}
	r.subject, r.path, r.at = in.ID, "/settings/inboxes?id="+in.ID, f.Actor
	r.data["inbox"] = in.Name
	for _, a := range admins {
		r.to = append(r.to, a.ID)
	}
	return b.tell(ctx, tx, r)
}
