package whatsapp

import (
	"encoding/json"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// reader puts the member of a message that its type names into m; false if it is
// not what the type promises.
type reader func(m *channel.Message, raw json.RawMessage) bool

// contents is every type of message that is known.
var contents = map[string]reader{
	"text": text, "image": file("image"), "video": file("video"), "audio": file("audio"), "document": file("document"),
	"sticker": sticker, "location": location, "contacts": cards, "button": button, "interactive": interactive,
	"reaction": reaction, "order": order, "system": system, "edit": edit, "revoke": revoke,
}

func read(raw json.RawMessage, into any) bool { return raw != nil && json.Unmarshal(raw, into) == nil }

func text(m *channel.Message, raw json.RawMessage) bool {
	var t struct {
		Body meta.Loose `json:"body"`
	}
	ok := read(raw, &t)
	m.Text = string(t.Body)
	return ok
}

// thing notes what is not words, without members that say nothing.
func thing(m *channel.Message, name string, data map[string]string) {
	for key, v := range data {
		if v == "" {
			delete(data, key)
		}
	}
	m.Thing = &channel.Thing{Name: name, Data: data}
}

// lines joins what is not empty.
func lines(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

func location(m *channel.Message, raw json.RawMessage) bool {
	var l struct{ Name, Address, URL, Latitude, Longitude meta.Loose }
	ok := read(raw, &l)
	thing(m, "location", map[string]string{"title": string(l.Name), "address": string(l.Address), "url": string(l.URL),
		"latitude": string(l.Latitude), "longitude": string(l.Longitude)})
	m.Text = lines("\n", string(l.Name), string(l.Address))
	return ok
}

// cards are entries of an address book. The first is told in full.
func cards(m *channel.Message, raw json.RawMessage) bool {
	var list []struct {
		Name struct {
			Whole meta.Loose `json:"formatted_name"`
			First meta.Loose `json:"first_name"`
			Last  meta.Loose `json:"last_name"`
		}
		Phones []struct {
			Phone meta.Loose `json:"phone"`
			WaID  meta.Loose `json:"wa_id"`
		}
		Emails []struct{ Email meta.Loose }
		Org    struct{ Company meta.Loose }
	}
	if !read(raw, &list) || len(list) == 0 {
		return false
	}
	var told []string
	for i, c := range list {
		name := string(c.Name.Whole)
		if name == "" {
			name = lines(" ", string(c.Name.First), string(c.Name.Last))
		}
		data := map[string]string{"name": name, "organization": string(c.Org.Company)}
		if len(c.Phones) > 0 {
			data["phone"] = string(c.Phones[0].Phone)
			if data["phone"] == "" {
				data["phone"] = address(c.Phones[0].WaID)
			}
		}
		if len(c.Emails) > 0 {
			data["email"] = string(c.Emails[0].Email)
		}
		told = append(told, lines(" · ", name, data["organization"], data["phone"], data["email"]))
		if i == 0 {
			thing(m, "contact", data)
		}
	}
	m.Text = lines("\n", told...)
	return true
}

func reaction(m *channel.Message, raw json.RawMessage) bool {
	var r struct {
		Emoji meta.Loose `json:"emoji"`
		To    meta.Loose `json:"message_id"`
	}
	if !read(raw, &r) {
		return false
	}
	if r.Emoji == "" {
		m.Subject = "reaction taken back"
		return true
	}
	m.InReplyTo = []string{string(r.To)}
	thing(m, "reaction", map[string]string{"emoji": string(r.Emoji), "to": string(r.To)})
	return true
}

// order is a basket of a catalogue.
func order(m *channel.Message, raw json.RawMessage) bool {
	var o struct {
		Catalog meta.Loose `json:"catalog_id"`
		Text    meta.Loose `json:"text"`
		Items   []struct {
			SKU      meta.Loose `json:"product_retailer_id"`
			Quantity meta.Loose `json:"quantity"`
			Price    meta.Loose `json:"item_price"`
			Currency meta.Loose `json:"currency"`
		} `json:"product_items"`
	}
	if !read(raw, &o) {
		return false
	}
	told := []string{string(o.Text)}
	for _, i := range o.Items {
		told = append(told, lines(" ", string(i.Quantity), "×", string(i.SKU), string(i.Price), string(i.Currency)))
	}
	m.Text = lines("\n", told...)
	thing(m, "order", map[string]string{"catalog": string(o.Catalog)})
	return true
}

// system tells of a change of the person's account. Nobody said anything.
func system(m *channel.Message, raw json.RawMessage) bool {
	var s struct{ Body, Type meta.Loose }
	ok := read(raw, &s)
	m.Subject = lines(": ", "system", string(s.Type), string(s.Body))
	return ok
}

func edit(m *channel.Message, raw json.RawMessage) bool {
	var e struct {
		Original meta.Loose `json:"original_message_id"`
		Message  struct {
			Text  struct{ Body meta.Loose }
			Image struct{ Caption meta.Loose }
			Video struct{ Caption meta.Loose }
		} `json:"message"`
	}
	ok := read(raw, &e)
	m.Edits = string(e.Original)
	m.Text = lines("\n", string(e.Message.Text.Body), string(e.Message.Image.Caption), string(e.Message.Video.Caption))
	return ok && m.Text != ""
}

func revoke(m *channel.Message, raw json.RawMessage) bool {
	var r struct {
		Original meta.Loose `json:"original_message_id"`
	}
	ok := read(raw, &r)
	m.Deletes = string(r.Original)
	return ok && m.Deletes != ""
}

// advert notes which advertisement the person came from, if any.
func advert(m *channel.Message, raw json.RawMessage) {
	var r struct {
		URL      meta.Loose `json:"source_url"`
		Type     meta.Loose `json:"source_type"`
		Headline meta.Loose `json:"headline"`
	}
	if m.Thing == nil && read(raw, &r) {
		thing(m, "referral", map[string]string{"title": string(r.Headline), "permalink": string(r.URL), "kind": string(r.Type)})
	}
}
