package linesim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"
)

// maxRequest is the largest request that is read, in bytes.
const maxRequest = 2 << 20

var user = regexp.MustCompile(`^[UCR][0-9a-f]{32}$`)

type object struct {
	Type               string `json:"type"`
	Text               string `json:"text"`
	OriginalContentURL string `json:"originalContentUrl"`
	PreviewImageURL    string `json:"previewImageUrl"`
}

type request struct {
	To         string   `json:"to"`
	ReplyToken string   `json:"replyToken"`
	Messages   []object `json:"messages"`
}

// ServeHTTP implements http.Handler: the Messaging API.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls = append(s.calls, r.Method+" "+r.URL.Path)
	var fail *failure
	if len(s.fails) > 0 {
		fail, s.fails = &s.fails[0], s.fails[1:]
	}
	s.mu.Unlock()
	switch {
	case fail != nil:
		for name, values := range fail.header {
			w.Header()[name] = values
		}
		complain(w, fail.status, "played failure")
		return
	case r.Header.Get("Authorization") != "Bearer "+s.cfg.Token:
		complain(w, http.StatusUnauthorized, "Authentication failed due to the following reason: invalid token. Confirm that the access token in the authorization header is valid.")
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/bot/message/reply", s.reply)
	mux.HandleFunc("POST /v2/bot/message/push", s.push)
	mux.HandleFunc("GET /v2/bot/message/quota", s.quota)
	mux.HandleFunc("GET /v2/bot/message/quota/consumption", s.consumption)
	mux.HandleFunc("GET /v2/bot/message/{id}/content", s.content)
	mux.HandleFunc("GET /v2/bot/message/{id}/content/transcoding", s.transcoding)
	mux.HandleFunc("GET /v2/bot/profile/{id}", s.profile)
	mux.HandleFunc("GET /v2/bot/info", s.info)
	mux.HandleFunc("GET /v2/bot/channel/webhook/endpoint", s.endpoint)
	mux.HandleFunc("POST /v2/bot/channel/webhook/test", s.test)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { complain(w, http.StatusNotFound, "Not found") })
	mux.ServeHTTP(w, r)
}

func answer(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) // whoever went away has been served
}

func complain(w http.ResponseWriter, status int, words string) {
	answer(w, status, map[string]any{"message": words})
}

// read takes a request with messages apart; false if it was answered already.
func read(w http.ResponseWriter, r *http.Request) (in request, ok bool) {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil || json.Unmarshal(b, &in) != nil {
		complain(w, http.StatusBadRequest, "The request body could not be parsed as JSON")
		return in, false
	}
	if len(in.Messages) < 1 || len(in.Messages) > 5 {
		complain(w, http.StatusBadRequest, "The property, 'messages', in the request body is invalid")
		return in, false
	}
	for _, m := range in.Messages {
		if err := m.problem(); err != nil {
			complain(w, http.StatusBadRequest, "The request body has 1 error(s): "+err.Error())
			return in, false
		}
	}
	return in, true
}

func (o object) problem() error {
	switch o.Type {
	case "text":
		if n := len(utf16.Encode([]rune(o.Text))); n == 0 || n > 5000 {
			return errors.New("text: Length must be between 0 and 5000")
		}
	case "image":
		for _, link := range []string{o.OriginalContentURL, o.PreviewImageURL} {
			u, err := url.Parse(link)
			if err != nil || u.Scheme != "https" && u.Hostname() != "127.0.0.1" || len(link) > 2000 {
				return errors.New("originalContentUrl: invalid uri scheme")
			}
		}
	default:
		return errors.New("type: must be specified")
	}
	return nil
}

func (s *Sim) reply(w http.ResponseWriter, r *http.Request) {
	in, ok := read(w, r)
	if !ok {
		return
	}
	if r.Header.Get("X-Line-Retry-Key") != "" {
		complain(w, http.StatusBadRequest, "The retry key is not supported")
		return
	}
	s.mu.Lock()
	token, known := s.tokens[in.ReplyToken]
	if !known || s.cfg.Clock.Now().After(token.until) {
		s.mu.Unlock()
		complain(w, http.StatusBadRequest, "Invalid reply token")
		return
	}
	delete(s.tokens, in.ReplyToken)
	out := s.show(token.address, in.Messages)
	s.mu.Unlock()
	s.accepted(w, http.StatusOK, out)
}

func (s *Sim) push(w http.ResponseWriter, r *http.Request) {
	in, ok := read(w, r)
	if !ok {
		return
	}
	if !user.MatchString(in.To) {
		complain(w, http.StatusBadRequest, "The property, 'to', in the request body is invalid (line: -, column: -)")
		return
	}
	key := r.Header.Get("X-Line-Retry-Key")
	s.mu.Lock()
	before, again := s.keys[key]
	if key != "" && again {
		s.mu.Unlock()
		s.accepted(w, http.StatusConflict, before)
		return
	}
	if s.cfg.Limit > 0 && s.used >= s.cfg.Limit {
		s.mu.Unlock()
		complain(w, http.StatusTooManyRequests, "You have reached your monthly limit.")
		return
	}
	s.used++
	out := s.show(in.To, in.Messages)
	s.keys[key] = out
	s.mu.Unlock()
	s.accepted(w, http.StatusOK, out)
}

// show puts messages on a screen. The caller holds the lock.
func (s *Sim) show(address string, messages []object) (out []sent) {
	for _, m := range messages {
		out = append(out, sent{s.id()})
		if !s.blocked[address] {
			s.screens[address] = append(s.screens[address], Line{Ours: true, Text: m.Text, File: m.OriginalContentURL, At: s.cfg.Clock.Now()})
		}
	}
	return out
}

// accepted answers a request that was carried out, unless the answer is to be lost.
func (s *Sim) accepted(w http.ResponseWriter, status int, out []sent) {
	s.mu.Lock()
	lost := s.lose > 0
	if lost {
		s.lose--
	}
	s.mu.Unlock()
	if lost {
		panic(http.ErrAbortHandler)
	}
	doc := map[string]any{"sentMessages": out}
	if status == http.StatusConflict {
		doc["message"] = "The retry key is already accepted"
	}
	answer(w, status, doc)
}

func (s *Sim) quota(w http.ResponseWriter, _ *http.Request) {
	if s.cfg.Limit == 0 {
		answer(w, http.StatusOK, map[string]any{"type": "none"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"type": "limited", "value": s.cfg.Limit})
}

func (s *Sim) consumption(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{"totalUsage": s.used})
}

func (s *Sim) content(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f, known := s.files[r.PathValue("id")]
	waiting := f.preparing > 0
	if waiting {
		f.preparing--
		s.files[r.PathValue("id")] = f
	}
	s.mu.Unlock()
	switch {
	case f.gone:
		complain(w, http.StatusGone, "Gone")
	case !known:
		complain(w, http.StatusNotFound, "Not found")
	case waiting:
		w.WriteHeader(http.StatusAccepted)
	default:
		w.Header().Set("Content-Type", f.contentType)
		_, _ = w.Write(f.data)
	}
}

func (s *Sim) transcoding(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "processing"})
}

func (s *Sim) profile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, known := s.names[r.PathValue("id")]
	if !known || s.blocked[r.PathValue("id")] {
		complain(w, http.StatusNotFound, "Not found")
		return
	}
	answer(w, http.StatusOK, map[string]any{"displayName": name, "userId": r.PathValue("id"), "language": "ja"})
}

func (s *Sim) info(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"userId": bot, "basicId": s.cfg.BasicID, "displayName": s.cfg.Name, "chatMode": "bot", "markAsReadMode": "auto"})
}

func (s *Sim) endpoint(w http.ResponseWriter, _ *http.Request) {
	if s.cfg.Hook == nil || s.cfg.Hook() == "" {
		complain(w, http.StatusNotFound, "Not found")
		return
	}
	answer(w, http.StatusOK, map[string]any{"endpoint": s.cfg.Hook(), "active": true})
}

// test calls the webhook with a signature and without events.
func (s *Sim) test(w http.ResponseWriter, r *http.Request) {
	status, err := s.post(r.Context(), []byte(`{"destination":"`+bot+`","events":[]}`))
	reason, detail := "OK", http.StatusText(status)
	if err != nil {
		reason, detail = "ERROR_STATUS_CODE", strings.TrimSpace(err.Error())
	}
	answer(w, http.StatusOK, map[string]any{"success": err == nil, "timestamp": s.cfg.Clock.Now(), "statusCode": status, "reason": reason, "detail": detail})
}
