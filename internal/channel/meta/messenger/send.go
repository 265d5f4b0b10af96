package messenger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// object is any part of a call.
type object = map[string]any

// piece is one message of the vendor's.
type piece struct {
	what    string // "text 1", the name of a file
	message object
}

// Send implements channel.Channel. An answer to a comment goes to its writer in
// private, and names the comment: the vendor takes one such answer. Or it stands
// below the comment, if that is wanted.
func (e *Endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	if m.Public {
		return e.publish(ctx, m)
	}
	to, err := meta.One(m)
	if err != nil {
		return err
	}
	recipient := object{"id": to.Address}
	comment, private := strings.CutPrefix(m.InReplyTo, commentID)
	if private {
		recipient = object{"comment_id": comment}
	}
	pieces, err := e.compose(ctx, m)
	switch {
	case err != nil:
		return err
	case private && len(pieces) > 1:
		return &channel.RefusedError{Text: "a comment is answered with one message"}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	var arrived []string
	for _, p := range pieces {
		var got struct {
			ID string `json:"message_id"`
		}
		doc := object{"recipient": recipient, "message": p.message}
		if e.kind == page {
			doc["messaging_type"] = "RESPONSE"
		}
		if e.late(m) {
			doc["messaging_type"], doc["tag"] = "MESSAGE_TAG", "HUMAN_AGENT"
		}
		if err := e.graph.Post(ctx, "/me/messages", doc, &got); err != nil {
			return meta.Partly(err, arrived)
		}
		arrived = append(arrived, p.what)
		m.Accepted = append(m.Accepted, got.ID)
	}
	return nil
}

// late reports whether a message needs the tag for a human agent: a person wrote it
// when the usual time was over.
func (e *Endpoint) late(m *channel.Outgoing) bool {
	return e.settings.Human && !m.Automatic && !m.HeardAt.IsZero() && e.now().Sub(m.HeardAt) > window
}

// publish answers a comment below it.
func (e *Endpoint) publish(ctx context.Context, m *channel.Outgoing) error {
	comment, ok := strings.CutPrefix(m.InReplyTo, commentID)
	text := strings.TrimSpace(m.Text)
	switch {
	case len(m.Recipients()) == 0:
		return &channel.RefusedError{Text: "nobody to send to"}
	case !ok || strings.Trim(comment, "0123456789_") != "":
		return &channel.RefusedError{Text: "there is no comment to answer"}
	case text == "" || len(m.Parts) > 0 || e.can.Count(text) > e.can.Text:
		return &channel.RefusedError{Text: "a comment is answered with words alone, as many as fit"}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	path := "/" + comment + "/comments"
	if e.kind == instagram {
		path = "/" + comment + "/replies"
	}
	var got struct {
		ID meta.Loose `json:"id"`
	}
	if err := e.graph.Post(ctx, path, object{"message": text}, &got); err != nil {
		return meta.Judge(err, true)
	}
	m.Accepted = append(m.Accepted, commentID+string(got.ID))
	return nil
}

// compose makes the pieces of a message; files of a page are uploaded first.
func (e *Endpoint) compose(ctx context.Context, m *channel.Outgoing) (out []piece, err error) {
	if text := strings.TrimSpace(m.Text); text != "" {
		for i, s := range e.can.Split(text) {
			out = append(out, piece{"text " + strconv.Itoa(i+1), object{"text": s}})
		}
	}
	for i, part := range m.Parts {
		sort, ok := e.can.Takes(part.ContentType, part.Size)
		if !ok {
			return nil, &channel.RefusedError{Text: fmt.Sprintf("%s: a file of type %s and %d bytes is not taken", part.Name, part.ContentType, part.Size)}
		}
		payload, err := e.payload(ctx, m, i, sort.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, piece{part.Name, object{"attachment": object{"type": sort.Name, "payload": payload}}})
	}
	if len(out) == 0 {
		return nil, &channel.RefusedError{Text: "there is nothing to send"}
	}
	return offering(out, m), nil
}

// offering puts quick replies below the last words of a message, which then come
// after the files.
func offering(pieces []piece, m *channel.Outgoing) []piece {
	if len(m.Choices) == 0 {
		return pieces
	}
	words := len(pieces) - len(m.Parts)
	pieces = slices.Concat(pieces[words:], pieces[:words])
	var replies []object
	for i, c := range m.Choices {
		replies = append(replies, object{"content_type": "text", "title": c, "payload": "choice:" + strconv.Itoa(i)})
	}
	pieces[len(pieces)-1].message["quick_replies"] = replies
	return pieces
}

// payload is where the vendor finds a file: uploaded for a page, or at an address
// of ours for an account, which takes no uploads.
func (e *Endpoint) payload(ctx context.Context, m *channel.Outgoing, i int, sort string) (object, error) {
	if e.kind == instagram {
		link := ""
		if m.Link != nil {
			link = m.Link(i)
		}
		if link == "" {
			return nil, &channel.RefusedError{Text: "files can be sent only where this desk can be reached from outside"}
		}
		return object{"url": link}, nil
	}
	part := m.Parts[i]
	// What is not reusable cannot be sent at all once it is uploaded.
	doc, err := json.Marshal(object{"attachment": object{"type": sort, "payload": object{"is_reusable": true}}})
	if err != nil {
		return nil, err
	}
	var got struct {
		ID meta.Loose `json:"attachment_id"`
	}
	file := meta.File{Field: "filedata", Name: part.Name, ContentType: part.ContentType, Open: part.Open}
	if err := e.graph.Upload(ctx, "/me/message_attachments", map[string]string{"message": string(doc)}, file, &got); err != nil {
		return nil, meta.Judge(err, false)
	}
	return object{"attachment_id": string(got.ID)}, nil
}
