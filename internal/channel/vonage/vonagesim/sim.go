package vonagesim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/vonage"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// maxBody is the largest call that is taken, in bytes.
const maxBody = 1 << 20

// Config is one account with one number.
type Config struct {
	APIKey, APISecret       string
	Method, SignatureSecret string
	Number                  string        // "+815012345678"
	Hook                    func() string // where the business is called
	Client                  *http.Client
	Clock                   clock.Clock
}

// Person is somebody with a telephone; Address is their number in E.164.
type Person struct{ Address, Name string }

// Line is what stands on a person's screen.
type Line struct {
	Ours bool // the business wrote it
	Text string
	File string // text messages carry none
	At   time.Time
	Read bool // text messages never tell

	id, ref  string
	reported bool
}

// Sim is Vonage. It is an http.Handler: the interface.
type Sim struct {
	cfg     Config
	mu      sync.Mutex
	screens map[string][]Line
	barred  map[string]bool
	count   int
	fails   int
	status  int
	header  http.Header
}

// New returns an account with nothing on any screen.
func New(c Config) *Sim {
	return &Sim{cfg: c, screens: map[string][]Line{}, barred: map[string]bool{}}
}

// Fail lets the next n calls fail with a status and headers. Status 0 breaks the
// connection without an answer, after the call was heard.
func (s *Sim) Fail(n, status int, header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails, s.status, s.header = n, status, header
}

// Screen returns what a person sees, oldest first.
func (s *Sim) Screen(address string) []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Line{}, s.screens[address]...)
}

// Screens returns how many messages of the business stand on all screens.
func (s *Sim) Screens() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, lines := range s.screens {
		for _, l := range lines {
			if l.Ours {
				n++
			}
		}
	}
	return n
}

// Bar makes the network refuse messages to a person.
func (s *Sim) Bar(who Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.barred[who.Address] = true
}

func (s *Sim) show(address string, l Line) Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	l.id, l.At = fmt.Sprintf("%016X", s.count), s.cfg.Clock.Now()
	s.screens[address] = append(s.screens[address], l)
	return l
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.mu.Lock()
	fail, status, header := s.fails > 0, s.status, s.header
	if fail {
		s.fails--
	}
	s.mu.Unlock()
	if err := r.ParseForm(); err != nil || fail && status == 0 {
		panic(http.ErrAbortHandler) // the way to break a connection
	}
	if fail {
		for name, v := range header {
			w.Header()[name] = v
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	if r.URL.Path == "/sms/json" {
		s.take(w, r.PostForm)
		return
	}
	key, secret, _ := r.BasicAuth()
	switch {
	case key != s.cfg.APIKey || secret != s.cfg.APISecret:
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	case r.URL.Path == "/account/get-balance":
		answer(w, map[string]any{"value": 12.34, "autoReload": false})
	case r.URL.Path == "/account/numbers":
		answer(w, map[string]any{"count": 1, "numbers": []map[string]any{{"msisdn": s.cfg.Number[1:], "moHttpUrl": s.cfg.Hook()}}})
	default:
		http.NotFound(w, r)
	}
}

// take accepts a message of the business, or says why not.
func (s *Sim) take(w http.ResponseWriter, f url.Values) {
	to := "+" + f.Get("to")
	s.mu.Lock()
	barred := s.barred[to]
	s.mu.Unlock()
	status, words := "0", ""
	switch {
	case f.Get("api_key") != s.cfg.APIKey || f.Get("api_secret") != s.cfg.APISecret:
		status, words = "4", "Bad Credentials"
	case f.Get("to") == "" || f.Get("text") == "":
		status, words = "2", "Missing to param"
	case f.Get("from") != s.cfg.Number[1:]:
		status, words = "15", "Illegal Sender Address - rejected"
	case barred:
		status, words = "7", "Number barred."
	}
	if status != "0" {
		answer(w, map[string]any{"message-count": "1", "messages": []map[string]any{{"status": status, "error-text": words}}})
		return
	}
	l := s.show(to, Line{Ours: true, Text: f.Get("text"), ref: f.Get("client-ref")})
	answer(w, map[string]any{"message-count": "1", "messages": []map[string]any{{"to": f.Get("to"), "message-id": l.id, "status": "0", "remaining-balance": "12.30"}}})
}

func answer(w http.ResponseWriter, doc any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(doc) // whoever went away is told nothing
}

// Say lets a person write.
func (s *Sim) Say(ctx context.Context, from Person, words string) error {
	l := s.show(from.Address, Line{Text: words})
	return s.call(ctx, map[string]string{"msisdn": from.Address[1:], "to": s.cfg.Number[1:], "messageId": l.id, "text": words, "type": "text",
		"keyword": strings.ToUpper(strings.Fields(words + " ?")[0]), "message-timestamp": l.At.UTC().Format(time.DateTime)})
}

// Deliver reports that what the business wrote has arrived.
func (s *Sim) Deliver(ctx context.Context, who Person) error {
	return s.report(ctx, who, "delivered", "0")
}

// Undelivered reports that what the business wrote has not arrived.
func (s *Sim) Undelivered(ctx context.Context, who Person, code string) error {
	return s.report(ctx, who, "failed", code)
}

func (s *Sim) report(ctx context.Context, who Person, status, code string) error {
	s.mu.Lock()
	var news []Line
	for i := range s.screens[who.Address] {
		if l := &s.screens[who.Address][i]; l.Ours && !l.reported {
			l.reported, news = true, append(news, *l)
		}
	}
	s.mu.Unlock()
	for _, l := range news {
		err := s.call(ctx, map[string]string{"msisdn": who.Address[1:], "to": s.cfg.Number[1:], "messageId": l.id, "client-ref": l.ref, "status": status,
			"err-code": code, "price": "0.03", "message-timestamp": s.cfg.Clock.Now().UTC().Format(time.DateTime)})
		if err != nil {
			return err
		}
	}
	return nil
}

// call calls the business with a real signature.
func (s *Sim) call(ctx context.Context, params map[string]string) (err error) {
	params["api-key"], params["timestamp"] = s.cfg.APIKey, strconv.FormatInt(s.cfg.Clock.Now().Unix(), 10)
	params["nonce"] = params["messageId"] + params["status"]
	form := url.Values{"sig": {vonage.Sign(s.cfg.Method, s.cfg.SignatureSecret, params)}}
	for name, v := range params {
		form.Set(name, v)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.Hook(), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	got, err := s.cfg.Client.Do(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, got.Body.Close()) }()
	words, err := io.ReadAll(io.LimitReader(got.Body, maxBody))
	if err == nil && got.StatusCode != http.StatusOK {
		err = fmt.Errorf("the hook answered %d: %s", got.StatusCode, words)
	}
	return err
}
