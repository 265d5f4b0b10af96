package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Draft is what the caller has begun to write in a conversation.
type Draft struct {
	ConversationID string       `json:"conversationId"`
	Kind           string       `json:"kind" enum:"reply,note"`
	HTML           string       `json:"html"`
	Text           string       `json:"text"`
	To             []Addr       `json:"to" nullable:"false"`
	Cc             []Addr       `json:"cc" nullable:"false"`
	Bcc            []Addr       `json:"bcc" nullable:"false"`
	Attachments    []Attachment `json:"attachments" nullable:"false"`
	Choices        []string     `json:"choices" nullable:"false" doc:"Quick replies, as far as they are written."`
	UpdatedAt      *time.Time   `json:"updatedAt"`
	Version        int64        `json:"version"`
}

func viewDraft(d conversation.Draft) Draft {
	kind := d.Kind
	if kind == "" {
		kind = conversation.DraftReply
	}
	return Draft{ConversationID: string(d.ConversationID), Kind: kind, HTML: d.HTML, Text: d.Text, To: addrs(d.To), Cc: addrs(d.Cc), Bcc: addrs(d.Bcc),
		Attachments: attachmentViews(d.Attachments), Choices: append([]string{}, d.Choices...), UpdatedAt: moment(d.UpdatedAt), Version: d.Version}
}

type draftInput struct {
	ByID
	Body struct {
		Kind          string   `json:"kind" enum:"reply,note"`
		HTML          string   `json:"html,omitempty"`
		Text          string   `json:"text,omitempty"`
		To            []Addr   `json:"to,omitempty" maxItems:"50"`
		Cc            []Addr   `json:"cc,omitempty" maxItems:"50"`
		Bcc           []Addr   `json:"bcc,omitempty" maxItems:"50"`
		AttachmentIDs []string `json:"attachmentIds,omitempty" maxItems:"50"`
		Choices       []string `json:"choices,omitempty" maxItems:"20"`
		Version       int64    `json:"version,omitempty" doc:"The version it was read at; 0 overwrites."`
	}
}

func addDrafts(r *Routes) {
	const path = "/conversations/{id}/draft"
	Handle(r, Op{Method: http.MethodGet, Path: path, Permission: team.ConversationWrite, Summary: "The caller's draft; an empty one of version 0 if there is none"},
		func(ctx context.Context, who Caller, in *ByID) (out Draft, err error) {
			err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				c, err := r.Threads.ByID(ctx, tx, conversation.ID(in.ID))
				if err != nil {
					return err
				}
				d, _, err := r.Drafts.ByAgent(ctx, tx, c.ID, who.Agent.ID)
				d.ConversationID = c.ID
				out = viewDraft(d)
				return err
			})
			return out, err
		})
	Handle(r, Op{Method: http.MethodPut, Path: path, Permission: team.ConversationWrite, Summary: "Keep the caller's draft", MaxBody: maxMessageBody},
		func(ctx context.Context, who Caller, in *draftInput) (Draft, error) {
			b := in.Body
			d, err := r.Drafts.Save(ctx, who.Actor, conversation.ID(in.ID), conversation.DraftChange{Kind: b.Kind, HTML: b.HTML, Text: b.Text,
				To: channelAddrs(b.To), Cc: channelAddrs(b.Cc), Bcc: channelAddrs(b.Bcc), AttachmentIDs: b.AttachmentIDs, Choices: b.Choices, Version: b.Version})
			return viewDraft(d), err
		})
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: path, Permission: team.ConversationWrite, Summary: "Throw the caller's draft away"},
		func(ctx context.Context, who Caller, in *ByID) error {
			return r.Drafts.Drop(ctx, who.Actor, conversation.ID(in.ID))
		})
}
