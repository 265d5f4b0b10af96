package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

type conversationsInput struct {
	PageQuery
	View       string `query:"view" enum:"mine,unassigned,all,mentions," doc:"Whose; empty for all."`
	Status     string `query:"status" enum:"open,pending,snoozed,resolved,closed,any," doc:"Empty or any for all."`
	InboxID    string `query:"inboxId" maxLength:"64"`
	AssigneeID string `query:"assigneeId" maxLength:"64"`
	CustomerID string `query:"customerId" maxLength:"64"`
	TagID      string `query:"tagId" maxLength:"64"`
	Priority   string `query:"priority" enum:"low,normal,high,urgent,"`
	Sort       string `query:"sort" enum:"newest,oldest,waiting,priority,"`
}

// ConversationPatch names what changes; what is absent stays. null (or "") takes
// the assignment away, or ends the snooze.
type ConversationPatch struct {
	Status       *string             `json:"status,omitempty" enum:"open,pending,snoozed,resolved,closed"`
	AssigneeID   Optional[string]    `json:"assigneeId,omitempty"`
	TeamID       Optional[string]    `json:"teamId,omitempty"`
	Priority     *string             `json:"priority,omitempty" enum:"low,normal,high,urgent"`
	SnoozedUntil Optional[time.Time] `json:"snoozedUntil,omitempty"`
	Tags         *[]string           `json:"tags,omitempty" maxItems:"50"`
	Subject      *string             `json:"subject,omitempty" maxLength:"1000"`
	InboxID      *string             `json:"inboxId,omitempty" maxLength:"64" doc:"Where it goes on: an inbox of the same brand whose channel reaches the customer."`
	Version      int64               `json:"version,omitempty" doc:"The version it was read at; 0 overwrites."`
}

func (p ConversationPatch) patch() conversation.Patch {
	out := conversation.Patch{AssigneeID: p.AssigneeID.set(), TeamID: p.TeamID.set(), SnoozedUntil: p.SnoozedUntil.set(), TagIDs: p.Tags, Subject: p.Subject, InboxID: p.InboxID, Version: p.Version}
	if p.Status != nil {
		s := conversation.Status(*p.Status)
		out.Status = &s
	}
	if p.Priority != nil {
		out.Priority = priorityOf(*p.Priority)
	}
	return out
}

// Counts are the figures beside the views of the inbox.
type Counts struct {
	Views    map[string]int `json:"views" doc:"Open conversations: mine, unassigned, all, mentions."`
	Statuses map[string]int `json:"statuses"`
	Inboxes  map[string]int `json:"inboxes" doc:"Open conversations by inbox."`
}

type intoInput struct {
	ByID
	Body struct {
		IntoID string `json:"intoId" maxLength:"64"`
	}
}

type joinInput struct {
	ByID
	Body struct {
		IntoID       string `json:"intoId" maxLength:"64"`
		SameCustomer bool   `json:"sameCustomer,omitempty" doc:"Their two customers are one person: they become one, and that cannot be taken back."`
	}
}

type splitInput struct {
	ByID
	Body struct {
		MessageID string `json:"messageId" maxLength:"64" doc:"The first message of the new conversation."`
	}
}

// Suggestion is a conversation that may be about the same matter.
type Suggestion struct {
	Conversation
	Reason  string `json:"reason" enum:"stranger,inbox,closed,late,split,returning,address,subject,customer" doc:"What connects it."`
	Written string `json:"written,omitempty" doc:"The other customer's address that was written in this conversation."`
}

// conversationRoutes serves conversations.
type conversationRoutes struct{ *Routes }

func addConversations(routes *Routes) {
	r := conversationRoutes{routes}
	Handle(r.Routes, Op{Method: http.MethodGet, Path: "/conversations", Permission: team.ConversationRead, Summary: "List conversations"}, r.listConversations)
	Handle(r.Routes, Op{Method: http.MethodGet, Path: "/conversations/counts", Permission: team.ConversationRead, Summary: "Count what needs somebody"}, r.countConversations)
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/conversations", Permission: team.ConversationWrite, Summary: "Write to somebody first", Status: http.StatusCreated}, r.beginConversation)
	Handle(r.Routes, Op{Method: http.MethodGet, Path: "/conversations/{id}", Permission: team.ConversationRead, Summary: "Read a conversation"},
		func(ctx context.Context, who Caller, in *ByID) (Conversation, error) {
			return r.summary(ctx, who, conversation.ID(in.ID))
		})
	Handle(r.Routes, Op{Method: http.MethodPatch, Path: "/conversations/{id}", Permission: team.ConversationWrite, Summary: "Change status, assignment, priority, tags or subject"},
		func(ctx context.Context, who Caller, in *struct {
			ByID
			Body ConversationPatch
		}) (Conversation, error) {
			c, err := r.Threads.Change(ctx, who.Actor, conversation.ID(in.ID), in.Body.patch())
			if err != nil {
				return Conversation{}, err
			}
			return r.summary(ctx, who, c.ID)
		})
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/conversations/bulk", Permission: team.ConversationWrite, Summary: "Change several conversations at once"}, r.changeMany)
	r.joins()
}

func (r conversationRoutes) joins() {
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/conversations/{id}/merge", Permission: team.ConversationWrite, Summary: "Merge into another conversation; split undoes it"},
		func(ctx context.Context, who Caller, in *intoInput) (Conversation, error) {
			c, err := r.Threads.Merge(ctx, who.Actor, conversation.ID(in.ID), conversation.ID(in.Body.IntoID))
			if err != nil {
				return Conversation{}, err
			}
			return r.summary(ctx, who, c.ID)
		})
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/conversations/{id}/join", Permission: team.CustomerWrite,
		Summary: "Merge into the conversation that its customer goes on with; two customers become one"},
		func(ctx context.Context, who Caller, in *joinInput) (Conversation, error) {
			c, err := conversation.ClerkOf(r.Threads).Join(ctx, who.Actor, conversation.Joined{From: conversation.ID(in.ID), Into: conversation.ID(in.Body.IntoID), SameCustomer: in.Body.SameCustomer})
			if err != nil {
				return Conversation{}, err
			}
			return r.summary(ctx, who, c.ID)
		})
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/conversations/{id}/split", Permission: team.ConversationWrite, Summary: "Make a conversation of its own from a message on"},
		func(ctx context.Context, who Caller, in *splitInput) (Conversation, error) {
			c, err := r.Threads.Split(ctx, who.Actor, conversation.ID(in.ID), conversation.MessageID(in.Body.MessageID))
			if err != nil {
				return Conversation{}, err
			}
			return r.summary(ctx, who, c.ID)
		})
	Handle(r.Routes, Op{Method: http.MethodGet, Path: "/conversations/{id}/suggestions", Permission: team.ConversationRead, Summary: "What may be about the same matter"}, r.suggestions)
	HandleEmpty(r.Routes, Op{Method: http.MethodPut, Path: "/conversations/{id}/read", Permission: team.ConversationRead, Summary: "Mark as read by the caller"},
		func(ctx context.Context, who Caller, in *ByID) error {
			return r.Threads.Read(ctx, who.Actor, conversation.ID(in.ID))
		})
}

func (r conversationRoutes) listConversations(ctx context.Context, who Caller, in *conversationsInput) (Page[Conversation], error) {
	f := conversation.Filter{
		Reader: who.Agent.ID, View: conversation.View(in.View), Status: conversation.Status(in.Status), InboxID: in.InboxID, AssigneeID: in.AssigneeID,
		CustomerID: in.CustomerID, TagID: in.TagID, Priority: priorityOf(in.Priority), Sort: conversation.Sort(in.Sort), Cursor: in.Cursor, Limit: in.Limit,
	}
	if in.Status == "any" {
		f.Status = ""
	}
	page := Page[Conversation]{}
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		found, err := r.Threads.List(ctx, tx, f)
		if err != nil {
			return err
		}
		page.Next = found.Next
		page.Items, err = viewConversations(ctx, tx, found.Items)
		return err
	})
	return page, err
}

func (r conversationRoutes) countConversations(ctx context.Context, who Caller, _ *struct{}) (out Counts, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		c, err := r.Threads.Counts(ctx, tx, who.Agent.ID)
		out = Counts{Views: map[string]int{"mine": c.Mine, "unassigned": c.Unassigned, "all": c.All, "mentions": c.Mentions}, Statuses: map[string]int{}, Inboxes: c.Inboxes}
		for s, n := range c.Statuses {
			out.Statuses[string(s)] = n
		}
		return err
	})
	return out, err
}

func (r conversationRoutes) beginConversation(ctx context.Context, who Caller, in *struct {
	Body struct {
		InboxID       string       `json:"inboxId" maxLength:"64"`
		To            []Addr       `json:"to" minItems:"1" maxItems:"50"`
		Cc            []Addr       `json:"cc,omitempty" maxItems:"50"`
		Bcc           []Addr       `json:"bcc,omitempty" maxItems:"50"`
		Subject       string       `json:"subject,omitempty" maxLength:"1000" doc:"Of a mail; other channels have none."`
		HTML          string       `json:"html,omitempty"`
		Text          string       `json:"text,omitempty"`
		AttachmentIDs []string     `json:"attachmentIds,omitempty" maxItems:"50"`
		Template      *TemplateUse `json:"template,omitempty" doc:"An approved text, in place of text: a channel with a time for answers lets nothing else begin."`
	}
}) (Conversation, error) {
	b := in.Body
	o := conversation.Opening{
		InboxID: b.InboxID, To: channelAddrs(b.To), Cc: channelAddrs(b.Cc), Bcc: channelAddrs(b.Bcc), Subject: b.Subject,
		HTML: b.HTML, Text: b.Text, AttachmentIDs: b.AttachmentIDs,
	}
	if b.Template != nil {
		var err error
		if o.Template, o.Text, err = filled(ctx, r.Routes, b.InboxID, *b.Template); err != nil {
			return Conversation{}, err
		}
		o.HTML = ""
	}
	c, _, err := r.Threads.Begin(ctx, who.Actor, o)
	if err != nil {
		return Conversation{}, err
	}
	return r.summary(ctx, who, c.ID)
}

func (r conversationRoutes) changeMany(ctx context.Context, who Caller, in *struct {
	Body struct {
		IDs   []string          `json:"ids" minItems:"1" maxItems:"200"`
		Patch ConversationPatch `json:"patch"`
	}
}) (out Page[Conversation], err error) {
	ids := make([]conversation.ID, 0, min(len(in.Body.IDs), conversation.MaxBulk))
	for _, id := range in.Body.IDs {
		ids = append(ids, conversation.ID(id))
	}
	out.Items = []Conversation{}
	changed, err := r.Threads.ChangeAll(ctx, who.Actor, ids, in.Body.Patch.patch())
	if err != nil {
		return out, err
	}
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		var rows []conversation.Summary
		for _, c := range changed {
			s, err := r.Threads.Summary(ctx, tx, c.ID, who.Agent.ID)
			if err != nil {
				return err
			}
			rows = append(rows, s)
		}
		out.Items, err = viewConversations(ctx, tx, rows)
		return err
	})
	return out, err
}

func (r conversationRoutes) suggestions(ctx context.Context, who Caller, in *ByID) (out Page[Suggestion], err error) {
	out.Items = []Suggestion{}
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		list, err := r.Threads.Suggestions(ctx, tx, conversation.ID(in.ID), who.Agent.ID)
		if err != nil {
			return err
		}
		var rows []conversation.Summary
		for _, s := range list {
			rows = append(rows, s.Summary)
		}
		views, err := viewConversations(ctx, tx, rows)
		for i, v := range views {
			out.Items = append(out.Items, Suggestion{Conversation: v, Reason: list[i].Reason, Written: list[i].Written})
		}
		return err
	})
	return out, err
}
