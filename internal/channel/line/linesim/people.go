package linesim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	tokenLife = time.Minute // of a reply token
	bot       = "Ub9952f8000000000000000000000000a"
)

// Say lets somebody write.
func (s *Sim) Say(ctx context.Context, from Person, words string) error {
	return s.message(ctx, from, map[string]any{"type": "text", "text": words, "quoteToken": "q"}, Line{Text: words})
}

// Sticker lets somebody send a sticker.
func (s *Sim) Sticker(ctx context.Context, from Person, pack, sticker string) error {
	return s.message(ctx, from, map[string]any{"type": "sticker", "packageId": pack, "stickerId": sticker,
		"stickerResourceType": "STATIC", "keywords": []string{"hello"}, "quoteToken": "q"}, Line{Text: "[" + pack + "/" + sticker + "]"})
}

// Place lets somebody send a place.
func (s *Sim) Place(ctx context.Context, from Person, title, address string) error {
	return s.message(ctx, from, map[string]any{"type": "location", "title": title, "address": address,
		"latitude": 35.67966, "longitude": 139.73669}, Line{Text: title})
}

// Picture lets somebody send a picture, whose bytes can be fetched afterwards.
func (s *Sim) Picture(ctx context.Context, from Person, contentType string, data []byte) error {
	return s.message(ctx, from, map[string]any{"type": "image", "contentProvider": map[string]any{"type": "line"}, "quoteToken": "q"},
		Line{}, file{contentType: contentType, data: data})
}

// File lets somebody send a file.
func (s *Sim) File(ctx context.Context, from Person, name string, data []byte) error {
	return s.message(ctx, from, map[string]any{"type": "file", "fileName": name, "fileSize": len(data)},
		Line{Text: name}, file{contentType: "application/octet-stream", data: data})
}

// Press lets somebody press a button that carries data.
func (s *Sim) Press(ctx context.Context, from Person, data string) error {
	return s.call(ctx, s.event(from, "postback", map[string]any{"postback": map[string]any{"data": data}, "replyToken": s.grant(from)}))
}

// Follow lets somebody add the account, or unblock it.
func (s *Sim) Follow(ctx context.Context, from Person) error {
	s.mu.Lock()
	was := s.blocked[from.Address]
	delete(s.blocked, from.Address)
	s.names[from.Address] = from.Name
	s.mu.Unlock()
	return s.call(ctx, s.event(from, "follow", map[string]any{"follow": map[string]any{"isUnblocked": was}, "replyToken": s.grant(from)}))
}

// Block lets somebody block the account: it may still send, and nothing arrives.
func (s *Sim) Block(ctx context.Context, from Person) error {
	s.mu.Lock()
	s.blocked[from.Address] = true
	s.mu.Unlock()
	return s.call(ctx, s.event(from, "unfollow", nil))
}

// Unsend lets somebody take back what they sent last.
func (s *Sim) Unsend(ctx context.Context, from Person) error {
	s.mu.Lock()
	id := s.lastID[from.Address]
	s.mu.Unlock()
	if id == "" {
		return errors.New("there is nothing to take back")
	}
	return s.call(ctx, s.event(from, "unsend", map[string]any{"unsend": map[string]any{"messageId": id}}))
}

// Tell calls the webhook with an event of somebody as it is given, such as one that
// LINE brings in tomorrow.
func Tell(ctx context.Context, s *Sim, from Person, kind string, more map[string]any) error {
	return s.call(ctx, s.event(from, kind, more))
}

// Post calls the webhook with these very bytes, signed, and returns the status of the
// answer; an error for every status but 200.
func Post(ctx context.Context, s *Sim, body []byte) (status int, err error) {
	return s.post(ctx, body)
}

// Sent returns the id of what somebody sent last; "" if nothing.
func (s *Sim) Sent(address string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastID[address]
}

// Again calls the webhook once more with the last call, as LINE does after a
// failure.
func (s *Sim) Again(ctx context.Context) error {
	s.mu.Lock()
	body := bytes.Replace(s.last, []byte(`"isRedelivery":false`), []byte(`"isRedelivery":true`), 1)
	s.mu.Unlock()
	_, err := s.post(ctx, body)
	return err
}

func (s *Sim) message(ctx context.Context, from Person, content map[string]any, shown Line, held ...file) error {
	s.mu.Lock()
	id := s.id()
	content["id"] = id
	for _, f := range held {
		s.files[id], shown.File = f, id
	}
	s.names[from.Address], s.lastID[from.Address] = from.Name, id
	shown.At = s.cfg.Clock.Now()
	s.screens[from.Address] = append(s.screens[from.Address], shown)
	s.mu.Unlock()
	return s.call(ctx, s.event(from, "message", map[string]any{"message": content, "replyToken": s.grant(from)}))
}

// grant gives out a reply token.
func (s *Sim) grant(from Person) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := "reply" + s.id()
	s.tokens[token] = &replyToken{from.Address, s.cfg.Clock.Now().Add(tokenLife)}
	return token
}

func (s *Sim) event(from Person, kind string, more map[string]any) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := map[string]any{
		"type": kind, "mode": "active", "timestamp": s.cfg.Clock.Now().UnixMilli(), "webhookEventId": "01SIM" + s.id(),
		"deliveryContext": map[string]any{"isRedelivery": false}, "source": map[string]any{"type": "user", "userId": from.Address},
	}
	for name, v := range more {
		e[name] = v
	}
	return e
}

// call tells the account's webhook of events.
func (s *Sim) call(ctx context.Context, events ...map[string]any) error {
	if events == nil {
		events = []map[string]any{}
	}
	body, err := json.Marshal(map[string]any{"destination": bot, "events": events})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.last = body
	s.mu.Unlock()
	_, err = s.post(ctx, body)
	return err
}

func (s *Sim) post(ctx context.Context, body []byte) (status int, err error) {
	if s.cfg.Hook == nil || s.cfg.Hook() == "" {
		return 0, errors.New("the account has no webhook")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.Hook(), bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	mac := hmac.New(sha256.New, []byte(s.cfg.Secret))
	mac.Write(body)
	req.Header.Set("X-Line-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return 0, err
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return resp.StatusCode, err
	}
	if resp.StatusCode != http.StatusOK {
		return resp.StatusCode, fmt.Errorf("the webhook answered %d %s", resp.StatusCode, answer)
	}
	return resp.StatusCode, nil
}
