package whatsappsim

import (
	"context"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/metasim"
)

// object is any part of an event.
type object = map[string]any

// Say lets a person write.
func (s *Sim) Say(ctx context.Context, from Person, words string) error {
	return s.send(ctx, from, Line{Text: words}, object{"type": "text", "text": object{"body": words}})
}

// Picture lets a person send a picture with words below it.
func (s *Sim) Picture(ctx context.Context, from Person, name string, data []byte, words string) error {
	id := s.Keep("7", metasim.Kept{Name: name, Type: "image/jpeg", Data: data})
	return s.send(ctx, from, Line{Text: words, File: name}, object{"type": "image", "image": object{"id": id, "mime_type": "image/jpeg", "sha256": "", "caption": words}})
}

// Sticker lets a person send a sticker.
func (s *Sim) Sticker(ctx context.Context, from Person, data []byte) error {
	id := s.Keep("7", metasim.Kept{Name: "sticker.webp", Type: "image/webp", Data: data})
	return s.send(ctx, from, Line{File: "sticker.webp"}, object{"type": "sticker", "sticker": object{"id": id, "mime_type": "image/webp", "sha256": "", "animated": false}})
}

// Place is a point on a map.
type Place struct {
	Name, Address       string
	Latitude, Longitude float64 // degrees
}

// Point lets a person send where something is.
func (s *Sim) Point(ctx context.Context, from Person, p Place) error {
	return s.send(ctx, from, Line{Text: p.Name}, object{"type": "location",
		"location": object{"name": p.Name, "address": p.Address, "latitude": p.Latitude, "longitude": p.Longitude}})
}

// Press lets a person press a button that the business offered.
func (s *Sim) Press(ctx context.Context, from Person, title, payload string) error {
	return s.send(ctx, from, Line{Text: title}, object{"type": "interactive",
		"interactive": object{"type": "button_reply", "button_reply": object{"id": payload, "title": title}}})
}

// React lets a person react to a message of the business.
func (s *Sim) React(ctx context.Context, from Person, emoji, messageID string) error {
	return s.send(ctx, from, Line{Text: emoji}, object{"type": "reaction", "reaction": object{"message_id": messageID, "emoji": emoji}})
}

// Deliver brings what the business wrote to a person's phone, and says so.
func (s *Sim) Deliver(ctx context.Context, who Person) error {
	return s.report(ctx, who, "delivered", s.Unread(who.Address, false))
}

// Read lets a person read what the business wrote.
func (s *Sim) Read(ctx context.Context, who Person) error {
	return s.report(ctx, who, "read", s.Unread(who.Address, true))
}

func (s *Sim) report(ctx context.Context, who Person, state string, news []Line) error {
	for _, l := range news {
		status := object{"id": l.ID, "status": state, "timestamp": s.now(), "recipient_id": bare(who.Address)}
		if l.Tag != "" {
			status["biz_opaque_callback_data"] = l.Tag
		}
		if err := s.Call(ctx, s.event(object{"statuses": []object{status}})); err != nil {
			return err
		}
	}
	return nil
}

// Undelivered tells the business that a message of its did not arrive.
func (s *Sim) Undelivered(ctx context.Context, who Person, id string, code int, title string) error {
	return s.Call(ctx, s.event(object{"statuses": []object{{"id": id, "status": "failed", "timestamp": s.now(), "recipient_id": bare(who.Address),
		"errors": []object{{"code": code, "title": title, "message": title}}}}}))
}

func (s *Sim) send(ctx context.Context, from Person, l Line, message object) error {
	l.ID = s.Next("wamid.C")
	s.Show(from.Address, l)
	message["from"], message["id"], message["timestamp"] = bare(from.Address), l.ID, s.now()
	return s.Call(ctx, s.event(object{
		"contacts": []object{{"profile": object{"name": from.Name}, "wa_id": bare(from.Address)}},
		"messages": []object{message},
	}))
}

func (s *Sim) event(value object) object {
	value["messaging_product"] = "whatsapp"
	value["metadata"] = object{"display_phone_number": bare(s.cfg.Number), "phone_number_id": s.cfg.PhoneNumberID}
	return object{"object": "whatsapp_business_account", "entry": []object{{"id": s.cfg.AccountID, "changes": []object{{"field": "messages", "value": value}}}}}
}

func (s *Sim) now() string { return strconv.FormatInt(s.Clock.Now().Unix(), 10) }

func bare(number string) string { return strings.TrimPrefix(number, "+") }
