package sms

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
)

// Send implements channel.Channel.
func (e *Endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	to := m.Recipients()
	if len(to) != 1 || to[0].Address == "" {
		return &channel.RefusedError{Text: "a message goes to one number"}
	}
	forms, err := e.compose(m, to[0].Address)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	for i, form := range forms {
		var got struct {
			SID string `json:"sid"`
		}
		if err := e.account.Post(ctx, "/Messages.json", form, &got); err != nil {
			return twilio.Partly(err, i, len(forms))
		}
		m.Accepted = append(m.Accepted, got.SID)
	}
	return nil
}

// compose makes the messages of an answer. Files go with the first one.
func (e *Endpoint) compose(m *channel.Outgoing, to string) (forms []url.Values, err error) {
	files, err := links(m)
	if err != nil {
		return nil, err
	}
	words := strings.TrimSpace(m.Text)
	if words == "" && len(files) == 0 {
		return nil, &channel.RefusedError{Text: "there is nothing to send"}
	}
	for i, text := range can.Split(words) {
		form := url.Values{"To": {to}}
		if text != "" {
			form.Set("Body", text)
		}
		if e.service != "" {
			form.Set("MessagingServiceSid", e.service)
		} else {
			form.Set("From", e.account.Number)
		}
		if hook := e.account.Host.Hook; strings.HasPrefix(hook, "https://") || hook != "" && e.account.APIBase != "" {
			// Twilio refuses addresses that it cannot reach.
			form.Set("StatusCallback", hook+"/"+statusPath+"?"+url.Values{letterName: {m.ID}}.Encode())
		}
		if i == 0 {
			form["MediaUrl"] = files
		}
		forms = append(forms, form)
	}
	return forms, nil
}

// links returns addresses from which Twilio can fetch the files.
func links(m *channel.Outgoing) (out []string, err error) {
	for i, part := range m.Parts {
		if _, ok := can.Takes(part.ContentType, part.Size); !ok {
			return nil, &channel.RefusedError{Text: fmt.Sprintf("%s: a file of type %s and %d bytes is not taken", part.Name, part.ContentType, part.Size)}
		}
		link := ""
		if m.Link != nil {
			link = m.Link(i)
		}
		if link == "" {
			return nil, &channel.RefusedError{Text: "files can be sent only where this desk can be reached from outside"}
		}
		out = append(out, link)
	}
	return out, nil
}
