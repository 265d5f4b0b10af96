package whatsapp

import (
	"encoding/json"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// button is the answer to a quick reply of a template.
func button(m *channel.Message, raw json.RawMessage) bool {
	var b struct{ Text, Payload meta.Loose }
	ok := read(raw, &b)
	choose(m, b.Text, b.Payload, "")
	return ok
}

// interactive is the answer to buttons, a list or a form of ours.
func interactive(m *channel.Message, raw json.RawMessage) bool {
	type reply struct{ ID, Title, Description meta.Loose }
	var i struct {
		Type   string
		Button *reply `json:"button_reply"`
		List   *reply `json:"list_reply"`
		Form   *struct {
			Name     meta.Loose `json:"name"`
			Body     meta.Loose `json:"body"`
			Response meta.Loose `json:"response_json"`
		} `json:"nfm_reply"`
		Permission *struct {
			Response meta.Loose `json:"response"`
		} `json:"call_permission_reply"`
	}
	if !read(raw, &i) {
		return false
	}
	switch {
	case i.Button != nil:
		choose(m, i.Button.Title, i.Button.ID, "")
	case i.List != nil:
		choose(m, i.List.Title, i.List.ID, i.List.Description)
	case i.Form != nil:
		choose(m, i.Form.Body, i.Form.Response, i.Form.Name)
	case i.Permission != nil:
		choose(m, i.Permission.Response, "call_permission", "")
	default:
		return false
	}
	return true
}

func choose(m *channel.Message, title, value, more meta.Loose) {
	m.Text = string(title)
	thing(m, "choice", map[string]string{"title": string(title), "value": string(value), "more": string(more)})
}
