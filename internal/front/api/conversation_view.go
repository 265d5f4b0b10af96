package api

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Conversation is one row of a list and the head of a thread.
type Conversation struct {
	ID              string          `json:"id"`
	Ref             int64           `json:"ref"`
	BrandID         string          `json:"brandId"`
	InboxID         string          `json:"inboxId"`
	Subject         string          `json:"subject"`
	Status          string          `json:"status" enum:"open,pending,snoozed,resolved,closed"`
	Priority        string          `json:"priority" enum:"low,normal,high,urgent"`
	AssigneeID      *string         `json:"assigneeId"`
	TeamID          *string         `json:"teamId"`
	SnoozedUntil    *time.Time      `json:"snoozedUntil"`
	Tags            []string        `json:"tags" nullable:"false"`
	Customer        CustomerRef     `json:"customer"`
	Preview         string          `json:"preview"`
	Last            *EventView      `json:"last" doc:"What the last message holds where it has no words to preview, such as a call."`
	Unread          bool            `json:"unread"`
	WaitingSince    *time.Time      `json:"waitingSince"`
	LastMessageAt   time.Time       `json:"lastMessageAt"`
	LastMessageFrom string          `json:"lastMessageFrom" enum:"customer,agent,"`
	MessageCount    int             `json:"messageCount"`
	CreatedAt       time.Time       `json:"createdAt"`
	ResolvedAt      *time.Time      `json:"resolvedAt"`
	Muted           bool            `json:"muted"`
	CaseID          *string         `json:"caseId"`
	Score           *ScoreOfContact `json:"score"`
	Version         int64           `json:"version"`
}

// CustomerRef is a customer beside something else.
type CustomerRef struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
}

// ScoreOfContact is the latest score of a conversation.
type ScoreOfContact struct {
	Value int    `json:"value" minimum:"1" maximum:"5"`
	Band  string `json:"band" enum:"satisfied,neutral,dissatisfied"`
}

// Addr is an address with a name.
type Addr struct {
	Name    string `json:"name,omitempty" maxLength:"300"`
	Address string `json:"address" maxLength:"320"`
}

func addrs(list []channel.Address) []Addr {
	out := make([]Addr, 0, len(list))
	for _, a := range list {
		out = append(out, Addr(a))
	}
	return out
}

func channelAddrs(list []Addr) []channel.Address {
	out := make([]channel.Address, 0, len(list))
	for _, a := range list {
		out = append(out, channel.Address(a))
	}
	return out
}

func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

var priorityNames = [...]string{"low", "normal", "high", "urgent"}

func priorityOf(name string) *conversation.Priority {
	for i, n := range priorityNames {
		if n == name {
			p := conversation.Priority(i)
			return &p
		}
	}
	return nil
}

// viewConversations completes rows with what other slices know of them.
func viewConversations(ctx context.Context, tx *sqldb.Tx, list []conversation.Summary) ([]Conversation, error) {
	ids := make([]string, len(list))
	for i, s := range list {
		ids[i] = string(s.ID)
	}
	marks, err := insight.Marks(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Conversation, 0, len(list))
	for _, s := range list {
		out = append(out, viewConversation(s, marks[string(s.ID)]))
	}
	return out, nil
}

func viewConversation(s conversation.Summary, m insight.Mark) Conversation {
	v := Conversation{
		ID: string(s.ID), Ref: s.Ref, BrandID: s.BrandID, InboxID: s.InboxID, Subject: s.Subject, Status: string(s.Status),
		Priority: priorityNames[s.Priority], AssigneeID: some(s.AssigneeID), TeamID: some(s.TeamID), SnoozedUntil: moment(s.SnoozedUntil),
		Tags: append([]string{}, s.TagIDs...), Customer: CustomerRef{ID: s.CustomerID, Name: s.CustomerName, Address: s.CustomerAddress},
		Preview: s.Preview, Unread: s.Unread, WaitingSince: moment(s.WaitingSince), LastMessageAt: s.LastAt, LastMessageFrom: s.LastFrom,
		MessageCount: s.MessageCount, CreatedAt: s.CreatedAt, ResolvedAt: moment(s.ResolvedAt), Muted: s.Muted,
		CaseID: some(m.CaseID), Version: s.Version,
	}
	if s.Last != nil {
		v.Last = &EventView{Name: s.Last.Name, Data: s.Last.Data}
	}
	if m.Score > 0 {
		v.Score = &ScoreOfContact{Value: m.Score, Band: m.Band}
	}
	return v
}

// summary reads one conversation as clients see it.
func (r *Routes) summary(ctx context.Context, who Caller, id conversation.ID) (v Conversation, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		s, err := r.Threads.Summary(ctx, tx, id, who.Agent.ID)
		if err != nil {
			return err
		}
		list, err := viewConversations(ctx, tx, []conversation.Summary{s})
		if err == nil {
			v = list[0]
		}
		return err
	})
	return v, err
}
