package whatsapp

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// piece is one message of the vendor's.
type piece struct {
	what string // "text 1", the name of a file
	body map[string]any
}

// Send implements channel.Channel. Files are uploaded first: that delivers
// nothing, and fails before anything is said.
func (e *Endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	to, err := meta.One(m)
	if err != nil {
		return err
	}
	pieces, err := e.compose(ctx, m)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	var arrived []string
	for _, p := range pieces {
		addressTo(p.body, to.Address)
		p.body["biz_opaque_callback_data"] = m.ID
		var got struct {
			Messages []struct {
				ID string `json:"id"`
			} `json:"messages"`
		}
		if err := e.graph.Post(ctx, "/"+e.settings.PhoneNumberID+"/messages", p.body, &got); err != nil {
			return meta.Partly(err, arrived)
		}
		arrived = append(arrived, p.what)
		for _, one := range got.Messages {
			m.Accepted = append(m.Accepted, one.ID)
		}
	}
	return nil
}

// addressTo names the recipient: by number, or by the vendor's id of a person who
// does not show theirs. The address book knows addresses in small letters only.
func addressTo(body map[string]any, address string) {
	body["messaging_product"], body["recipient_type"] = "whatsapp", "individual"
	if strings.HasPrefix(address, "+") {
		body["to"] = address
		return
	}
	body["recipient"] = strings.ToUpper(address)
}

// compose makes the pieces of a message and uploads its files.
func (e *Endpoint) compose(ctx context.Context, m *channel.Outgoing) (out []piece, err error) {
	if m.Template != nil {
		one, err := e.templated(ctx, m)
		return []piece{one}, err
	}
	caption, text := "", strings.TrimSpace(m.Text)
	if len(m.Choices) > 0 {
		return e.asking(ctx, m, text)
	}
	if len(m.Parts) > 0 && utf8.RuneCountInString(text) <= maxCaption && captioned(m.Parts[0].ContentType, m.Parts[0].Size) {
		caption = text
	} else if text != "" {
		for i, s := range can.Split(text) {
			out = append(out, piece{"text " + strconv.Itoa(i+1), map[string]any{"type": "text", "text": map[string]any{"body": s, "preview_url": false}}})
		}
	}
	for _, part := range m.Parts {
		one, err := e.upload(ctx, part, caption)
		if err != nil {
			return nil, err
		}
		out, caption = append(out, one), ""
	}
	if len(out) == 0 {
		return nil, &channel.RefusedError{Text: "there is nothing to send"}
	}
	return out, nil
}

// asking is a message with buttons: they stand below its last words, which come
// after the files.
func (e *Endpoint) asking(ctx context.Context, m *channel.Outgoing, text string) (out []piece, err error) {
	for _, part := range m.Parts {
		one, err := e.upload(ctx, part, "")
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	short := can
	short.Text = maxAsking
	texts := short.Split(text)
	for i, s := range texts {
		out = append(out, piece{"text " + strconv.Itoa(i+1), map[string]any{"type": "text", "text": map[string]any{"body": s, "preview_url": false}}})
	}
	var buttons []map[string]any
	for i, c := range m.Choices {
		buttons = append(buttons, map[string]any{"type": "reply", "reply": map[string]any{"id": "choice:" + strconv.Itoa(i), "title": c}})
	}
	out[len(out)-1].body = map[string]any{"type": "interactive", "interactive": map[string]any{"type": "button",
		"body": map[string]any{"text": texts[len(texts)-1]}, "action": map[string]any{"buttons": buttons}}}
	return out, nil
}

// captioned reports whether words can stand below a file of a type.
func captioned(contentType string, size int64) bool {
	sort, ok := can.Takes(contentType, size)
	return ok && sort.Name != "audio"
}

func (e *Endpoint) upload(ctx context.Context, part channel.OutgoingPart, caption string) (p piece, err error) {
	sort, ok := can.Takes(part.ContentType, part.Size)
	if !ok {
		return p, &channel.RefusedError{Text: fmt.Sprintf("%s: a file of type %s and %d bytes is not taken", part.Name, part.ContentType, part.Size)}
	}
	var got struct {
		ID string `json:"id"`
	}
	form := map[string]string{"messaging_product": "whatsapp", "type": part.ContentType}
	file := meta.File{Field: "file", Name: part.Name, ContentType: part.ContentType, Open: part.Open}
	if err := e.graph.Upload(ctx, "/"+e.settings.PhoneNumberID+"/media", form, file, &got); err != nil {
		return p, meta.Judge(err, false)
	}
	media := map[string]any{"id": got.ID}
	if caption != "" {
		media["caption"] = caption
	}
	if sort.Name == "document" {
		media["filename"] = part.Name
	}
	return piece{part.Name, map[string]any{"type": sort.Name, sort.Name: media}}, nil
}
