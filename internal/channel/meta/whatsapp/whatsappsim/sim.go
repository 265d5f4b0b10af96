package whatsappsim

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/metasim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// The rules of the vendor that are kept.
const (
	window  = 24 * time.Hour
	maxText = 4096
)

// Config is one business's number and its app.
type Config struct {
	Number        string // "+815012345678"
	Name          string // of the business
	PhoneNumberID string
	AccountID     string
	AppID         string
	AccessToken   string
	AppSecret     string
	Hook          func() string // where the business is called
	Client        *http.Client
	Clock         clock.Clock
}

// Person is somebody with WhatsApp; Address is their number in E.164.
type Person = metasim.Person

// Line is what stands on a person's screen.
type Line = metasim.Line

// Sim is the vendor. It is an http.Handler: the API.
type Sim struct {
	*metasim.Stage
	cfg Config
}

// New returns a vendor with nothing on any screen.
func New(c Config) *Sim {
	return &Sim{cfg: c, Stage: metasim.NewStage(metasim.App{ID: c.AppID, AccessToken: c.AccessToken, AppSecret: c.AppSecret,
		Object: "whatsapp_business_account", Fields: []string{"messages"}, Hook: c.Hook, Client: c.Client, Clock: c.Clock})}
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.Enter(w, r) {
		return
	}
	_, at, _ := strings.Cut(strings.TrimPrefix(path.Clean(r.URL.Path), "/"), "/") // without the version
	switch {
	case s.About(w, at):
	case r.Method == http.MethodPost && at == s.cfg.PhoneNumberID+"/messages":
		s.take(w, r)
	case r.Method == http.MethodPost && at == s.cfg.PhoneNumberID+"/media":
		s.upload(w, r)
	case at == s.cfg.PhoneNumberID:
		metasim.Answer(w, map[string]any{"id": at, "display_phone_number": s.cfg.Number, "verified_name": s.cfg.Name, "quality_rating": "GREEN"})
	case at == s.cfg.AccountID+"/message_templates":
		metasim.Answer(w, templates())
	case strings.HasPrefix(r.URL.Path, "/files/"):
		s.download(w, strings.TrimPrefix(r.URL.Path, "/files/"))
	default:
		s.locate(w, r, at)
	}
}

// templates is what the vendor approved.
func templates() any {
	return map[string]any{"data": []map[string]any{
		{"name": "order_news", "language": "ja", "status": "APPROVED", "components": []map[string]any{
			{"type": "BODY", "text": "{{1}} 様、ご注文 {{2}} についてご連絡があります。"},
			{"type": "FOOTER", "text": "このメッセージへそのままご返信ください。"},
		}},
		{"name": "order_news", "language": "en", "status": "APPROVED", "components": []map[string]any{
			{"type": "BODY", "text": "Dear {{name}}, we have news about your order {{order}}."},
		}},
		{"name": "reminder", "language": "en", "status": "APPROVED", "components": []map[string]any{
			{"type": "BODY", "text": "{{ 2 }} is ready, {{1}}. Please collect {{2}} this week."},
		}},
		{"name": "with_picture", "language": "en", "status": "APPROVED", "components": []map[string]any{
			{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "See for yourself."},
		}},
		{"name": "parcel", "language": "en", "status": "APPROVED", "components": []map[string]any{
			{"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"}, {"type": "BODY", "text": "Dear {{1}}, your parcel is on its way."},
			{"type": "BUTTONS", "buttons": []map[string]any{{"type": "QUICK_REPLY", "text": "Thanks"}, {"type": "URL", "text": "Track", "url": "https://shop.example/track/{{1}}"}}},
		}},
	}}
}

// sent is a message of the business.
type sent struct {
	To        string `json:"to"`
	Recipient string `json:"recipient"`
	Type      string `json:"type"`
	Ours      string `json:"biz_opaque_callback_data"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Template struct {
		Name       string `json:"name"`
		Components []struct {
			Type       string
			SubType    string `json:"sub_type"`
			Index      string
			Parameters []struct {
				Type, Text             string
				Image, Video, Document struct{ ID string }
			}
		} `json:"components"`
	} `json:"template"`
	Image, Video, Audio, Document struct{ ID, Caption string }
	Interactive                   struct {
		Type string
		Body struct{ Text string }

		Action struct {
			Buttons []struct {
				Type  string
				Reply struct{ ID, Title string }
			}
		}
	}
}

// asks returns the words and buttons of a message that has buttons; ok is false if
// it breaks the vendor's rules.
func (m sent) asks() (words, choices string, ok bool) {
	var titles []string
	i := m.Interactive
	for _, b := range i.Action.Buttons {
		if n := utf8.RuneCountInString(b.Reply.Title); b.Type != "reply" || b.Reply.ID == "" || n < 1 || n > 20 {
			return "", "", false
		}
		titles = append(titles, b.Reply.Title)
	}
	n := utf8.RuneCountInString(i.Body.Text)
	return i.Body.Text, strings.Join(titles, "|"), i.Type == "button" && len(titles) > 0 && len(titles) <= 3 && n > 0 && n <= 1024
}

// fits reports whether the values of a template are where it has places for them.
func (m sent) fits() bool {
	var got []string
	for _, c := range m.Template.Components {
		for _, p := range c.Parameters {
			if p.Type == "text" && p.Text == "" {
				return false
			}
			got = append(got, strings.Trim(c.Type+" "+c.SubType+" "+c.Index, " ")+" "+p.Type)
		}
	}
	want, known := map[string]string{
		"parcel": "header text, body text, button url 1 text",
	}[m.Template.Name]
	return !known || strings.Join(got, ", ") == want
}

func (m sent) media() (id, caption string) {
	for _, c := range m.Template.Components {
		for _, p := range c.Parameters {
			if c.Type == "header" {
				return p.Image.ID + p.Video.ID + p.Document.ID, ""
			}
		}
	}
	for _, f := range []struct{ ID, Caption string }{m.Image, m.Video, m.Audio, m.Document} {
		if f.ID != "" {
			return f.ID, f.Caption
		}
	}
	return "", ""
}

// take accepts a message of the business, or says why not.
func (s *Sim) take(w http.ResponseWriter, r *http.Request) {
	var m sent
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		metasim.Refuse(w, http.StatusBadRequest, 100, "Invalid parameter")
		return
	}
	to := m.To
	if to == "" {
		to = m.Recipient
	}
	line := Line{Ours: true, Text: m.Text.Body, Tag: m.Ours, ID: s.Next("wamid.B")}
	id, caption := m.media()
	file, known := s.File(id)
	switch {
	case to == "" || m.Type == "":
		metasim.Refuse(w, http.StatusBadRequest, 100, "Invalid parameter")
		return
	case s.Blocked(to):
		metasim.Refuse(w, http.StatusBadRequest, 131026, "Message undeliverable")
		return
	case m.Type == "template" && m.Template.Name == "with_picture" && !strings.HasPrefix(file.Type, "image/"):
		metasim.Refuse(w, http.StatusBadRequest, 132012, "Parameter format does not match format in the created template")
		return
	case m.Type == "template" && !m.fits():
		metasim.Refuse(w, http.StatusBadRequest, 132000, "Number of parameters does not match the expected number of params")
		return
	case m.Type == "template":
		line.Text, line.File = m.Template.Name, file.Name
	case s.Clock.Now().Sub(s.Heard(to)) > window:
		metasim.Refuse(w, http.StatusBadRequest, 131047, "Re-engagement message")
		return
	case m.Type == "text" && (m.Text.Body == "" || utf8.RuneCountInString(m.Text.Body) > maxText):
		metasim.Refuse(w, http.StatusBadRequest, 100, "Param text['body'] must be at most 4096 characters long.")
		return
	case m.Type == "interactive":
		ok := false
		if line.Text, line.Choices, ok = m.asks(); !ok {
			metasim.Refuse(w, http.StatusBadRequest, 131009, "Parameter value is not valid")
			return
		}
	case m.Type != "text" && !known:
		metasim.Refuse(w, http.StatusBadRequest, 131053, "Media upload error")
		return
	case known:
		line.Text, line.File = caption, file.Name
	}
	s.Show(to, line)
	metasim.Answer(w, map[string]any{"messaging_product": "whatsapp", "contacts": []map[string]any{{"input": to, "wa_id": strings.TrimPrefix(to, "+")}},
		"messages": []map[string]any{{"id": line.ID}}})
}

func (s *Sim) upload(w http.ResponseWriter, r *http.Request) {
	in, head, err := r.FormFile("file")
	if err != nil || r.FormValue("messaging_product") != "whatsapp" {
		metasim.Refuse(w, http.StatusBadRequest, 100, "Invalid parameter")
		return
	}
	data, err := io.ReadAll(in)
	if err != nil || len(data) == 0 {
		metasim.Refuse(w, http.StatusBadRequest, 131053, "Media upload error")
		return
	}
	mediaType, _, _ := mime.ParseMediaType(r.FormValue("type"))
	metasim.Answer(w, map[string]any{"id": s.Keep("7", metasim.Kept{Name: head.Filename, Type: mediaType, Data: data})})
}

// locate tells where a file is.
func (s *Sim) locate(w http.ResponseWriter, r *http.Request, id string) {
	file, ok := s.File(id)
	if !ok {
		metasim.RefuseAs(w, meta.Failure{Status: http.StatusBadRequest, Code: 100, Subcode: 33, Text: "Unsupported get request. Object with this ID does not exist"})
		return
	}
	metasim.Answer(w, map[string]any{"id": id, "messaging_product": "whatsapp", "url": "http://" + r.Host + "/files/" + id, "mime_type": file.Type, "file_size": len(file.Data)})
}

func (s *Sim) download(w http.ResponseWriter, id string) {
	file, ok := s.File(id)
	if !ok {
		metasim.RefuseAs(w, meta.Failure{Status: http.StatusBadRequest, Code: 100, Subcode: 33, Text: "Unsupported get request. Object with this ID does not exist"})
		return
	}
	w.Header().Set("Content-Type", file.Type)
	_, _ = w.Write(file.Data) // whoever went away gets nothing
}
