package telegramsim

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// Config is the bot that is played.
type Config struct {
	Token    string        // "123456:ABC…"
	Username string        // without @
	Name     string        // as customers see it
	Hook     func() string // where to call instead of what the bot registered; nil or "": there
	Client   *http.Client  // calls the webhook
	Clock    clock.Clock
}

// Person is somebody with Telegram.
type Person struct {
	Address string // the number of their account
	Name    string
}

// Line is one message on somebody's screen.
type Line struct {
	Ours bool   // the bot's
	Text string // words, or what is written below a file
	File string // name of a file
	At   time.Time
	Read bool

	Choices string // the buttons below it, with | between them
}

// Sim is the played Telegram. It is safe for concurrent use.
type Sim struct {
	cfg Config

	mu      sync.Mutex
	changed chan struct{}
	seq     int64
	names   map[string]string
	blocked map[string]bool
	screens map[string][]Line
	lastID  map[string]int64 // of what each person sent last
	pending []waiting        // not confirmed
	files   map[string]file  // by id
	fails   []failure
	lose    int
	calls   []string
	hook    hook
}

type waiting struct {
	id  int64
	doc map[string]any
}

type file struct {
	name string
	data []byte
	gone bool
}

type failure struct {
	status     int
	words      string
	retryAfter int
}

// hook is the webhook that the bot registered.
type hook struct {
	url, secret string
	failedAt    time.Time
	failure     string
}

// New returns a Telegram with one bot and nobody in it.
func New(cfg Config) *Sim {
	return &Sim{
		cfg: cfg, changed: make(chan struct{}), seq: cfg.Clock.Now().Unix() % 1e9, names: map[string]string{}, blocked: map[string]bool{},
		screens: map[string][]Line{}, lastID: map[string]int64{}, files: map[string]file{},
	}
}

// id returns a new number. The caller holds the lock.
func (s *Sim) id() int64 {
	s.seq++
	return s.seq
}

// Screen returns what somebody sees of the chat with the bot.
func (s *Sim) Screen(address string) []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.screens[address])
}

// Fail answers the next n requests with a status. Retry-After of header becomes
// the answer's retry_after.
func (s *Sim) Fail(n, status int, header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := failure{status: status, words: "played failure"}
	for _, digit := range header.Get("Retry-After") {
		f.retryAfter = f.retryAfter*10 + int(digit-'0')
	}
	for range n {
		s.fails = append(s.fails, f)
	}
}

// Lose carries out the next n messages and cuts the connection before it answers.
func (s *Sim) Lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = n
}

// Calls returns the requests that came, by method.
func (s *Sim) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Forget makes a file gone for good.
func (s *Sim) Forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = file{gone: true}
}

// Renumber makes update numbers begin anew at n, as after a week without any.
func (s *Sim) Renumber(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq = n
}
