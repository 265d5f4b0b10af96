package messengersim

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/metasim"
)

// part is any part of an event.
type part = map[string]any

// Say lets a person write.
func (s *Sim) Say(ctx context.Context, from Person, words string) error {
	return s.send(ctx, from, Line{Text: words}, part{"text": words})
}

// Picture lets a person send a picture. base is the address at which the API is
// reached: files are kept there.
func (s *Sim) Picture(ctx context.Context, from Person, base string, data []byte) error {
	id := s.Keep("9", metasim.Kept{Name: "picture.jpg", Type: "image/jpeg", Data: data})
	return s.send(ctx, from, Line{File: "picture.jpg"}, part{"attachments": []part{{"type": "image", "payload": part{"url": base + "/files/" + id + ".jpg"}}}})
}

// Sticker lets a person send a sticker.
func (s *Sim) Sticker(ctx context.Context, from Person, base string, data []byte) error {
	id := s.Keep("9", metasim.Kept{Name: "sticker.png", Type: "image/png", Data: data})
	return s.send(ctx, from, Line{File: "sticker.png"}, part{"sticker_id": 369239263222822,
		"attachments": []part{{"type": "image", "payload": part{"url": base + "/files/" + id + ".png", "sticker_id": 369239263222822}}}})
}

// Press lets a person press a button that the business offered.
func (s *Sim) Press(ctx context.Context, from Person, title, payload string) error {
	s.meet(from)
	id := s.Next("m_C")
	s.Show(from.Address, Line{Text: title, ID: id})
	return s.event(ctx, from, part{"postback": part{"mid": id, "title": title, "payload": payload}})
}

// Choose lets a person tap a quick reply of the business's.
func (s *Sim) Choose(ctx context.Context, from Person, title string) error {
	return s.send(ctx, from, Line{Text: title}, part{"text": title, "quick_reply": part{"payload": "choice:0"}})
}

// React lets a person react to a message of the business.
func (s *Sim) React(ctx context.Context, from Person, emoji, messageID string) error {
	s.meet(from)
	return s.event(ctx, from, part{"reaction": part{"mid": messageID, "action": "react", "reaction": "other", "emoji": emoji}})
}

// Unsend lets a person take back the last thing they wrote.
func (s *Sim) Unsend(ctx context.Context, from Person) error {
	lines := s.Screen(from.Address)
	for i := len(lines) - 1; i >= 0; i-- {
		if !lines[i].Ours {
			return s.event(ctx, from, part{"message": part{"mid": lines[i].ID, "is_deleted": true}})
		}
	}
	return nil
}

// Comment lets a person write below a post, for all to see.
func (s *Sim) Comment(ctx context.Context, from Person, post, words string) error {
	s.meet(from)
	id := s.Next(post + "_")
	s.mu.Lock()
	s.comments[id] = from.Address
	s.mu.Unlock()
	change := part{"field": "feed", "value": part{"item": "comment", "verb": "add", "comment_id": id, "post_id": post, "parent_id": post,
		"from": part{"id": from.Address, "name": from.Name}, "message": words, "created_time": s.Clock.Now().Unix(),
		"post": part{"permalink_url": "https://www.facebook.com/" + post}}}
	if s.cfg.Instagram {
		change = part{"field": "comments", "value": part{"id": id, "text": words, "from": part{"id": from.Address, "username": from.Name},
			"media": part{"id": post, "media_product_type": "FEED"}}}
	}
	return s.Call(ctx, part{"object": s.Object, "entry": []part{{"id": s.cfg.ID, "time": s.Clock.Now().Unix(), "changes": []part{change}}}})
}

// Deliver brings what the business wrote to a person's phone, and says so.
func (s *Sim) Deliver(ctx context.Context, who Person) error {
	var ids []string
	for _, l := range s.Unread(who.Address, false) {
		ids = append(ids, l.ID)
	}
	if len(ids) == 0 || s.cfg.Instagram { // which does not say
		return nil
	}
	return s.event(ctx, who, part{"delivery": part{"mids": ids, "watermark": s.Clock.Now().UnixMilli()}})
}

// Read lets a person read what the business wrote. A page is told up to when, an
// account by the message.
func (s *Sim) Read(ctx context.Context, who Person) error {
	for _, l := range s.Unread(who.Address, true) {
		read := part{"watermark": s.Clock.Now().UnixMilli()}
		if s.cfg.Instagram {
			read = part{"mid": l.ID}
		}
		if err := s.event(ctx, who, part{"read": read}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sim) meet(who Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people[who.Address] = who.Name
}

func (s *Sim) send(ctx context.Context, from Person, l Line, message part) error {
	s.meet(from)
	l.ID = s.Next("m_C")
	s.Show(from.Address, l)
	message["mid"] = l.ID
	return s.event(ctx, from, part{"message": message})
}

func (s *Sim) event(ctx context.Context, from Person, ev part) error {
	now := s.Clock.Now().UnixMilli()
	ev["sender"], ev["recipient"], ev["timestamp"] = part{"id": from.Address}, part{"id": s.cfg.ID}, now
	return s.Call(ctx, part{"object": s.Object, "entry": []part{{"id": s.cfg.ID, "time": now, "messaging": []part{ev}}}})
}
