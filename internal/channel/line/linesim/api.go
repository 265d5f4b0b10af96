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
	"unicode/utf8"
)

// maxRequest is the largest request that is read, in bytes.
const maxRequest = 2 << 20

var user = regexp.MustCompile(`^[UCR][0-9a-f]{32}$`)

type object struct {
	Type               string `json:"type"`
	Text               string `json:"text"`
	OriginalContentURL string `json:"originalContentUrl"`
	PreviewImageURL    string `json:"previewImageUrl"`
	Duration           int64  `json:"duration"`
	QuickReply         struct {
		Items []struct {
			Type   string `json:"type"`
			Action struct {
				Type, Label, Text string
			} `json:"action"`
		} `json:"items"`
	} `json:"quickReply"`
}

// choices are the words of a message's quick replies.
func (o object) choices() string {
	var out []string
	for _, i := range o.QuickReply.Items {
		out = append(out, i.Action.Label)
	}
	return strings.Join(out, "|")
}

type request struct {
	To         string   `json:"to"`
	ReplyToken string   `json:"replyToken"`
	Messages   []object `json:"messages"`
}

// api answers the requests of the Messaging API.
type api struct{ s *Sim }

// ServeHTTP implements http.Handler: the Messaging API.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls = append(s.calls, r.Method+" "+r.URL.Path)
	var fail *failure
	if len(s.fails) > 0 {
		fail, s.fails = &s.fails[0], s.fails[1:]
	}
	s.mu.Unlock()
	a := api{s}
	switch {
	case fail != nil:
		for name, values := range fail.header {
			w.Header()[name] = values
		}
		complain(w, fail.status, "played failure")
		return
	case r.Method == http.MethodPost && r.URL.Path == "/oauth2/v3/token":
		a.lend(w, r)
		return
	case r.Method == http.MethodPost && r.URL.Path == "/v2/oauth/verify":
		a.verify(w, r)
		return
	case !a.knows(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")):
		complain(w, http.StatusUnauthorized, "Authentication failed due to the following reason: invalid token. Confirm that the access token in the authorization header is valid.")
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/bot/message/reply", a.reply)
	mux.HandleFunc("POST /v2/bot/message/push", a.push)
	mux.HandleFunc("GET /v2/bot/message/quota", a.quota)
	mux.HandleFunc("GET /v2/bot/message/quota/consumption", a.consumption)
	mux.HandleFunc("GET /v2/bot/message/{id}/content", a.content)
	mux.HandleFunc("GET /v2/bot/message/{id}/content/transcoding", a.transcoding)
	mux.HandleFunc("GET /v2/bot/profile/{id}", a.profile)
	mux.HandleFunc("GET /v2/bot/info", a.info)
	mux.HandleFunc("GET /v2/bot/channel/webhook/endpoint", a.endpoint)
	mux.HandleFunc("POST /v2/bot/channel/webhook/test", a.test)
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
	if len(o.QuickReply.Items) > 13 {
		return errors.New("quickReply.items: size must be between 1 and 13")
	}
	for _, i := range o.QuickReply.Items {
		if n := utf8.RuneCountInString(i.Action.Label); i.Type != "action" || i.Action.Type != "message" || n < 1 || n > 20 || i.Action.Text == "" {
			return errors.New("quickReply.items.action.label: Length must be between 1 and 20")
		}
	}
	switch o.Type {
	case "text":
		if n := len(utf16.Encode([]rune(o.Text))); n == 0 || n > 5000 {
			return errors.New("text: Length must be between 0 and 5000")
		}
	case "audio":
		if o.Duration <= 0 || !fetchable(o.OriginalContentURL) {
			return errors.New("duration: must be specified")
		}
	case "image", "video":
		for _, link := range []string{o.OriginalContentURL, o.PreviewImageURL} {
			if !fetchable(link) {
				return errors.New("originalContentUrl: invalid uri scheme")
			}
		}
	default:
		return errors.New("type: must be specified")
	}
	return nil
}

// fetchable reports whether LINE would fetch from an address.
func fetchable(link string) bool {
	u, err := url.Parse(link)
	return err == nil && len(link) <= 2000 && (u.Scheme == "https" || u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost")
}

func (a api) reply(w http.ResponseWriter, r *http.Request) {
	in, ok := read(w, r)
	if !ok {
		return
	}
	if r.Header.Get("X-Line-Retry-Key") != "" {
		complain(w, http.StatusBadRequest, "The retry key is not supported")
		return
	}
	a.s.mu.Lock()
	token, known := a.s.tokens[in.ReplyToken]
	if !known || a.s.cfg.Clock.Now().After(token.until) {
		a.s.mu.Unlock()
		complain(w, http.StatusBadRequest, "Invalid reply token")
		return
	}
	delete(a.s.tokens, in.ReplyToken)
	out := a.show(token.address, in.Messages)
	a.s.mu.Unlock()
	a.accepted(w, http.StatusOK, out)
}

func (a api) push(w http.ResponseWriter, r *http.Request) {
	in, ok := read(w, r)
	if !ok {
		return
	}
	if !user.MatchString(in.To) {
		complain(w, http.StatusBadRequest, "The property, 'to', in the request body is invalid (line: -, column: -)")
		return
	}
	key := r.Header.Get("X-Line-Retry-Key")
	a.s.mu.Lock()
	before, again := a.s.keys[key]
	if key != "" && again {
		a.s.mu.Unlock()
		a.accepted(w, http.StatusConflict, before)
		return
	}
	if a.s.cfg.Limit > 0 && a.s.used >= a.s.cfg.Limit {
		a.s.mu.Unlock()
		complain(w, http.StatusTooManyRequests, "You have reached your monthly limit.")
		return
	}
	a.s.used++
	out := a.show(in.To, in.Messages)
	a.s.keys[key] = out
	a.s.mu.Unlock()
	a.accepted(w, http.StatusOK, out)
}

// show puts messages on a screen. The caller holds the lock.
func (a api) show(address string, messages []object) (out []sent) {
	for _, m := range messages {
		out = append(out, sent{a.s.id()})
		if !a.s.blocked[address] {
			a.s.screens[address] = append(a.s.screens[address], Line{Ours: true, Text: m.Text, File: m.OriginalContentURL, Choices: m.choices(), At: a.s.cfg.Clock.Now()})
		}
	}
	return out
}

// accepted answers a request that was carried out, unless the answer is to be lost.
func (a api) accepted(w http.ResponseWriter, status int, out []sent) {
	a.s.mu.Lock()
	lost := a.s.lose > 0
	if lost {
		a.s.lose--
	}
	a.s.mu.Unlock()
	if lost {
		panic(http.ErrAbortHandler)
	}
	doc := map[string]any{"sentMessages": out}
	if status == http.StatusConflict {
		doc["message"] = "The retry key is already accepted"
	}
	answer(w, status, doc)
}

func (a api) quota(w http.ResponseWriter, _ *http.Request) {
	if a.s.cfg.Limit == 0 {
		answer(w, http.StatusOK, map[string]any{"type": "none"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"type": "limited", "value": a.s.cfg.Limit})
}

func (a api) consumption(w http.ResponseWriter, _ *http.Request) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{"totalUsage": a.s.used})
}

func (a api) content(w http.ResponseWriter, r *http.Request) {
	a.s.mu.Lock()
	f, known := a.s.files[r.PathValue("id")]
	waiting := f.preparing > 0
	if waiting {
		f.preparing--
		a.s.files[r.PathValue("id")] = f
	}
	a.s.mu.Unlock()
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

func (a api) transcoding(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "processing"})
}

func (a api) profile(w http.ResponseWriter, r *http.Request) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	name, known := a.s.names[r.PathValue("id")]
	if !known || a.s.blocked[r.PathValue("id")] {
		complain(w, http.StatusNotFound, "Not found")
		return
	}
	answer(w, http.StatusOK, map[string]any{"displayName": name, "userId": r.PathValue("id"), "language": "ja"})
}

func (a api) info(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"userId": bot, "basicId": a.s.cfg.BasicID, "displayName": a.s.cfg.Name, "chatMode": "bot", "markAsReadMode": "auto"})
}

func (a api) endpoint(w http.ResponseWriter, _ *http.Request) {
	if a.s.cfg.Hook == nil || a.s.cfg.Hook() == "" {
		complain(w, http.StatusNotFound, "Not found")
		return
	}
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{"endpoint": a.s.cfg.Hook(), "active": !a.s.off})
}

// test calls the webhook with a signature and without events.
func (a api) test(w http.ResponseWriter, r *http.Request) {
	status, err := a.s.post(r.Context(), []byte(`{"destination":"`+bot+`","events":[]}`))
	reason, detail := "OK", http.StatusText(status)
	if err != nil {
		reason, detail = "ERROR_STATUS_CODE", strings.TrimSpace(err.Error())
	}
	answer(w, http.StatusOK, map[string]any{"success": err == nil, "timestamp": a.s.cfg.Clock.Now(), "statusCode": status, "reason": reason, "detail": detail})
}
