package twiliosim

import (
	"bytes"
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

	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// Limits of what is taken.
const (
	maxBody = 1 << 20 // bytes of a call
	maxText = 1600    // characters of a message
)

// Config is one account with one number.
type Config struct {
	AccountSID string
	AuthToken  string
	Number     string        // "+815012345678"
	Hook       func() string // where text messages are reported, "" for none
	VoiceHook  func() string // where calls are reported, nil for none
	// Origin is how the business is known from outside ("https://desk.example"),
	// where that is not how it is reached: calls are signed with it.
	Origin string
	Client *http.Client
	Clock  clock.Clock
}

// Person is somebody with a telephone; Address is their number in E.164.
type Person struct{ Address, Name string }

// Line is what stands on a person's screen.
type Line struct {
	Ours bool // the business wrote it
	Text string
	File string // its address
	At   time.Time
	Read bool // text messages never tell
	SID  string

	report string // where to say what became of it
}

// Sim is Twilio. It is an http.Handler: the interface.
type Sim struct {
	cfg     Config
	mu      sync.Mutex
	screens map[string][]Line
	stopped map[string]bool
	files   map[string][]byte   // by path
	left    map[string][]string // recordings by call
	count   int
	fails   int
	status  int
	header  http.Header
}

// New returns an account with nothing on any screen.
func New(c Config) *Sim {
	return &Sim{cfg: c, screens: map[string][]Line{}, stopped: map[string]bool{}, files: map[string][]byte{}, left: map[string][]string{}}
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

func (s *Sim) next(prefix string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	return fmt.Sprintf("%s%032x", prefix, s.count)
}

func (s *Sim) show(address string, l Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.At = s.cfg.Clock.Now()
	s.screens[address] = append(s.screens[address], l)
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if s.failing(w, r) {
		return
	}
	user, password, _ := r.BasicAuth()
	if user != s.cfg.AccountSID || password != s.cfg.AuthToken {
		refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
		return
	}
	at := strings.TrimPrefix(r.URL.Path, "/2010-04-01/Accounts/"+s.cfg.AccountSID)
	switch {
	case at == ".json":
		answer(w, http.StatusOK, map[string]any{"sid": s.cfg.AccountSID, "friendly_name": "Kintsugi", "status": "active"})
	case at == "/Messages.json" && r.Method == http.MethodPost:
		s.take(w, r)
	case at == "/IncomingPhoneNumbers.json":
		answer(w, http.StatusOK, map[string]any{"incoming_phone_numbers": s.numbers(r.URL.Query().Get("PhoneNumber"))})
	case strings.HasPrefix(at, "/Calls/") && strings.HasSuffix(at, "/Recordings.json"):
		s.recordings(w, strings.TrimSuffix(strings.TrimPrefix(at, "/Calls/"), "/Recordings.json"))
	default:
		s.file(w, r.URL.Path)
	}
}

func (s *Sim) failing(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	fail, status, header := s.fails > 0, s.status, s.header
	if fail {
		s.fails--
	}
	s.mu.Unlock()
	if !fail {
		return false
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil || status == 0 {
		panic(http.ErrAbortHandler) // the way to break a connection
	}
	for name, v := range header {
		w.Header()[name] = v
	}
	http.Error(w, http.StatusText(status), status)
	return true
}

func (s *Sim) numbers(wanted string) []map[string]any {
	if wanted != s.cfg.Number {
		return []map[string]any{}
	}
	n := map[string]any{"phone_number": s.cfg.Number}
	if s.cfg.Hook != nil {
		n["sms_url"] = s.cfg.known(s.cfg.Hook)
	}
	if s.cfg.VoiceHook != nil {
		n["voice_url"], n["status_callback"] = s.cfg.known(s.cfg.VoiceHook), s.cfg.known(s.cfg.VoiceHook)+"/status"
	}
	return []map[string]any{n}
}

// take accepts a message of the business, or says why not.
func (s *Sim) take(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, 20001, "Invalid request")
		return
	}
	to, body := r.PostForm.Get("To"), r.PostForm.Get("Body")
	s.mu.Lock()
	stopped := s.stopped[to]
	s.mu.Unlock()
	switch {
	case !strings.HasPrefix(to, "+"):
		refuse(w, http.StatusBadRequest, 21211, "Invalid 'To' Phone Number: "+to)
	case r.PostForm.Get("From") != s.cfg.Number && r.PostForm.Get("MessagingServiceSid") == "":
		refuse(w, http.StatusBadRequest, 21606, "The 'From' phone number is not a valid, message-capable Twilio phone number.")
	case stopped:
		refuse(w, http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient")
	case len([]rune(body)) > maxText:
		refuse(w, http.StatusBadRequest, 21617, "The concatenated message body exceeds the 1600 character limit")
	case body == "" && len(r.PostForm["MediaUrl"]) == 0:
		refuse(w, http.StatusBadRequest, 21602, "Message body is required")
	default:
		l := Line{Ours: true, Text: body, File: r.PostForm.Get("MediaUrl"), SID: s.next("SM"), report: r.PostForm.Get("StatusCallback")}
		s.show(to, l)
		answer(w, http.StatusCreated, map[string]any{"sid": l.SID, "status": "queued", "to": to, "body": body})
	}
}

func (s *Sim) recordings(w http.ResponseWriter, call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	for _, sid := range s.left[call] {
		list = append(list, map[string]any{"sid": sid, "status": "processing"})
	}
	answer(w, http.StatusOK, map[string]any{"recordings": list})
}

// file hands out a picture or a recording.
func (s *Sim) file(w http.ResponseWriter, path string) {
	s.mu.Lock()
	data, ok := s.files[path]
	s.mu.Unlock()
	if !ok {
		refuse(w, http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	w.Header().Set("Content-Type", http.DetectContentType(data))
	_, _ = w.Write(data) // whoever went away gets nothing
}

func answer(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) // whoever went away is told nothing
}

func refuse(w http.ResponseWriter, status, code int, words string) {
	answer(w, status, map[string]any{"code": code, "message": words, "status": status, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code)})
}

// known is an address of the business as it is known from outside.
func (c Config) known(hook func() string) string {
	_, path := cut(hook())
	if c.Origin == "" {
		return hook()
	}
	return c.Origin + path
}

// reach is where an address of the business is reached.
func (c Config) reach(to string) string {
	hook := c.Hook
	if hook == nil {
		hook = c.VoiceHook
	}
	path, ours := strings.CutPrefix(to, c.Origin)
	if c.Origin == "" || !ours {
		return to
	}
	origin, _ := cut(hook())
	return origin + path
}

// cut splits an address after its host.
func cut(address string) (origin, path string) {
	scheme, rest, _ := strings.Cut(address, "://")
	host, path, _ := strings.Cut(rest, "/")
	return scheme + "://" + host, "/" + path
}

// call posts a form to an address of the business with a real signature and
// returns the answer.
func (s *Sim) call(ctx context.Context, to string, form url.Values) (body []byte, err error) {
	form.Set("AccountSid", s.cfg.AccountSID)
	form.Set("ApiVersion", "2010-04-01")
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.reach(to), bytes.NewBufferString(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set(twilio.SignatureHeader, twilio.Sign(s.cfg.AuthToken, to, form))
	got, err := s.cfg.Client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, got.Body.Close()) }()
	if body, err = io.ReadAll(io.LimitReader(got.Body, maxBody)); err == nil && got.StatusCode != http.StatusOK {
		err = fmt.Errorf("the hook answered %d: %s", got.StatusCode, body)
	}
	return body, err
}
