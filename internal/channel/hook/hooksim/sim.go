package hooksim

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
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// maxCall is the largest call that is read, in bytes.
const maxCall = 16 << 20

// Config is the application that is played.
type Config struct {
	Secret     string        // of the calls that it makes: whsec_…
	SendSecret string        // of the calls that it takes
	Hook       func() string // where the desk is called
	Client     *http.Client  // calls it
	Clock      clock.Clock
}

// Person is somebody who uses the application.
type Person struct {
	Address string
	Name    string
}

// Line is one message on somebody's screen.
type Line struct {
	Ours bool // the desk's
	Text string
	File string // name of a file
	At   time.Time
	Read bool
}

// Sim is the played application. It is safe for concurrent use.
type Sim struct {
	cfg Config

	mu      sync.Mutex
	seq     int64
	seen    map[string]bool // ids of calls that were taken
	screens map[string][]Line
	gone    map[string]bool
	fails   []failure
	lose    int
	last    call
	sentIDs map[string]string // of the desk's last message to somebody
}

type failure struct {
	status int
	header http.Header
}

type call struct {
	id   string
	body []byte
}

// New returns an application that nobody has used yet.
func New(cfg Config) *Sim {
	return &Sim{cfg: cfg, seq: cfg.Clock.Now().UnixMilli() * 1000, seen: map[string]bool{}, screens: map[string][]Line{}, gone: map[string]bool{}, sentIDs: map[string]string{}}
}

// Screen returns what somebody sees.
func (s *Sim) Screen(address string) []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.screens[address])
}

// Fail answers the next n calls with a status and header.
func (s *Sim) Fail(n, status int, header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.fails = append(s.fails, failure{status, header})
	}
}

// Lose takes the next n calls and cuts the connection before it answers.
func (s *Sim) Lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = n
}

// Block lets somebody refuse all further messages.
func (s *Sim) Block(ctx context.Context, from Person) error {
	s.mu.Lock()
	s.gone[from.Address] = true
	s.mu.Unlock()
	return s.tell(ctx, from, map[string]any{"contact": "ended"})
}

// Say lets somebody write.
func (s *Sim) Say(ctx context.Context, from Person, words string) error {
	return s.tell(ctx, from, map[string]any{"text": words})
}

// File lets somebody send a small file.
func (s *Sim) File(ctx context.Context, from Person, name, contentType string, data []byte) error {
	return s.tell(ctx, from, map[string]any{"files": []map[string]any{{"name": name, "contentType": contentType, "data": data}}})
}

// Read lets somebody read what the desk wrote last.
func (s *Sim) Read(ctx context.Context, who Person) error {
	s.mu.Lock()
	id := s.sentIDs[who.Address]
	for i := range s.screens[who.Address] {
		s.screens[who.Address][i].Read = true
	}
	s.mu.Unlock()
	return s.Tell(ctx, map[string]any{"receipts": []map[string]any{{"id": id, "state": "read", "at": s.cfg.Clock.Now()}}})
}

func (s *Sim) tell(ctx context.Context, from Person, doc map[string]any) error {
	s.mu.Lock()
	s.seq++
	doc["id"], doc["at"] = fmt.Sprintf("app-%d", s.seq), s.cfg.Clock.Now()
	doc["from"] = map[string]any{"address": from.Address, "name": from.Name}
	if words, ok := doc["text"].(string); ok {
		s.screens[from.Address] = append(s.screens[from.Address], Line{Text: words, At: s.cfg.Clock.Now()})
	}
	s.mu.Unlock()
	return s.Tell(ctx, doc)
}

// Tell calls the desk with a document.
func (s *Sim) Tell(ctx context.Context, doc map[string]any) error {
	body, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.seq++
	s.last = call{fmt.Sprintf("call-%d", s.seq), body}
	s.mu.Unlock()
	return s.Again(ctx)
}

// Again makes the last call once more, under the same id.
func (s *Sim) Again(ctx context.Context) error {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.Hook(), bytes.NewReader(last.body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(s.cfg.Clock.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("webhook-id", last.id)
	req.Header.Set("webhook-timestamp", at)
	req.Header.Set("webhook-signature", "v1,"+signature(s.cfg.Secret, last.id, at, last.body))
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the desk answered %d %s", resp.StatusCode, answer)
	}
	return nil
}

func signature(secret, id, at string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, at, body) // a hash takes everything
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// ServeHTTP implements http.Handler: it takes the desk's calls.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxCall))
	if err != nil {
		return // the desk went away
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fails) > 0 {
		f := s.fails[0]
		s.fails = s.fails[1:]
		for name, values := range f.header {
			w.Header()[name] = values
		}
		http.Error(w, "played failure", f.status)
		return
	}
	id := r.Header.Get("webhook-id")
	want := "v1," + signature(s.cfg.SendSecret, id, r.Header.Get("webhook-timestamp"), body)
	if r.Header.Get("webhook-signature") != want {
		http.Error(w, "the signature does not fit", http.StatusUnauthorized)
		return
	}
	status := s.take(id, body)
	if s.lose > 0 {
		s.lose--
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "{}") // the desk may have gone away
}

// take shows a message, once. The caller holds the lock.
func (s *Sim) take(id string, body []byte) int {
	var in struct {
		Type, ID, Text string
		To             struct{ Address string }
		Files          []struct{ Name string }
	}
	if json.Unmarshal(body, &in) != nil {
		return http.StatusBadRequest
	}
	if s.gone[in.To.Address] {
		return http.StatusGone
	}
	if in.Type != "message" || s.seen[id] {
		return http.StatusOK
	}
	s.seen[id], s.sentIDs[in.To.Address] = true, in.ID
	line := Line{Ours: true, Text: in.Text, At: s.cfg.Clock.Now()}
	if len(in.Files) > 0 {
		line.File = in.Files[0].Name
	}
	s.screens[in.To.Address] = append(s.screens[in.To.Address], line)
	return http.StatusOK
}
