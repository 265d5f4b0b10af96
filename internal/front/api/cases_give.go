package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

// Remedy is what is given to make good.
type Remedy struct {
	ID          string     `json:"id"`
	Type        string     `json:"type" enum:"apology,refund,exchange,redo,credit"`
	Amount      int64      `json:"amount" doc:"In minor units of the currency: yen, cents. 0: none."`
	Currency    string     `json:"currency"`
	Text        string     `json:"text"`
	State       string     `json:"state" enum:"proposed,approved,refused,delivered,forgone"`
	ProposedBy  string     `json:"proposedBy" doc:"Agent."`
	ApprovedBy  *string    `json:"approvedBy" doc:"Agent who approved it; who proposed it, within the own authority."`
	Reason      string     `json:"reason" doc:"Why it was refused or forgone."`
	DecidedAt   *time.Time `json:"decidedAt"`
	DeliveredAt *time.Time `json:"deliveredAt"`
	CreatedAt   time.Time  `json:"createdAt"`
}

// Authority says how much a role may give by itself.
type Authority struct {
	Role        string `json:"role" enum:"administrator,manager,agent"`
	Type        string `json:"type" enum:"apology,refund,exchange,redo,credit"`
	Currency    string `json:"currency" maxLength:"3" doc:"Three letters; empty for remedies without an amount and for currencies without a line."`
	Limit       int64  `json:"limit" minimum:"-1" doc:"For one case, in minor units; -1 for no limit."`
	PeriodLimit int64  `json:"periodLimit" minimum:"-1" doc:"For one person within 30 days, in minor units; -1 for no limit."`
}

type newRemedyInput struct {
	ByID
	Body struct {
		Type     string `json:"type" enum:"apology,refund,exchange,redo,credit"`
		Amount   int64  `json:"amount,omitempty" minimum:"0"`
		Currency string `json:"currency,omitempty" maxLength:"3"`
		Text     string `json:"text,omitempty" maxLength:"16000"`
	}
}

// RemedyPath names a remedy of a case.
type RemedyPath struct {
	ByID
	RemedyID string `path:"rid" maxLength:"64"`
}

type refuseInput struct {
	RemedyPath
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"16000"`
	} `required:"false"`
}

type forgoInput struct {
	RemedyPath
	Body struct {
		Reason string `json:"reason" maxLength:"16000"`
	}
}

type newPromiseInput struct {
	ByID
	Body NewWords
}

type promiseInput struct {
	ByID
	PromiseID string `path:"pid" maxLength:"64"`
}

func (in RemedyPath) ref() recovery.GiftRef {
	return recovery.GiftRef{CaseID: recovery.ID(in.ID), GiftID: in.RemedyID}
}

func addRemedies(r *Routes) {
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/remedies", Permission: team.CaseWork, Status: http.StatusCreated,
		Summary: "Offer a remedy: approved within the caller's authority, else proposed to the next role up"},
		func(ctx context.Context, who Caller, in *newRemedyInput) (Remedy, error) {
			b := in.Body
			g, err := r.Cases.Remedies.Propose(ctx, who.Actor, who.Role, recovery.ID(in.ID),
				recovery.Offer{Type: recovery.RemedyType(b.Type), Amount: b.Amount, Currency: b.Currency, Text: b.Text})
			return viewRemedy(g), err
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/remedies/{rid}/approve", Permission: team.RemedyApprove, Summary: "Approve somebody else's proposal"},
		func(ctx context.Context, who Caller, in *RemedyPath) (Remedy, error) {
			g, err := r.Cases.Remedies.Approve(ctx, who.Actor, who.Role, in.ref())
			return viewRemedy(g), err
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/remedies/{rid}/refuse", Permission: team.RemedyApprove, Summary: "Decide against a proposal"},
		func(ctx context.Context, who Caller, in *refuseInput) (Remedy, error) {
			reason := ""
			if in.Body != nil {
				reason = in.Body.Reason
			}
			g, err := r.Cases.Remedies.Refuse(ctx, who.Actor, in.ref(), reason)
			return viewRemedy(g), err
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/remedies/{rid}/deliver", Permission: team.CaseWork, Summary: "Say that the customer has it"},
		func(ctx context.Context, who Caller, in *RemedyPath) (Remedy, error) {
			g, err := r.Cases.Remedies.Deliver(ctx, who.Actor, in.ref())
			return viewRemedy(g), err
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/remedies/{rid}/forgo", Permission: team.CaseWork, Summary: "Do without a remedy that the customer does not have yet"},
		func(ctx context.Context, who Caller, in *forgoInput) (Remedy, error) {
			g, err := r.Cases.Remedies.Forgo(ctx, who.Actor, in.ref(), in.Body.Reason)
			return viewRemedy(g), err
		})
	addPromises(r)
}

func addPromises(r *Routes) {
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/promises", Permission: team.CaseWork, Summary: "Keep a promise made to the customer", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newPromiseInput) (Promise, error) {
			p, err := r.Cases.Promises.Make(ctx, who.Actor, recovery.ID(in.ID), *in.Body.word())
			return viewPromise(p), err
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/promises/{pid}/keep", Permission: team.CaseWork, Summary: "Say that a promise was kept"},
		func(ctx context.Context, who Caller, in *promiseInput) (Promise, error) {
			p, err := r.Cases.Promises.Keep(ctx, who.Actor, recovery.ID(in.ID), in.PromiseID)
			return viewPromise(p), err
		})
	HandleEmpty(r, Op{Method: http.MethodPost, Path: "/cases/{id}/promises/{pid}/withdraw", Permission: team.CaseWork, Summary: "Take an open promise back"},
		func(ctx context.Context, who Caller, in *promiseInput) error {
			return r.Cases.Promises.Withdraw(ctx, who.Actor, recovery.ID(in.ID), in.PromiseID)
		})
}

func addAuthorities(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/authorities", Permission: team.SettingsRead, Summary: "Who may give how much"},
		func(ctx context.Context, _ Caller, _ *struct{}) (AuthorityList, error) {
			return readAuthorities(ctx, r)
		})
	Handle(r, Op{Method: http.MethodPut, Path: "/authorities", Permission: team.SettingsWrite, Summary: "Set who may give how much"},
		func(ctx context.Context, who Caller, in *struct {
			Body struct {
				Items   []Authority `json:"items" maxItems:"500"`
				Version *int64      `json:"version,omitempty" minimum:"0" doc:"The version it was read at: 409 if it is another by now. Absent overwrites."`
			}
		}) (AuthorityList, error) {
			lines := make([]recovery.Authority, 0, len(in.Body.Items))
			for _, a := range in.Body.Items {
				lines = append(lines, recovery.Authority{Role: team.Role(a.Role), Type: recovery.RemedyType(a.Type), Currency: a.Currency,
					PerCase: a.Limit, PerPeriod: a.PeriodLimit})
			}
			if _, err := r.Cases.Remedies.SetAuthorities(ctx, who.Actor, lines, in.Body.Version); err != nil {
				return AuthorityList{}, err
			}
			return readAuthorities(ctx, r)
		})
}

// AuthorityList is who may give how much.
type AuthorityList struct {
	Page[Authority]
	Version int64 `json:"version" doc:"Goes back with a change, so that nobody's is lost."`
}

func readAuthorities(ctx context.Context, r *Routes) (list AuthorityList, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		lines, err := r.Cases.Remedies.Authorities(ctx, tx)
		if err != nil {
			return err
		}
		list.Items = viewAuthorities(lines)
		list.Version, err = r.Cases.Remedies.AuthoritiesVersion(ctx, tx)
		return err
	})
	return list, err
}

func viewAuthorities(lines []recovery.Authority) []Authority {
	out := make([]Authority, 0, len(lines))
	for _, a := range lines {
		out = append(out, Authority{Role: string(a.Role), Type: string(a.Type), Currency: a.Currency, Limit: a.PerCase, PeriodLimit: a.PerPeriod})
	}
	return out
}

func viewRemedy(g recovery.Gift) Remedy {
	v := Remedy{ID: g.ID, Type: string(g.Type), Amount: g.Amount, Currency: g.Currency, Text: g.Text, State: string(g.State),
		ProposedBy: recovery.ParseActor(g.ProposedBy).ID, Reason: g.Reason, DecidedAt: moment(g.DecidedAt), DeliveredAt: moment(g.DeliveredAt), CreatedAt: g.CreatedAt}
	if g.State == recovery.Approved || g.State == recovery.Delivered {
		v.ApprovedBy = some(recovery.ParseActor(g.DecidedBy).ID)
	}
	return v
}
