package messengersim

import (
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/metasim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// The rules of the vendor that are kept.
const (
	window        = 24 * time.Hour
	pageText      = 2000 // characters
	instagramText = 1000 // bytes
)

// Config is one page or account and its app.
type Config struct {
	Instagram   bool // an account on Instagram, not a page
	ID          string
	Name        string
	AppID       string
	AccessToken string
	AppSecret   string
	Hook        func() string // where the business is called
	Client      *http.Client
	Clock       clock.Clock
	HumanAgent  bool // the app may use the tag for answers of people
}

// Person is somebody who writes; Address is the id that the page knows them by.
type Person = metasim.Person

// Line is what stands on a person's screen.
type Line = metasim.Line

// Sim is the vendor. It is an http.Handler: the API.
type Sim struct {
	*metasim.Stage
	cfg      Config
	mu       sync.Mutex
	people   map[string]string // names by address
	comments map[string]string // writers of comments that were not answered yet
}

// New returns a vendor with nothing on any screen.
func New(c Config) *Sim {
	return &Sim{cfg: c, people: map[string]string{}, comments: map[string]string{},
		Stage: metasim.NewStage(metasim.App{ID: c.AppID, AccessToken: c.AccessToken, AppSecret: c.AppSecret, Object: object(c.Instagram),
			Fields: []string{"messages", "messaging_postbacks", "feed"}, Hook: c.Hook, Client: c.Client, Clock: c.Clock})}
}

func object(instagram bool) string {
	if instagram {
		return "instagram"
	}
	return "page"
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, public := strings.CutPrefix(r.URL.Path, "/files/"); public {
		s.download(w, name)
		return
	}
	if !s.Enter(w, r) {
		return
	}
	_, at, _ := strings.Cut(strings.TrimPrefix(path.Clean(r.URL.Path), "/"), "/") // without the version
	switch {
	case s.About(w, at):
	case r.Method == http.MethodPost && at == "me/messages":
		s.take(w, r)
	case r.Method == http.MethodPost && strings.HasSuffix(at, s.below()):
		s.comment(w, r, strings.TrimSuffix(at, s.below()))
	case r.Method == http.MethodPost && at == "me/message_attachments" && !s.cfg.Instagram:
		s.upload(w, r)
	case at == "me" && s.cfg.Instagram: // an account has another id beside the one that it is called about
		metasim.Answer(w, map[string]any{"id": s.cfg.ID + "0", "user_id": s.cfg.ID, "username": s.cfg.Name})
	case at == "me":
		metasim.Answer(w, map[string]any{"id": s.cfg.ID, "name": s.cfg.Name})
	case at == "me/subscribed_apps":
		metasim.Answer(w, map[string]any{"data": []map[string]any{{"id": s.cfg.AppID, "subscribed_fields": s.Fields}}})
	default:
		s.profile(w, at)
	}
}

// sent is a message of the business.
type sent struct {
	Recipient struct {
		ID      string `json:"id"`
		Comment string `json:"comment_id"`
	} `json:"recipient"`
	Type    string `json:"messaging_type"`
	Tag     string `json:"tag"`
	Message struct {
		Text    string `json:"text"`
		Replies []struct {
			Type    string `json:"content_type"`
			Title   string `json:"title"`
			Payload string `json:"payload"`
		} `json:"quick_replies"`
		Attachment struct {
			Payload struct {
				ID  string `json:"attachment_id"`
				URL string `json:"url"`
			} `json:"payload"`
		} `json:"attachment"`
	} `json:"message"`
}

func (m sent) file() string {
	if p := m.Message.Attachment.Payload; p.ID != "" {
		return p.ID
	}
	return m.Message.Attachment.Payload.URL
}

// take accepts a message of the business, or says why not.
func (s *Sim) take(w http.ResponseWriter, r *http.Request) {
	var m sent
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil || m.Message.Text == "" && m.file() == "" || m.Type == "" && !s.cfg.Instagram {
		metasim.Refuse(w, http.StatusBadRequest, 100, "Invalid parameter")
		return
	}
	to, private := m.Recipient.ID, false
	if c := m.Recipient.Comment; c != "" {
		s.mu.Lock()
		to, private = s.comments[c], true
		delete(s.comments, c)
		s.mu.Unlock()
	}
	line := Line{Ours: true, Text: m.Message.Text, ID: s.Next("m_B")}
	var titles []string
	for _, q := range m.Message.Replies {
		if q.Type != "text" || q.Payload == "" || q.Title == "" || utf8.RuneCountInString(q.Title) > 20 || len(m.Message.Replies) > 13 {
			metasim.Refuse(w, http.StatusBadRequest, 100, "Invalid quick replies")
			return
		}
		titles = append(titles, q.Title)
	}
	line.Choices = strings.Join(titles, "|")
	if at := m.file(); at != "" {
		file, known := s.File(at)
		if line.File = file.Name; s.cfg.Instagram {
			line.File = at
		} else if !known {
			metasim.Refuse(w, http.StatusBadRequest, 100, "Invalid attachment id")
			return
		}
	}
	switch {
	case to == "" || !s.knows(to):
		metasim.Refuse(w, http.StatusBadRequest, 100, "No matching user found")
	case s.Blocked(to):
		metasim.Refuse(w, http.StatusBadRequest, 551, "This person isn't available right now.")
	case m.Tag != "" && (m.Tag != "HUMAN_AGENT" || m.Type != "MESSAGE_TAG" || !s.cfg.HumanAgent):
		metasim.Refuse(w, http.StatusBadRequest, 10, "Application does not have permission for this action")
	case !private && s.Clock.Now().Sub(s.Heard(to)) > reach(m.Tag):
		metasim.RefuseAs(w, meta.Failure{Status: http.StatusBadRequest, Code: 10, Subcode: 2018278, Text: "This message is sent outside of allowed window."})
	case s.tooLong(m.Message.Text):
		metasim.Refuse(w, http.StatusBadRequest, 100, "Length of param message[text] must be less than or equal to its limit")
	default:
		s.Show(to, line)
		metasim.Answer(w, map[string]any{"recipient_id": to, "message_id": line.ID})
	}
}

// reach is how long after a person wrote they may be written to.
func reach(tag string) time.Duration {
	if tag != "" {
		return 7 * window
	}
	return window
}

// below is where answers to a comment are posted.
func (s *Sim) below() string {
	if s.cfg.Instagram {
		return "/replies"
	}
	return "/comments"
}

// comment takes an answer of the business below a comment, for all to see.
func (s *Sim) comment(w http.ResponseWriter, r *http.Request, id string) {
	var in struct {
		Message string `json:"message"`
	}
	s.mu.Lock()
	to := s.comments[id]
	s.mu.Unlock()
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Message == "" || to == "" {
		metasim.Refuse(w, http.StatusBadRequest, 100, "Invalid parameter")
		return
	}
	line := Line{Ours: true, Public: true, Text: in.Message, ID: s.Next(id + "_")}
	s.Show(to, line)
	metasim.Answer(w, map[string]any{"id": line.ID})
}

func (s *Sim) tooLong(text string) bool {
	if s.cfg.Instagram {
		return len(text) > instagramText
	}
	return utf8.RuneCountInString(text) > pageText
}

func (s *Sim) knows(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.people[address]
	return ok
}

func (s *Sim) profile(w http.ResponseWriter, address string) {
	s.mu.Lock()
	name, ok := s.people[address]
	s.mu.Unlock()
	if !ok {
		metasim.Refuse(w, http.StatusBadRequest, 100, "Unsupported get request.")
		return
	}
	metasim.Answer(w, map[string]any{"id": address, "name": name, "profile_pic": "https://scontent.xx.fbcdn.net/" + address + ".jpg", "locale": "ja_JP"})
}

func (s *Sim) upload(w http.ResponseWriter, r *http.Request) {
	var m struct {
		Attachment struct {
			Payload struct {
				Reusable bool `json:"is_reusable"`
			} `json:"payload"`
		} `json:"attachment"`
	}
	in, head, err := r.FormFile("filedata")
	if err != nil || json.Unmarshal([]byte(r.FormValue("message")), &m) != nil {
		metasim.Refuse(w, http.StatusBadRequest, 100, "Invalid parameter")
		return
	}
	data, err := io.ReadAll(in)
	if err != nil || len(data) == 0 {
		metasim.Refuse(w, http.StatusBadRequest, 100, "Upload attachment failure.")
		return
	}
	id := s.Next("8") // what is not reusable has an id that leads nowhere
	if m.Attachment.Payload.Reusable {
		id = s.Keep("8", metasim.Kept{Name: head.Filename, Data: data})
	}
	metasim.Answer(w, map[string]any{"attachment_id": id})
}

func (s *Sim) download(w http.ResponseWriter, name string) {
	file, ok := s.File(strings.TrimSuffix(name, path.Ext(name)))
	if !ok {
		http.Error(w, "URL signature expired", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", file.Type)
	_, _ = w.Write(file.Data) // whoever went away gets nothing
}
