package telegram

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Names of things, see channel.Thing.
const (
	thingSticker  = "sticker"
	thingLocation = "location"
	thingContact  = "contact"
	thingChoice   = "choice"
	thingUnknown  = "unknown"
)

const refFile = "file:" // Part.Ref

// Parse is Kind.Parse: it understands one update.
func Parse(raw []byte) (*channel.Message, error) {
	u, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("not a Telegram update: %w", err)
	}
	switch {
	case u.Message != nil:
		return u.Message.understand(false), nil
	case u.Edited != nil:
		return u.Edited.understand(true), nil
	case u.Callback != nil:
		return u.Callback.understand(), nil
	case u.Member != nil:
		return u.Member.understand(), nil
	}
	return &channel.Message{Subject: cmp.Or(u.kind, "update")}, nil
}

func (m *message) understand(edited bool) *channel.Message {
	out := &channel.Message{ExternalID: m.external(), At: unix(m.Date)}
	if !m.Chat.private() {
		// The person could not be answered alone, and a group is no customer.
		out.Subject = cmp.Or(m.Chat.Type, "group") + ".message"
		return out
	}
	out.From, out.Language = m.sender(), m.From.Language
	if m.ReplyTo != nil && m.ReplyTo.ID != "" {
		out.InReplyTo = []string{string(m.Chat.ID) + "/" + string(m.ReplyTo.ID)}
	}
	if edited {
		out.Edits, out.ExternalID = out.ExternalID, fmt.Sprintf("%s/%d", out.ExternalID, m.EditDate)
		out.At = unix(cmp.Or(m.EditDate, m.Date))
		if m.Location != nil { // somebody goes along with a shared place
			out.Edits, out.Subject = "", "edited_message.location"
			return out
		}
	}
	m.tell(out)
	return out
}

// sender is who is answered: in a private chat its id is the person's.
func (m *message) sender() channel.Address {
	return channel.Address{Name: m.From.name(), Address: string(m.Chat.ID)}
}

// tell writes what a message holds into out.
func (m *message) tell(out *channel.Message) {
	words := cmp.Or(m.Text, m.Caption)
	out.Parts = m.files()
	switch {
	case m.started(out):
		return
	case m.Sticker != nil:
		out.Thing = thing(thingSticker, "title", m.Sticker.Emoji, "set", m.Sticker.SetName)
		words = m.Sticker.Emoji
	case m.Venue != nil:
		v := m.Venue
		out.Thing = thing(thingLocation, "title", v.Title, "address", v.Address, "latitude", v.Location.Latitude.String(), "longitude", v.Location.Longitude.String())
		words = lines(v.Title, v.Address)
	case m.Location != nil:
		at := m.Location
		out.Thing = thing(thingLocation, "latitude", at.Latitude.String(), "longitude", at.Longitude.String())
		words = at.Latitude.String() + ", " + at.Longitude.String()
	case m.Contact != nil:
		name := strings.TrimSpace(m.Contact.FirstName + " " + m.Contact.LastName)
		out.Thing = thing(thingContact, "title", name, "phone", m.Contact.Phone)
		words = lines(name, m.Contact.Phone)
	case words == "" && len(out.Parts) == 0:
		m.tellOther(out)
	}
	out.Text, out.Visible = words, words
}

// started reports whether it is what Telegram's start button sends: nobody said
// anything, but may be written to from now on. A link to the bot can carry
// something along.
func (m *message) started(out *channel.Message) bool {
	rest, is := strings.CutPrefix(m.Text, "/start")
	if !is || rest != "" && rest[0] != ' ' {
		return false
	}
	out.Contact = channel.ContactAllowed
	if rest = strings.TrimSpace(rest); rest != "" {
		out.Thing = thing(thingChoice, "title", rest, "data", rest)
		out.Text, out.Visible = rest, rest
	}
	return true
}

// tellOther is for what is neither words nor a file nor any thing we know.
func (m *message) tellOther(out *channel.Message) {
	known := []string{"message_id", "message_thread_id", "from", "sender_chat", "chat", "date", "edit_date", "reply_to_message", "via_bot",
		"author_signature", "media_group_id", "has_protected_content", "is_from_offline", "business_connection_id", "reply_markup", "quote",
		"external_reply", "is_topic_message", "is_automatic_forward", "link_preview_options", "entities", "effect_id", "text", "caption"}
	quiet := []string{"pinned_message", "write_access_allowed", "connected_website", "message_auto_delete_timer_changed", "chat_background_set"}
	kind := ""
	for _, name := range m.members {
		if !slices.Contains(known, name) && !strings.HasPrefix(name, "forward_") {
			kind = name
		}
	}
	if slices.Contains(quiet, kind) {
		out.Subject = "message." + kind
		return
	}
	out.Thing = thing(thingUnknown, "kind", "message."+kind)
}

// files are those of a message: all kinds but photos have one.
func (m *message) files() (parts []channel.Part) {
	if n := len(m.Photo); n > 0 { // the last is the largest
		parts = append(parts, part(&m.Photo[n-1], m.name(".jpg"), "image/jpeg"))
	}
	if m.Animation != nil { // comes as a document, too
		return append(parts, part(m.Animation, m.name(".mp4"), "video/mp4"))
	}
	for _, one := range []struct {
		file            *file
		ending, usually string
	}{
		{m.Video, ".mp4", "video/mp4"}, {m.VideoNote, ".mp4", "video/mp4"}, {m.Audio, ".mp3", "audio/mpeg"},
		{m.Voice, ".ogg", "audio/ogg"}, {m.Document, "", "application/octet-stream"},
	} {
		if one.file != nil {
			parts = append(parts, part(one.file, m.name(one.ending), one.usually))
		}
	}
	return parts
}

func (m *message) name(ending string) string { return string(m.ID) + ending }

func part(f *file, name, contentType string) channel.Part {
	return channel.Part{Name: cmp.Or(f.Name, name), ContentType: cmp.Or(f.MIME, contentType), Ref: refFile + f.ID, Size: max(f.Size, 0)}
}

// understand is a pressed button.
func (c *callback) understand() *channel.Message {
	out := &channel.Message{ExternalID: "callback/" + string(c.ID)}
	if !c.Message.Chat.private() {
		out.Subject = cmp.Or(c.Message.Chat.Type, "group") + ".callback_query"
		return out
	}
	out.From = channel.Address{Name: c.From.name(), Address: string(c.Message.Chat.ID)}
	out.Language = c.From.Language
	title := c.Data
	for _, row := range c.Message.ReplyMarkup.Keyboard {
		for _, b := range row {
			if b.Data == c.Data && b.Text != "" {
				title = b.Text
			}
		}
	}
	out.Thing = thing(thingChoice, "title", title, "data", c.Data)
	out.Text, out.Visible = title, title
	return out
}

// understand is somebody who blocked the bot, or lets it write again.
func (m *member) understand() *channel.Message {
	out := &channel.Message{At: unix(m.Date)}
	if !m.Chat.private() {
		out.Subject = cmp.Or(m.Chat.Type, "group") + ".my_chat_member"
		return out
	}
	out.From = channel.Address{Name: m.From.name(), Address: string(m.Chat.ID)}
	switch m.New.Status {
	case "kicked", "left":
		out.Contact = channel.ContactEnded
	case "member":
		out.Contact = channel.ContactAllowed
	default:
		out.Subject = "my_chat_member." + m.New.Status
	}
	return out
}

// thing makes one of names and values, without the empty ones.
func thing(name string, pairs ...string) *channel.Thing {
	data := map[string]string{}
	for pair := range slices.Chunk(pairs, 2) {
		data[pair[0]] = pair[1]
	}
	maps.DeleteFunc(data, func(_, v string) bool { return v == "" })
	return &channel.Thing{Name: name, Data: data}
}

func lines(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
}
