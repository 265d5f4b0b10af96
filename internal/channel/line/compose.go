package line

import (
	"context"
	"errors"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// noLink is why a file cannot be sent: LINE fetches files, and nobody outside
// reaches this server. It is the key of a phrase.
const noLink = "delivery.reason.noLink"

// object is one message of a request.
type object struct {
	Type               string `json:"type"`
	Text               string `json:"text,omitempty"`
	OriginalContentURL string `json:"originalContentUrl,omitempty"`
	PreviewImageURL    string `json:"previewImageUrl,omitempty"`
	Duration           int64  `json:"duration,omitempty"` // milliseconds
	QuickReply         *quick `json:"quickReply,omitempty"`
}

// quick is buttons below the last message: pressing one says its words.
type quick struct {
	Items []quickItem `json:"items"`
}

type quickItem struct {
	Type   string            `json:"type"`
	Action map[string]string `json:"action"`
}

func quickReplies(choices []string) *quick {
	if len(choices) == 0 {
		return nil
	}
	q := &quick{}
	for _, c := range choices {
		q.Items = append(q.Items, quickItem{Type: "action", Action: map[string]string{"type": "message", "label": c, "text": c}})
	}
	return q
}

// compose makes a message into LINE's: its words, its pictures, films and
// recordings, and one text with the addresses of all other files.
func compose(ctx context.Context, m *channel.Outgoing) ([]object, error) {
	var out []object
	for _, words := range can().Split(strings.TrimSpace(m.Text)) {
		if words != "" {
			out = append(out, object{Type: "text", Text: words})
		}
	}
	var links []string
	for i, p := range m.Parts {
		link := address(m.Link, i)
		if link == "" {
			return nil, &channel.RefusedError{Text: noLink}
		}
		o, ok, err := shown(ctx, m, i)
		if err != nil {
			return nil, err
		}
		if o.OriginalContentURL = link; ok {
			out = append(out, o)
			continue
		}
		links = append(links, p.Name+"\n"+link)
	}
	if len(links) > 0 {
		for _, words := range can().Split(strings.Join(links, "\n\n")) {
			out = append(out, object{Type: "text", Text: words})
		}
	}
	if len(out) == 0 {
		return nil, &channel.RefusedError{Text: "delivery.reason.empty"}
	}
	out[len(out)-1].QuickReply = quickReplies(m.Choices)
	return out, nil
}

func address(of func(part int) string, part int) string {
	if of == nil {
		return ""
	}
	return of(part)
}

// shown makes what a file can be in the chat; false if it can only be a link.
// Pictures and films want a preview, and a small picture is its own; recordings
// want to say how long they are.
func shown(ctx context.Context, m *channel.Outgoing, part int) (o object, ok bool, err error) {
	p := m.Parts[part]
	media, takes := can().Takes(p.ContentType, p.Size)
	switch {
	case !takes || media.Name == "document":
		return o, false, nil
	case media.Name == "audio":
		d, err := length(ctx, p)
		if errors.Is(err, errNoLength) {
			return o, false, nil
		}
		return object{Type: media.Name, Duration: d.Milliseconds()}, true, err
	}
	o = object{Type: media.Name, PreviewImageURL: address(m.Preview, part)}
	if o.PreviewImageURL == "" && media.Name == "image" && p.Size <= maxPreview {
		o.PreviewImageURL = address(m.Link, part)
	}
	return o, o.PreviewImageURL != "", nil
}
