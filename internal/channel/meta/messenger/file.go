package messenger

import (
	"context"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// into reads an attachment.
func (a attached) into(m *channel.Message) {
	at := a.Payload.URL
	if at == "" {
		at = a.URL
	}
	title := a.Payload.Title
	if title == "" {
		title = a.Title
	}
	switch {
	case a.Payload.Sticker != "":
		thing(m, "sticker", map[string]meta.Loose{"id": a.Payload.Sticker})
		file(m, "image", at)
	case a.Type == "image" || a.Type == "video" || a.Type == "audio" || a.Type == "file":
		file(m, a.Type, at)
	case a.Type == "story_mention":
		thing(m, "story", map[string]meta.Loose{"kind": "mention"})
		file(m, "story", at)
	case a.Type == "location":
		thing(m, "location", map[string]meta.Loose{"title": title, "latitude": a.Payload.Coordinates.Lat, "longitude": a.Payload.Coordinates.Long})
		m.Text = lines("\n", meta.Loose(m.Text), title)
	case shared[a.Type]:
		for _, p := range a.Payload.Product.Elements {
			title = meta.Loose(lines("\n", title, meta.Loose(lines(" · ", p.Title, p.Subtitle))))
		}
		thing(m, "share", map[string]meta.Loose{"title": title, "permalink": at, "kind": meta.Loose(a.Type)})
		m.Text = lines("\n", meta.Loose(m.Text), title)
	default:
		thing(m, "unknown", map[string]meta.Loose{"kind": meta.Loose(a.Type), "permalink": at})
	}
}

// shared lists attachments that point at something of the vendor's or elsewhere.
var shared = map[string]bool{"share": true, "fallback": true, "template": true, "ig_post": true, "ig_reel": true, "reel": true, "post": true, "ig_story": true}

// types are what the vendor's words for files most likely mean: it says no more
// before the file is fetched.
var types = map[string]struct{ contentType, ending string }{
	"image": {"image/jpeg", ".jpg"}, "video": {"video/mp4", ".mp4"}, "audio": {"audio/mp4", ".m4a"}, "file": {"application/octet-stream", ""},
	"story": {"application/octet-stream", ""},
}

// file notes a file that is to be fetched.
func file(m *channel.Message, sort string, at meta.Loose) {
	u, err := url.Parse(string(at))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		if m.Thing == nil {
			thing(m, "unknown", map[string]meta.Loose{"kind": meta.Loose(sort)})
		}
		return
	}
	t := types[sort]
	name := sort + t.ending
	if last := path.Base(u.Path); strings.Contains(last, ".") && sort != "story" {
		name = last
	}
	m.Parts = append(m.Parts, channel.Part{Name: name, ContentType: t.contentType, Ref: string(at)})
}

// Fetch implements channel.Fetcher.
func (e *Endpoint) Fetch(ctx context.Context, ref string) (io.ReadCloser, string, error) {
	return e.graph.OpenPublic(ctx, ref)
}
