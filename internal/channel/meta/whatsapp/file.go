package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// attached is a file of a message.
type attached struct {
	ID       meta.Loose `json:"id"`
	Type     meta.Loose `json:"mime_type"`
	Name     meta.Loose `json:"filename"`
	Caption  meta.Loose `json:"caption"`
	Animated bool       `json:"animated"`
}

// file reads a message that is one file.
func file(sort string) reader {
	return func(m *channel.Message, raw json.RawMessage) bool {
		var a attached
		if !read(raw, &a) || a.ID == "" {
			return false
		}
		m.Text = string(a.Caption)
		m.Parts = append(m.Parts, a.part(sort))
		return true
	}
}

func sticker(m *channel.Message, raw json.RawMessage) bool {
	var a attached
	if !read(raw, &a) || a.ID == "" {
		return false
	}
	thing(m, "sticker", map[string]string{"kind": string(a.Type)})
	m.Parts = append(m.Parts, a.part("sticker"))
	return true
}

func (a attached) part(sort string) channel.Part {
	mediaType, _, _ := strings.Cut(strings.ReplaceAll(string(a.Type), `\`, ""), ";")
	name := string(a.Name)
	if name == "" {
		name = sort + endings[mediaType]
	}
	return channel.Part{Name: name, ContentType: mediaType, Ref: string(a.ID)}
}

// endings are those of files that come without a name.
var endings = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "video/mp4": ".mp4", "video/3gpp": ".3gp",
	"audio/aac": ".aac", "audio/amr": ".amr", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg", "application/pdf": ".pdf",
}

// noObject is how the API says that an id is none, or none any more.
const noObject = 100

// Fetch implements channel.Fetcher. The vendor keeps a file for some weeks under
// its id, and gives an address for it that holds for minutes.
func (e *Endpoint) Fetch(ctx context.Context, ref string) (io.ReadCloser, string, error) {
	if strings.Trim(ref, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != "" || ref == "" {
		return nil, "", &channel.RefusedError{Text: "no id of a file"}
	}
	var at struct {
		URL  string `json:"url"`
		Type string `json:"mime_type"`
	}
	if err := e.graph.Get(ctx, "/"+ref, url.Values{"phone_number_id": {e.settings.PhoneNumberID}}, &at); err != nil {
		var no *meta.Failure
		if errors.As(err, &no) && no.Code == noObject {
			return nil, "", &channel.RefusedError{Code: no.Code, Text: no.Error()}
		}
		return nil, "", meta.Judge(err, false)
	}
	if at.URL == "" {
		return nil, "", errors.New("the answer has no address")
	}
	r, contentType, err := e.graph.Open(ctx, at.URL)
	if at.Type != "" {
		contentType = at.Type
	}
	return r, contentType, err
}
