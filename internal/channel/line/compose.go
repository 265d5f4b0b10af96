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

// compose makes a message into LINE's: its words, its pictures, and one text
// with the addresses of all other files.
func compose(m *channel.Outgoing) ([]object, error) {
	var out []object
	for _, words := range can().Split(strings.TrimSpace(m.Text)) {
		if words != "" {
			out = append(out, object{Type: "text", Text: words})
		}
	}
	var links []string
	for i, p := range m.Parts {
		link := ""
		if m.Link != nil {
			link = m.Link(i)
		}
		switch {
		case link == "":
			return nil, &channel.RefusedError{Text: noLink}
		case shows(p):
			out = append(out, object{Type: "image", OriginalContentURL: link, PreviewImageURL: link})
		default:
			links = append(links, p.Name+"\n"+link)
		}
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

// shows reports whether a file can stand in the chat as a picture. A preview has
// to be given and may be small only; as there is no smaller copy, a larger
// picture goes as a link, which always arrives.
func shows(p channel.OutgoingPart) bool {
	media, ok := can().Takes(p.ContentType, p.Size)
	return ok && media.Name == "image" && p.Size <= maxPreview
}
