package linesim

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// Config is the account that is played.
type Config struct {
	Secret  string        // channel secret
	Token   string        // channel access token
	ID      string        // channel id, for which tokens are lent; "": for none
	Ends    time.Time     // of Token; zero: it is long-lived
	BasicID string        // "@shop"
	Name    string        // as customers see it
	Hook    func() string // where the account's webhook is; nil or "": nowhere
	Client  *http.Client  // calls the webhook
	Clock   clock.Clock
	Limit   int // pushes a month; 0: any number
}

// Person is somebody with LINE.
type Person struct {
	Address string // their id: U and 32 hexadecimal digits
	Name    string
}

// Line is one message on somebody's screen.
type Line struct {
	Ours bool   // the account's
	Text string // words; a link is in them
	File string // address of a picture, or the id of a file the person sent
	At   time.Time
	Read bool

	Choices string // the quick replies below it, with | between them
}

// Sim is the played LINE. It is safe for concurrent use.
type Sim struct {
	cfg Config

	mu      sync.Mutex
	seq     int64
	names   map[string]string // by address
	blocked map[string]bool
	screens map[string][]Line
	tokens  map[string]*replyToken
	keys    map[string][]sent // requests that were accepted, by retry key
	files   map[string]file   // by message id
	fails   []failure
	lose    int
	off     bool // the webhook is not used
	used    int
	calls   []string
	last    []byte            // the body of the last call of the webhook
	lastID  map[string]string // of each person's last message
	lent    map[string]time.Time
}

type replyToken struct {
	address string
	until   time.Time
}

type sent struct {
	ID string `json:"id"`
}

type file struct {
	contentType string
	data        []byte
	preparing   int // how often it is still not ready
	gone        bool
}

type failure struct {
	status int
	header http.Header
}

// New returns a LINE with one account and nobody in it.
func New(cfg Config) *Sim {
	return &Sim{
		cfg: cfg, seq: cfg.Clock.Now().UnixMilli() * 1000, names: map[string]string{}, blocked: map[string]bool{}, screens: map[string][]Line{},
		tokens: map[string]*replyToken{}, keys: map[string][]sent{}, files: map[string]file{}, lastID: map[string]string{}, lent: map[string]time.Time{},
	}
}

// id returns a new number. The caller holds the lock.
func (s *Sim) id() string {
	s.seq++
	return fmt.Sprintf("%d", s.seq)
}

// Screen returns what somebody sees of the conversation with the account.
func (s *Sim) Screen(address string) []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.screens[address])
}

// Fail answers the next n requests with a status and header.
func (s *Sim) Fail(n, status int, header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.fails = append(s.fails, failure{status, header})
	}
}

// Revoke makes the account's token one that LINE does not know any more.
func Revoke(s *Sim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Token = "revoked by its owner"
}

// Lose carries out the next n requests with messages and cuts the connection
// before it answers.
func (s *Sim) Lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = n
}

// UseWebhook turns the account's webhook on or off.
func (s *Sim) UseWebhook(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = !on
}

// Calls returns the requests that came, as method and path.
func (s *Sim) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Prepare makes a file not ready for the next n times that it is asked for.
func (s *Sim) Prepare(id string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[id]
	f.preparing = n
	s.files[id] = f
}

// Forget makes a file gone for good.
func (s *Sim) Forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = file{gone: true}
}
