package api

import (
	"context"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Thread is a part of a conversation's messages, oldest first.
type Thread struct {
	Items []Message `json:"items" nullable:"false"`
	Next  *string   `json:"next" doc:"cursor (or before) for the part that came earlier; null when this begins with the first message."`
	Later *string   `json:"later" doc:"cursor for the part that came later; null when this ends with the last message."`
}

// NewMessage is a reply to the customer or a note among agents.
type NewMessage struct {
	Kind          string       `json:"kind" enum:"reply,note"`
	HTML          string       `json:"html,omitempty"`
	Text          string       `json:"text,omitempty"`
	To            []Addr       `json:"to,omitempty" maxItems:"50"`
	Cc            []Addr       `json:"cc,omitempty" maxItems:"50"`
	Bcc           []Addr       `json:"bcc,omitempty" maxItems:"50"`
	AttachmentIDs []string     `json:"attachmentIds,omitempty" maxItems:"50"`
	ReplyTo       string       `json:"replyTo,omitempty" maxLength:"64" doc:"The message that is answered; absent: the customer's latest."`
	ReplyAll      bool         `json:"replyAll,omitempty" doc:"Without to: to everybody of the answered message."`
	Resolve       bool         `json:"resolve,omitempty" doc:"Resolve the conversation once this is sent."`
	InHours       bool         `json:"inHours,omitempty" doc:"Hold it until the hours in which the customer likes to be reached."`
	Template      *TemplateUse `json:"template,omitempty" doc:"An approved text, in place of text: outside the channel's time for answers nothing else can be sent."`
	Public        bool         `json:"public,omitempty" doc:"Answers a comment below it, for all to see, where the channel can."`
	Choices       []string     `json:"choices,omitempty" maxItems:"13" doc:"Quick replies to offer below the text, where the channel has them."`
	Mentions      []string     `json:"mentions,omitempty" maxItems:"50" doc:"Agents, for a note."`
}

// maxMessageBody bounds the JSON of a message; attachments are uploaded apart.
const maxMessageBody = 4 << 20

type threadInput struct {
	ByID
	Cursor string `query:"cursor" maxLength:"300" doc:"next of a part, for what came earlier; later of a part, for what came later."`
	Before string `query:"before" maxLength:"300" doc:"next of a part; the same as cursor."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type newMessageInput struct {
	ByID
	Body NewMessage
}

// messageRoutes serves messages.
type messageRoutes struct{ *Routes }

func addMessages(routes *Routes) {
	r := messageRoutes{routes}
	Handle(r.Routes, Op{Method: http.MethodGet, Path: "/conversations/{id}/messages", Permission: team.ConversationRead, Summary: "Read a thread: its latest part, or before or after a cursor"}, r.thread)
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/conversations/{id}/messages", Permission: team.ConversationWrite, Summary: "Reply to the customer, or leave a note",
		Status: http.StatusCreated, MaxBody: maxMessageBody}, r.say)
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/messages/{id}/cancel", Permission: team.ConversationWrite, Summary: "Take back a message that is still held; returns it as a draft"},
		func(ctx context.Context, who Caller, in *ByID) (Draft, error) {
			d, err := r.Threads.Undo(ctx, who.Actor, conversation.MessageID(in.ID))
			return viewDraft(d), err
		})
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/messages/{id}/retry", Permission: team.ConversationWrite, Summary: "Send a failed, bounced or ambiguous message once more"},
		func(ctx context.Context, who Caller, in *ByID) (Message, error) {
			if _, err := r.Outbox.RetryMessage(ctx, who.Actor, in.ID); err != nil {
				return Message{}, err
			}
			return r.message(ctx, who, conversation.MessageID(in.ID))
		})
	addDocuments(routes)
}

func (r messageRoutes) thread(ctx context.Context, who Caller, in *threadInput) (out Thread, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		t, err := r.Threads.Messages(ctx, tx, conversation.Span{ConversationID: conversation.ID(in.ID), Before: in.Before, After: in.Cursor, Limit: in.Limit})
		if err != nil {
			return err
		}
		out.Next, out.Later = some(t.Prev), some(t.Next)
		out.Items, err = r.viewMessages(ctx, tx, who.Locale, t.Messages)
		return err
	})
	return out, err
}

func (r messageRoutes) message(ctx context.Context, who Caller, id conversation.MessageID) (out Message, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		m, err := r.Threads.Message(ctx, tx, id)
		if err != nil {
			return err
		}
		list, err := r.viewMessages(ctx, tx, who.Locale, []conversation.Message{m})
		if err == nil {
			out = list[0]
		}
		return err
	})
	return out, err
}

func (r messageRoutes) say(ctx context.Context, who Caller, in *newMessageInput) (Message, error) {
	b, id := in.Body, conversation.ID(in.ID)
	var m conversation.Message
	var err error
	switch b.Kind {
	case "note":
		m, err = r.Threads.Note(ctx, who.Actor, conversation.NewNote{ConversationID: id, HTML: b.HTML, Text: b.Text, Mentions: b.Mentions, AttachmentIDs: b.AttachmentIDs})
	case "reply":
		reply := conversation.Reply{
			ConversationID: id, HTML: b.HTML, Text: b.Text, To: channelAddrs(b.To), Cc: channelAddrs(b.Cc), Bcc: channelAddrs(b.Bcc),
			AttachmentIDs: b.AttachmentIDs, ReplyTo: conversation.MessageID(b.ReplyTo), ToAll: b.ReplyAll, Resolve: b.Resolve, Choices: b.Choices, Public: b.Public, InHours: b.InHours,
		}
		if err = r.fill(ctx, b.Template, &reply); err == nil {
			m, err = r.Threads.Post(ctx, who.Actor, reply)
		}
	default:
		err = fault.New(fault.Invalid, "error.invalid")
	}
	if err != nil {
		return Message{}, err
	}
	return r.message(ctx, who, m.ID)
}

// fill makes a reply one that sends a template, if it is to.
func (r messageRoutes) fill(ctx context.Context, use *TemplateUse, reply *conversation.Reply) error {
	if use == nil {
		return nil
	}
	var inboxID string
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		c, err := r.Threads.ByID(ctx, tx, reply.ConversationID)
		inboxID = c.InboxID
		return err
	})
	if err != nil {
		return err
	}
	reply.HTML = ""
	reply.Template, reply.Text, err = filled(ctx, r.Routes, inboxID, *use)
	return err
}
