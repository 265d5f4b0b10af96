package api

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Message is one entry of a thread.
type Message struct {
	ID             string        `json:"id"`
	ConversationID string        `json:"conversationId"`
	Kind           string        `json:"kind" enum:"incoming,outgoing,note,event"`
	Author         Author        `json:"author"`
	At             time.Time     `json:"at"`
	From           *Addr         `json:"from"`
	ReplyTo        []Addr        `json:"replyTo" nullable:"false"`
	To             []Addr        `json:"to" nullable:"false"`
	Cc             []Addr        `json:"cc" nullable:"false"`
	Bcc            []Addr        `json:"bcc" nullable:"false"`
	Subject        string        `json:"subject"`
	Text           string        `json:"text"`
	Quoted         string        `json:"quoted"`
	HasHTML        bool          `json:"hasHtml"`
	RemoteImages   int           `json:"remoteImages"`
	Lang           string        `json:"lang"`
	Attachments    []Attachment  `json:"attachments" nullable:"false"`
	Delivery       *DeliveryView `json:"delivery"`
	Automatic      bool          `json:"automatic"`
	HasRaw         bool          `json:"hasRaw" doc:"Whether the original mail can be downloaded."`
	Event          *EventView    `json:"event"`
}

// Author is who wrote an entry.
type Author struct {
	Kind string `json:"kind" enum:"customer,agent,system,rule,key"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Attachment is a file of a message or a draft.
type Attachment struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size"`
	Inline      bool   `json:"inline"`
	State       string `json:"state" enum:",waiting,gone,large" doc:"Empty: it can be downloaded. waiting: it is being fetched. gone, large: it cannot be had."`
}

// DeliveryView is how far an outgoing message has come.
type DeliveryView struct {
	State     string     `json:"state" enum:"held,queued,sending,sent,failed,ambiguous,bounced,cancelled"`
	At        time.Time  `json:"at"`
	Error     string     `json:"error" doc:"The other side's own words, or ours in the reader's language."`
	Attempts  int        `json:"attempts"`
	HoldUntil *time.Time `json:"holdUntil"`

	DeliveredAt *time.Time `json:"deliveredAt" doc:"When it reached the customer's device, where the channel says."`
	ReadAt      *time.Time `json:"readAt" doc:"When the customer read it, where the channel says."`
}

// EventView is something that happened in the thread.
type EventView struct {
	Name string            `json:"name"`
	Data map[string]string `json:"data"`
}

func attachmentViews(list []conversation.Attachment) []Attachment {
	out := make([]Attachment, 0, len(list))
	for _, a := range list {
		out = append(out, Attachment{ID: a.ID, Name: a.Name, ContentType: a.ContentType, Size: a.Size, Inline: a.Inline, State: string(a.State)})
	}
	return out
}

// viewMessages completes messages with the state of their delivery.
func (r *Routes) viewMessages(ctx context.Context, tx *sqldb.Tx, lang string, list []conversation.Message) ([]Message, error) {
	var sent []string
	for _, m := range list {
		if m.Kind == conversation.Outgoing {
			sent = append(sent, string(m.ID))
		}
	}
	deliveries, err := r.Outbox.ByMessages(ctx, tx, sent)
	if err != nil {
		return nil, err
	}
	out := make([]Message, 0, len(list))
	for _, m := range list {
		v := viewMessage(m)
		if d, ok := deliveries[string(m.ID)]; ok {
			v.Delivery = r.viewDelivery(lang, d)
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *Routes) viewDelivery(lang string, d delivery.Delivery) *DeliveryView {
	v := &DeliveryView{State: string(d.State), At: d.StateAt, Error: d.Error, Attempts: d.Attempts, HoldUntil: moment(d.HoldUntil), DeliveredAt: moment(d.DeliveredAt), ReadAt: moment(d.ReadAt)}
	if r.Phrases.Has(lang, d.Error) {
		v.Error = r.Phrases.Text(lang, d.Error, nil)
	}
	return v
}

func viewMessage(m conversation.Message) Message {
	v := Message{
		ID: string(m.ID), ConversationID: string(m.ConversationID), Kind: string(m.Kind), Author: Author{Kind: m.AuthorKind, ID: m.AuthorID, Name: m.AuthorName},
		At: m.At, ReplyTo: addrs(m.Envelope.ReplyTo), To: addrs(m.Envelope.To), Cc: addrs(m.Envelope.Cc), Bcc: addrs(m.Envelope.Bcc),
		Subject: m.Subject, Text: m.Body, Quoted: m.Quoted, HasHTML: m.HasHTML, RemoteImages: m.RemoteImages, Lang: m.Language,
		Attachments: attachmentViews(m.Attachments), Automatic: m.Automatic, HasRaw: m.LedgerID != "",
	}
	if m.Envelope.From.Address != "" || m.Envelope.From.Name != "" {
		from := Addr(m.Envelope.From)
		v.From = &from
	}
	if m.Event != nil {
		v.Event = &EventView{Name: m.Event.Name, Data: m.Event.Data}
	}
	return v
}
