package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// NewRecord is a contact beside the channels that an agent writes down.
type NewRecord struct {
	ConversationID string       `json:"conversationId,omitempty" maxLength:"64" doc:"Absent: a new one, for which inboxId, customer and subject are given."`
	InboxID        string       `json:"inboxId,omitempty" maxLength:"64" doc:"From which a new one is answered."`
	Customer       RecordCaller `json:"customer,omitempty"`
	Subject        string       `json:"subject,omitempty" maxLength:"1000"`
	How            string       `json:"how" enum:"phone,walk-in,letter,fax"`
	Ours           bool         `json:"ours,omitempty" doc:"We called or wrote; else the customer did."`
	At             *time.Time   `json:"at,omitempty" doc:"Absent: now."`
	Place          string       `json:"place,omitempty" maxLength:"1000"`
	TakenBy        string       `json:"takenBy,omitempty" maxLength:"64" doc:"The agent who took it; absent: the caller."`
	Text           string       `json:"text,omitempty"`
	AttachmentIDs  []string     `json:"attachmentIds,omitempty" maxItems:"50"`
	Tags           []string     `json:"tags,omitempty" maxItems:"50"`
	Resolve        bool         `json:"resolve,omitempty" doc:"Settled there and then."`
}

// RecordCaller is who was talked with: a customer, or what they said of themselves.
type RecordCaller struct {
	ID    string `json:"id,omitempty" maxLength:"64"`
	Name  string `json:"name,omitempty" maxLength:"300"`
	Email string `json:"email,omitempty" maxLength:"320"`
	Phone string `json:"phone,omitempty" maxLength:"60"`
}

func addRecords(routes *Routes) {
	r := conversationRoutes{routes}
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/records", Permission: team.ConversationWrite, Tag: "conversations",
		Summary: "Write down a call, a visit, a letter or a fax", Status: http.StatusCreated, MaxBody: maxMessageBody}, r.record)
}

func (r conversationRoutes) record(ctx context.Context, who Caller, in *struct{ Body NewRecord }) (Conversation, error) {
	b := in.Body
	one := conversation.Record{
		ConversationID: conversation.ID(b.ConversationID), InboxID: b.InboxID, Customer: conversation.Caller(b.Customer), Subject: b.Subject,
		How: conversation.Met(b.How), Ours: b.Ours, Place: b.Place, TakenBy: b.TakenBy, Text: b.Text, AttachmentIDs: b.AttachmentIDs,
		TagIDs: b.Tags, Resolve: b.Resolve,
	}
	if b.At != nil {
		one.At = *b.At
	}
	c, _, err := conversation.ClerkOf(r.Threads).Record(ctx, who.Actor, one)
	if err != nil {
		return Conversation{}, err
	}
	return r.summary(ctx, who, c.ID)
}
