package contact

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

//go:embed contact.gohtml contact.css contact.js
var sources embed.FS

// shelf is what a brand shows.
type shelf struct {
	brand  brand.Brand
	points []state
}

// state is a contact point as it is now.
type state struct {
	contact.Point
	calendar *worktime.Calendar // nil: around the clock
	now      time.Time
	took     time.Duration
	known    bool
}

// open reports whether somebody is there. Letters and mail are taken at any time,
// and wait for somebody.
func (s state) open() bool { return s.calendar == nil || s.calendar.IsOpen(s.now) }

// shown is a contact point in words.
type shown struct {
	Kind   string   `json:"kind"`
	Name   string   `json:"name"` // of the kind
	Label  string   `json:"label"`
	Value  string   `json:"value"`
	Link   string   `json:"link"`
	Act    string   `json:"act"` // words of the link where there is no value
	Open   bool     `json:"open"`
	State  string   `json:"state"`
	Hours  []string `json:"hours"`
	Usual  string   `json:"usual"`
	Cost   string   `json:"cost"`
	Note   string   `json:"note"`
	Spoken string   `json:"languages"`
	Access []string `json:"access"`
}

// Href is Link for the page. Its scheme is one of tel, mailto, https and http, which
// the registry has checked; the template knows only the last three.
func (s shown) Href() template.URL { return template.URL(s.Link) }

// viewer puts things into words. It does not change after newViewer.
type viewer struct {
	words     *phrase.Catalogue
	templates *template.Template
	frame     *page.Frame
	css       string
	script    []byte
}

func newViewer(words *phrase.Catalogue) (*viewer, error) {
	t, err := template.ParseFS(sources, "contact.gohtml")
	if err != nil {
		return nil, err
	}
	frame, err := page.New(survey.DefaultColor)
	if err != nil {
		return nil, err
	}
	css, err := sources.ReadFile("contact.css")
	if err != nil {
		return nil, err
	}
	script, err := sources.ReadFile("contact.js")
	return &viewer{words: words, templates: t, frame: frame, css: string(css), script: script}, err
}

func (v *viewer) say(lang, key string, args ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return v.words.Text(lang, key, m)
}

// barData is what the script is told.
type barData struct {
	Brand string  `json:"brand"`
	Lang  string  `json:"lang"`
	Title string  `json:"title"`
	More  string  `json:"more"`
	Page  string  `json:"page"`
	Color string  `json:"color"`
	Items []shown `json:"items"`
}

func (v *viewer) bar(lang string, s shelf, address string) barData {
	return barData{Brand: s.brand.Name, Lang: lang, Title: v.say(lang, "contact.page.title"), More: v.say(lang, "contact.bar.more"), Page: address,
		Color: s.brand.Color, Items: v.items(lang, s)}
}

func (v *viewer) items(lang string, s shelf) []shown {
	out := []shown{}
	for _, one := range s.points {
		out = append(out, v.item(lang, s.brand, one))
	}
	return out
}

func (v *viewer) item(lang string, b brand.Brand, s state) shown {
	c := s.Content
	kind := string(c.Kind)
	out := shown{Kind: kind, Name: v.say(lang, "contact.kind."+kind), Label: c.Label.In(lang), Value: c.Value, Link: s.Link(), Open: s.open(),
		State: v.state(lang, b, s), Hours: v.hours(lang, b, s), Cost: c.Cost.In(lang), Note: c.Note.In(lang), Access: []string{}}
	if out.Value == "" {
		out.Act = v.say(lang, "contact.act."+kind)
	}
	if out.Cost == "" && c.Kind == contact.Phone {
		out.Cost = v.say(lang, "contact.cost."+string(contact.Classify(c.Value)))
	}
	if s.known && (c.Kind == contact.Mail || c.Kind == contact.Form || c.Kind == contact.Chat || c.Kind == contact.Social) { // where one is written to
		n, unit := conversation.Within(s.took)
		out.Usual = v.say(lang, "contact.usual."+unit, "n", n)
	}
	out.Spoken = strings.Join(spoken(c.Languages), v.say(lang, "contact.and"))
	for _, a := range c.Access {
		out.Access = append(out.Access, v.say(lang, "contact.access."+string(a)))
	}
	return out
}

// state says whether the point is open, and else when it opens.
func (v *viewer) state(lang string, b brand.Brand, s state) string {
	switch {
	case s.Content.Kind == contact.Post, s.Content.Kind == contact.Fax:
		return ""
	case s.calendar == nil:
		return v.say(lang, "contact.always")
	case s.open():
		return v.say(lang, "contact.open")
	}
	at, err := s.calendar.NextOpen(s.now)
	if err != nil {
		return v.say(lang, "contact.closed")
	}
	return v.say(lang, "contact.opens", "at", survey.Moment(lang, at, b.Zone))
}

type pageData struct {
	Title, Lead, Empty, Hours, Languages string
	Items                                []shown
}

func (v *viewer) page(lang string, s shelf) (html []byte, policy string, err error) {
	title := v.say(lang, "contact.page.title")
	d := pageData{Title: title, Lead: v.say(lang, "contact.page.lead", "brand", s.brand.Name), Empty: v.say(lang, "contact.page.empty"),
		Hours: v.say(lang, "contact.page.hours"), Languages: v.say(lang, "contact.page.languages"), Items: v.items(lang, s)}
	other := v.say(lang, "survey.page.languageTag")
	sheet := page.Sheet{Lang: lang, Title: title + " – " + s.brand.Name, Brand: s.brand.Name, Color: s.brand.Color,
		Links: []page.Link{{Href: "?lang=" + other, Text: v.say(lang, "survey.page.language"), Lang: other}}}
	return v.render(sheet, "list", d)
}

func (v *viewer) plain(lang string, status int) (html []byte, policy string, err error) {
	name := map[int]string{http.StatusNotFound: "missing", http.StatusTooManyRequests: "slow"}[status]
	if name == "" {
		name = "broken"
	}
	title := v.say(lang, "contact."+name+".title")
	return v.render(page.Sheet{Lang: lang, Title: title}, "plain", pageData{Title: title, Lead: v.say(lang, "contact."+name+".text")})
}

func (v *viewer) render(s page.Sheet, body string, data pageData) (html []byte, policy string, err error) {
	var out bytes.Buffer
	if err := v.templates.ExecuteTemplate(&out, body, data); err != nil {
		return nil, "", err
	}
	s.Style = v.css
	return v.frame.Render(s, template.HTML(out.String()))
}
