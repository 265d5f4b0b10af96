package metasim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// maxBody is the largest call that is taken, in bytes.
const maxBody = 128 << 20

// App is the vendor's side of one app.
type App struct {
	ID          string
	AccessToken string
	AppSecret   string
	Object      string   // what the app is subscribed to
	Fields      []string // of it
	Hook        func() string
	Client      *http.Client
	Clock       clock.Clock
	Expires     time.Time // of the access token; zero: never
}

// Person is somebody who uses the vendor's app.
type Person struct{ Address, Name string }

// Line is what stands on a person's screen.
type Line struct {
	Ours bool // the business wrote it
	Text string
	File string // its name
	At   time.Time
	Read bool // by the person

	Public  bool   // it stands below a comment
	Choices string // the quick replies below it, with | between them

	ID    string // the vendor's
	Tag   string // of the business's own
	Known bool   // the business was told that it was delivered
}

// Stage keeps the screens of everybody who talks with one business. It is safe
// for concurrent use.
type Stage struct {
	App
	mu      sync.Mutex
	screens map[string][]Line
	heard   map[string]time.Time
	blocked map[string]bool
	files   map[string]Kept
	count   int
	fails   int
	status  int
	header  http.Header
}

// Kept is a file that was uploaded or sent.
type Kept struct {
	Name, Type string
	Data       []byte
}

// NewStage returns an empty stage.
func NewStage(a App) *Stage {
	return &Stage{App: a, screens: map[string][]Line{}, heard: map[string]time.Time{}, blocked: map[string]bool{}, files: map[string]Kept{}}
}

// Fail lets the next n calls fail with a status and headers. Status 0 breaks the
// connection without an answer, after the call was heard.
func (s *Stage) Fail(n, status int, header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails, s.status, s.header = n, status, header
}

// Screen returns what a person sees, oldest first.
func (s *Stage) Screen(address string) []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Line{}, s.screens[address]...)
}

// Screens returns how many messages of the business stand on all screens.
func (s *Stage) Screens() (n int) {
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

// Block makes a person refuse messages from now on.
func (s *Stage) Block(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked[address] = true
}

// Blocked reports whether a person refuses messages.
func (s *Stage) Blocked(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blocked[address]
}

// Heard returns when a person last wrote.
func (s *Stage) Heard(address string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard[address]
}

// Next returns a new id.
func (s *Stage) Next(prefix string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	return prefix + strconv.Itoa(s.count)
}

// Show puts a line on a person's screen.
func (s *Stage) Show(address string, l Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.At.IsZero() {
		l.At = s.Clock.Now()
	}
	if !l.Ours {
		s.heard[address] = l.At
	}
	s.screens[address] = append(s.screens[address], l)
}

// Unread marks what the business wrote as delivered, or as read, and returns the
// lines of which that was not known.
func (s *Stage) Unread(address string, read bool) (news []Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.screens[address] {
		l := &s.screens[address][i]
		if !l.Ours || read && l.Read || !read && l.Known {
			continue
		}
		l.Known, l.Read = true, l.Read || read
		news = append(news, *l)
	}
	return news
}

// Keep stores a file and returns its id.
func (s *Stage) Keep(prefix string, k Kept) string {
	id := s.Next(prefix)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = k
	return id
}

// File returns a stored file.
func (s *Stage) File(id string) (Kept, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.files[id]
	return k, ok
}

// Call posts a document to the business with a real signature. Errors: the
// business did not take it.
func (s *Stage) Call(ctx context.Context, doc any) (err error) {
	body, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Hook(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(meta.SignatureHeader, meta.Sign(s.AppSecret, body))
	answer, err := s.Client.Do(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	words, err := io.ReadAll(io.LimitReader(answer.Body, 1000))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("the hook answered %d: %s", answer.StatusCode, words)
	}
	return err
}

// Enter is the start of every answer: it heeds Fail and checks the token. ok is
// false when the call has been answered.
func (s *Stage) Enter(w http.ResponseWriter, r *http.Request) (ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.mu.Lock()
	fail := s.fails > 0
	if fail {
		s.fails--
	}
	status, header := s.status, s.header
	s.mu.Unlock()
	switch {
	case fail && status == 0:
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return false
		}
		panic(http.ErrAbortHandler) // the way to break a connection
	case fail:
		for name, v := range header {
			w.Header()[name] = v
		}
		Refuse(w, status, 0, http.StatusText(status))
		return false
	}
	given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if given != s.AccessToken && given != s.ID+"|"+s.AppSecret {
		Refuse(w, http.StatusUnauthorized, 190, "Invalid OAuth access token - Cannot parse access token")
		return false
	}
	return true
}

// Refuse answers as the Graph API says no. Code 0 leaves out the API's own words.
func Refuse(w http.ResponseWriter, status, code int, words string) {
	RefuseAs(w, meta.Failure{Status: status, Code: code, Text: words})
}

// RefuseAs is Refuse with everything that the API may say.
func RefuseAs(w http.ResponseWriter, f meta.Failure) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status)
	if f.Code == 0 {
		_, _ = io.WriteString(w, "<html>"+f.Text+"</html>") // whoever went away is told nothing
		return
	}
	no := map[string]any{"message": "(#" + strconv.Itoa(f.Code) + ") " + f.Text, "type": "OAuthException", "code": f.Code}
	if f.Subcode != 0 {
		no["error_subcode"] = f.Subcode
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error": no}) // whoever went away is told nothing
}

// Answer answers with a document.
func Answer(w http.ResponseWriter, doc any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(doc) // whoever went away is told nothing
}

// About answers what an app can ask about itself. ok is false if the call is
// about something else.
func (s *Stage) About(w http.ResponseWriter, path string) (ok bool) {
	switch path {
	case "debug_token":
		expires := int64(0)
		if !s.Expires.IsZero() {
			expires = s.Expires.Unix()
		}
		Answer(w, map[string]any{"data": map[string]any{"app_id": s.ID, "is_valid": true, "expires_at": expires, "scopes": []string{"messaging"}}})
	case s.ID + "/subscriptions":
		var fields []map[string]any
		for _, f := range s.Fields {
			fields = append(fields, map[string]any{"name": f, "version": "v25.0"})
		}
		Answer(w, map[string]any{"data": []map[string]any{{"object": s.Object, "callback_url": s.Hook(), "active": true, "fields": fields}}})
	default:
		return false
	}
	return true
}
