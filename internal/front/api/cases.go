package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

type casesInput struct {
	PageQuery
	State          string `query:"state" enum:"open,detected,reopened,acknowledged,assessed,owner_contacted,diagnosed,plan_agreed,remedy_delivered,followed_up,surveyed,closed,learning,any," doc:"open: all but closed, the most severe and oldest first. learning: closed, and the lesson is still to be written. Empty or any: all, newest first."`
	Severity       int    `query:"severity" minimum:"0" maximum:"4"`
	OwnerID        string `query:"ownerId" maxLength:"64" doc:"An agent, or none for cases without an owner."`
	Overdue        bool   `query:"overdue"`
	BrandID        string `query:"brandId" maxLength:"64"`
	ConversationID string `query:"conversationId" maxLength:"64"`
	CustomerID     string `query:"customerId" maxLength:"64"`
}

func (in casesInput) filter() recovery.Filter {
	f := recovery.Filter{State: recovery.State(in.State), Severity: in.Severity, OwnerID: in.OwnerID, Overdue: in.Overdue, BrandID: in.BrandID,
		ConversationID: in.ConversationID, CustomerID: in.CustomerID, Cursor: in.Cursor, Limit: in.Limit}
	if in.State == "any" {
		f.State = ""
	}
	if in.OwnerID == "none" {
		f.OwnerID, f.Nobody = "", true
	}
	return f
}

type newCaseInput struct {
	Body struct {
		ConversationID string `json:"conversationId" maxLength:"64"`
		Harm           int    `json:"harm" enum:"1,2,3,5" doc:"1 inconvenience, 2 time, 3 money, 5 safety, law or personal data."`
		Reason         string `json:"reason" maxLength:"16000"`
	}
}

// CasePatch names what changes of a case; what is absent stays.
type CasePatch struct {
	OwnerID Optional[string] `json:"ownerId,omitempty" maxLength:"64" doc:"Needs case.own; null or an empty one takes the owner away."`
	Inputs  *InputsPatch     `json:"inputs,omitempty"`
	Cause   *Cause           `json:"cause,omitempty"`
	Measure *Measure         `json:"measure,omitempty"`
	Version int64            `json:"version,omitempty" doc:"The version it was read at; 0 overwrites."`
}

// InputsPatch corrects single inputs of the severity.
type InputsPatch struct {
	Harm            *int  `json:"harm,omitempty" enum:"1,2,3,5"`
	FirmResponsible *bool `json:"firmResponsible,omitempty"`
	Recurring       *bool `json:"recurring,omitempty"`
	DoubleDeviation *bool `json:"doubleDeviation,omitempty"`
	Public          *bool `json:"public,omitempty"`
	Vulnerable      *bool `json:"vulnerable,omitempty"`
	Relationship    *bool `json:"relationship,omitempty"`
	StrongAnger     *bool `json:"strongAnger,omitempty"`
}

func (p CasePatch) patch() recovery.Patch {
	out := recovery.Patch{OwnerID: p.OwnerID.set()}
	if p.Inputs != nil {
		in := recovery.InputsPatch(*p.Inputs)
		out.Inputs = &in
	}
	if p.Cause != nil {
		c := recovery.Cause(*p.Cause)
		out.Cause = &c
	}
	if p.Measure != nil {
		out.Measure = &recovery.Measure{Text: p.Measure.Text}
		if p.Measure.DueAt != nil {
			out.Measure.DueAt = p.Measure.DueAt.UTC()
		}
	}
	if p.Version != 0 {
		out.Version = &p.Version
	}
	return out
}

// BoardColumn is one state's column of the board.
type BoardColumn struct {
	State string `json:"state"`
	Total int    `json:"total"`
	Items []Case `json:"items" nullable:"false" doc:"The first of them, most severe and oldest first."`
}

// Board is the open cases by state.
type Board struct {
	Columns []BoardColumn `json:"columns" nullable:"false"`
}

type boardInput struct {
	BrandID string `query:"brandId" maxLength:"64"`
	OwnerID string `query:"ownerId" maxLength:"64"`
}

type stepInput struct {
	ByID
	StepID string `path:"stepId" maxLength:"64"`
	Body   struct {
		Evidence Evidence `json:"evidence"`
	}
}

type skipInput struct {
	ByID
	StepID string `path:"stepId" maxLength:"64"`
	Body   struct {
		Reason string `json:"reason" maxLength:"16000"`
	}
}

type closeInput struct {
	ByID
	Body struct {
		FollowUp bool   `json:"followUp" doc:"Ask the customer; only their answer makes the case recovered."`
		Outcome  string `json:"outcome,omitempty" enum:"not_recovered,unreachable,declined,no_fault,recovered," doc:"Without a follow-up: how it ended. Recovered cannot be given by hand."`
		Reason   string `json:"reason,omitempty" maxLength:"16000" doc:"For outcomes given by hand."`
	}
}

type reasonInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" maxLength:"16000"`
	}
}

type caseMessageInput struct {
	ByID
	Body struct {
		HTML          string    `json:"html,omitempty"`
		Text          string    `json:"text,omitempty"`
		To            []Addr    `json:"to,omitempty" maxItems:"50" doc:"Absent: whoever the conversation is with."`
		Cc            []Addr    `json:"cc,omitempty" maxItems:"50"`
		Bcc           []Addr    `json:"bcc,omitempty" maxItems:"50"`
		AttachmentIDs []string  `json:"attachmentIds,omitempty" maxItems:"50"`
		ReplyTo       string    `json:"replyTo,omitempty" maxLength:"64" doc:"The message that is answered; absent: the customer's latest."`
		ReplyAll      bool      `json:"replyAll,omitempty" doc:"Without to: to everybody of the answered message."`
		Resolve       bool      `json:"resolve,omitempty" doc:"Resolve the conversation once this is sent."`
		StepID        string    `json:"stepId,omitempty" maxLength:"64" doc:"The present step, which this message finishes."`
		Promise       *NewWords `json:"promise,omitempty" doc:"What the message promises."`
	}
}

func addCases(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/cases", Permission: team.CaseRead, Summary: "List recovery cases"}, caseRoutes{r}.listCases)
	Handle(r, Op{Method: http.MethodGet, Path: "/cases/board", Permission: team.CaseRead, Summary: "The open cases by state"}, caseRoutes{r}.board)
	Handle(r, Op{Method: http.MethodPost, Path: "/cases", Permission: team.CaseWork, Summary: "Open a case by hand", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newCaseInput) (CaseFull, error) {
			c, err := r.Cases.Cases.Open(ctx, who.Actor, recovery.ManualOpening{ConversationID: in.Body.ConversationID, Harm: in.Body.Harm, Reason: in.Body.Reason})
			return r.after(ctx, who, c.ID, err)
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/cases/{id}", Permission: team.CaseRead, Summary: "Read a case with its steps, promises, remedies and story"},
		func(ctx context.Context, who Caller, in *ByID) (CaseFull, error) {
			return r.after(ctx, who, recovery.ID(in.ID), nil)
		})
	Handle(r, Op{Method: http.MethodPatch, Path: "/cases/{id}", Permission: team.CaseWork, Summary: "Change the owner, the severity's inputs, the cause or the measure"},
		func(ctx context.Context, who Caller, in *struct {
			ByID
			Body CasePatch
		}) (CaseFull, error) {
			if in.Body.OwnerID.Present && !who.Can(team.CaseOwn) {
				return CaseFull{}, fault.New(fault.Denied, "error.denied")
			}
			c, err := r.Cases.Cases.Change(ctx, who.Actor, recovery.ID(in.ID), in.Body.patch())
			return r.after(ctx, who, c.ID, err)
		})
	addCaseSteps(r)
	addCaseEnds(r)
}

// caseRoutes serves lists of cases and what is written from them.
type caseRoutes struct{ *Routes }

func addCaseSteps(r *Routes) {
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/take", Permission: team.CaseWork, Summary: "Take on the present step: it is escalated no more"},
		func(ctx context.Context, who Caller, in *ByID) (CaseFull, error) {
			c, err := r.Cases.Steps.Take(ctx, who.Actor, recovery.ID(in.ID))
			return r.after(ctx, who, c.ID, err)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/steps/{stepId}/complete", Permission: team.CaseWork, Summary: "Finish the present step with what shows that it was done"},
		func(ctx context.Context, who Caller, in *stepInput) (CaseFull, error) {
			c, err := r.Cases.Steps.Complete(ctx, who.Actor, recovery.StepRef{CaseID: recovery.ID(in.ID), StepID: in.StepID}, recovery.Evidence(in.Body.Evidence))
			return r.after(ctx, who, c.ID, err)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/steps/{stepId}/skip", Permission: team.CaseWork, Summary: "Leave the present step out, for a reason"},
		func(ctx context.Context, who Caller, in *skipInput) (CaseFull, error) {
			c, err := r.Cases.Steps.Skip(ctx, who.Actor, recovery.StepRef{CaseID: recovery.ID(in.ID), StepID: in.StepID}, in.Body.Reason)
			return r.after(ctx, who, c.ID, err)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/messages", Permission: team.CaseWork, Summary: "Write to the customer in the case's conversation",
		Status: http.StatusCreated, MaxBody: maxMessageBody}, caseRoutes{r}.writeFromCase)
}

func addCaseEnds(r *Routes) {
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/close", Permission: team.CaseWork, Summary: "End our work; 422 names each missing part of the gate"},
		func(ctx context.Context, who Caller, in *closeInput) (CaseFull, error) {
			c, err := r.Cases.Cases.Close(ctx, who.Actor, recovery.ID(in.ID), recovery.Closing{FollowUp: in.Body.FollowUp,
				Outcome: recovery.Outcome(in.Body.Outcome), Reason: in.Body.Reason})
			return r.after(ctx, who, c.ID, err)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/cases/{id}/reopen", Permission: team.CaseWork, Summary: "Take a case up again: the recovery failed"},
		func(ctx context.Context, who Caller, in *reasonInput) (CaseFull, error) {
			c, err := r.Cases.Cases.Reopen(ctx, who.Actor, recovery.ID(in.ID), in.Body.Reason)
			return r.after(ctx, who, c.ID, err)
		})
}

// after returns a case as it is after a command, or the command's error.
func (r *Routes) after(ctx context.Context, who Caller, id recovery.ID, err error) (out CaseFull, _ error) {
	if err != nil {
		return out, err
	}
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		f, err := recovery.Load(ctx, tx, id)
		if err != nil {
			return err
		}
		out, err = r.viewCaseFull(ctx, tx, who, f)
		return err
	})
	return out, err
}

func (r caseRoutes) listCases(ctx context.Context, who Caller, in *casesInput) (page Page[Case], err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		found, err := recovery.List(ctx, tx, in.filter())
		if err != nil {
			return err
		}
		page.Next = found.Next
		page.Items, err = r.viewCases(ctx, tx, who, found.Items)
		return err
	})
	return page, err
}

func (r caseRoutes) board(ctx context.Context, who Caller, in *boardInput) (out Board, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		columns, err := recovery.Board(ctx, tx, recovery.Filter{BrandID: in.BrandID, OwnerID: in.OwnerID})
		if err != nil {
			return err
		}
		out.Columns = make([]BoardColumn, 0, len(columns))
		for _, c := range columns {
			items, err := r.viewCases(ctx, tx, who, c.Items)
			if err != nil {
				return err
			}
			out.Columns = append(out.Columns, BoardColumn{State: string(c.State), Total: c.Total, Items: items})
		}
		return nil
	})
	return out, err
}

func (r caseRoutes) writeFromCase(ctx context.Context, who Caller, in *caseMessageInput) (Message, error) {
	b := in.Body
	l := recovery.Letter{CaseID: recovery.ID(in.ID), StepID: b.StepID, Promise: b.Promise.word(), Reply: conversation.Reply{
		HTML: b.HTML, Text: b.Text, To: channelAddrs(b.To), Cc: channelAddrs(b.Cc), Bcc: channelAddrs(b.Bcc), AttachmentIDs: b.AttachmentIDs,
		ReplyTo: conversation.MessageID(b.ReplyTo), ToAll: b.ReplyAll, Resolve: b.Resolve}}
	m, err := r.Cases.Cases.Write(ctx, who.Actor, l)
	if err != nil {
		return Message{}, err
	}
	return messageRoutes{r.Routes}.message(ctx, who, m.ID)
}

// NewWords is a promise to be kept by a time.
type NewWords struct {
	Text  string    `json:"text" maxLength:"16000"`
	DueAt time.Time `json:"dueAt"`
}

func (w *NewWords) word() *recovery.Word {
	if w == nil {
		return nil
	}
	return &recovery.Word{Text: w.Text, DueAt: w.DueAt}
}
