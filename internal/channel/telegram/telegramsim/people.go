package telegramsim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Say lets somebody write.
func (s *Sim) Say(ctx context.Context, from Person, words string) error {
	return s.send(ctx, from, Line{Text: words}, map[string]any{"text": words})
}

// Start lets somebody press the bot's start button, or let it write again.
func (s *Sim) Start(ctx context.Context, from Person) error {
	s.mu.Lock()
	was := s.blocked[from.Address]
	delete(s.blocked, from.Address)
	s.mu.Unlock()
	if was {
		return s.tell(ctx, membership(s, from, "member"))
	}
	return s.Say(ctx, from, "/start")
}

// Meet makes somebody known who has not written yet: their chat exists.
func (s *Sim) Meet(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[p.Address] = p.Name
}

// Block lets somebody block the bot.
func (s *Sim) Block(ctx context.Context, from Person) error {
	s.mu.Lock()
	s.blocked[from.Address] = true
	s.mu.Unlock()
	return s.tell(ctx, membership(s, from, "kicked"))
}

// Edit lets somebody change what they wrote last.
func (s *Sim) Edit(ctx context.Context, from Person, words string) error {
	s.mu.Lock()
	id := s.lastID[from.Address]
	screen := s.screens[from.Address]
	for i := len(screen) - 1; i >= 0 && id != 0; i-- {
		if !screen[i].Ours {
			screen[i].Text = words
			break
		}
	}
	s.mu.Unlock()
	if id == 0 {
		return errors.New("there is nothing to change")
	}
	m := s.envelope(from, id)
	m["text"], m["edit_date"] = words, s.cfg.Clock.Now().Unix()
	return s.tell(ctx, map[string]any{"edited_message": m})
}

// Sticker lets somebody send a sticker.
func (s *Sim) Sticker(ctx context.Context, from Person, emoji string) error {
	return s.send(ctx, from, Line{Text: emoji}, map[string]any{"sticker": map[string]any{"file_id": "sticker", "emoji": emoji, "set_name": "cats"}})
}

// Place lets somebody send a place.
func (s *Sim) Place(ctx context.Context, from Person, title, address string) error {
	return s.send(ctx, from, Line{Text: title}, map[string]any{"venue": map[string]any{
		"title": title, "address": address, "location": map[string]any{"latitude": 35.67966, "longitude": 139.73669}}})
}

// Picture lets somebody send a picture, whose bytes can be fetched afterwards.
func (s *Sim) Picture(ctx context.Context, from Person, caption string, data []byte) error {
	id := s.keep("photo.jpg", data)
	return s.send(ctx, from, Line{Text: caption, File: "photo.jpg"}, map[string]any{"caption": caption, "photo": []map[string]any{
		{"file_id": id + "-small", "file_size": 10, "width": 90, "height": 90}, {"file_id": id, "file_size": len(data), "width": 800, "height": 800}}})
}

// File lets somebody send a file.
func (s *Sim) File(ctx context.Context, from Person, name string, data []byte) error {
	return s.send(ctx, from, Line{File: name}, map[string]any{"document": map[string]any{
		"file_id": s.keep(name, data), "file_name": name, "file_size": len(data), "mime_type": "application/pdf"}})
}

// Press lets somebody press a button of the bot's that carries data.
func (s *Sim) Press(ctx context.Context, from Person, title, data string) error {
	m := s.envelope(from, 1)
	m["reply_markup"] = map[string]any{"inline_keyboard": [][]map[string]any{{{"text": title, "callback_data": data}}}}
	s.mu.Lock()
	id := s.id()
	s.mu.Unlock()
	return s.tell(ctx, map[string]any{"callback_query": map[string]any{"id": fmt.Sprint(id), "from": account(from), "message": m, "data": data}})
}

func (s *Sim) keep(name string, data []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := fmt.Sprintf("AgAD%d", s.id())
	s.files[id] = file{name: name, data: data}
	return id
}

func account(p Person) map[string]any {
	return map[string]any{"id": json.Number(p.Address), "is_bot": false, "first_name": p.Name, "language_code": "ja"}
}

func (s *Sim) envelope(from Person, id int64) map[string]any {
	return map[string]any{"message_id": id, "from": account(from), "date": s.cfg.Clock.Now().Unix(),
		"chat": map[string]any{"id": json.Number(from.Address), "type": "private", "first_name": from.Name}}
}

func membership(s *Sim, from Person, status string) map[string]any {
	return map[string]any{"my_chat_member": map[string]any{"chat": s.envelope(from, 0)["chat"], "from": account(from), "date": s.cfg.Clock.Now().Unix(),
		"new_chat_member": map[string]any{"status": status}}}
}

func (s *Sim) send(ctx context.Context, from Person, shown Line, content map[string]any) error {
	s.mu.Lock()
	id := s.id()
	s.names[from.Address], s.lastID[from.Address] = from.Name, id
	shown.At = s.cfg.Clock.Now()
	s.screens[from.Address] = append(s.screens[from.Address], shown)
	s.mu.Unlock()
	m := s.envelope(from, id)
	for name, v := range content {
		m[name] = v
	}
	return s.tell(ctx, map[string]any{"message": m})
}

// tell makes an update of a document: for the webhook, or to be fetched.
func (s *Sim) tell(ctx context.Context, doc map[string]any) error {
	s.mu.Lock()
	id := s.id()
	doc["update_id"] = id
	s.pending = append(s.pending, waiting{id, doc})
	close(s.changed)
	s.changed = make(chan struct{})
	called := s.hook.url != ""
	s.mu.Unlock()
	if !called {
		return nil
	}
	return s.Again(ctx)
}

// Again calls the webhook with every update that it has not taken yet, as
// Telegram does after a failure.
func (s *Sim) Again(ctx context.Context) error {
	s.mu.Lock()
	untaken := append([]waiting(nil), s.pending...)
	s.mu.Unlock()
	for _, w := range untaken {
		err := s.post(ctx, w.doc)
		s.mu.Lock()
		if err != nil {
			s.hook.failedAt, s.hook.failure = s.cfg.Clock.Now(), err.Error()
			s.mu.Unlock()
			return err
		}
		s.confirm(w.id)
		s.mu.Unlock()
	}
	return nil
}

// confirm forgets the updates up to one. The caller holds the lock.
func (s *Sim) confirm(id int64) {
	for len(s.pending) > 0 && s.pending[0].id <= id {
		s.pending = s.pending[1:]
	}
}

func (s *Sim) post(ctx context.Context, doc map[string]any) error {
	s.mu.Lock()
	to, secret := s.hook.url, s.hook.secret
	s.mu.Unlock()
	if s.cfg.Hook != nil && s.cfg.Hook() != "" {
		to = s.cfg.Hook()
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<10))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("wrong response from the webhook: %s", resp.Status)
	}
	return nil
}
