package line

import (
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
}

// compose makes a message into LINE's: its words, its pictures and films, and one
// text with the addresses of all other files.
func compose(m *channel.Outgoing) ([]object, error) {
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
		if kind, preview := shown(m, i); kind != "" {
			out = append(out, object{Type: kind, OriginalContentURL: link, PreviewImageURL: preview})
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
	return out, nil
}

func address(of func(part int) string, part int) string {
	if of == nil {
		return ""
	}
	return of(part)
}

// shown says as what a file can stand in the chat, "" if only as a link, and where
// the preview is that LINE wants for it. A small picture is its own.
func shown(m *channel.Outgoing, part int) (kind, preview string) {
	p := m.Parts[part]
	media, ok := can().Takes(p.ContentType, p.Size)
	if !ok || media.Name == "document" {
		return "", ""
	}
	preview = address(m.Preview, part)
	if preview == "" && media.Name == "image" && p.Size <= maxPreview {
		preview = address(m.Link, part)
	}
	if preview == "" {
		return "", ""
	}
	return media.Name, preview
}
