package scan

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/front/contact"
	"github.com/kintsugi-desk/kintsugi/internal/front/forms"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

//go:embed scan.gohtml scan.css kiosk.js worker.js
var sources embed.FS

// viewer makes pages. It does not change after newViewer.
type viewer struct {
	words     *phrase.Catalogue
	templates *template.Template
	frame     *page.Frame
	css, till string // till is the kiosk's script
	worker    []byte
}

func newViewer(words *phrase.Catalogue) (*viewer, error) {
	t, err := template.ParseFS(sources, "scan.gohtml")
	if err != nil {
		return nil, err
	}
	frame, err := page.New(survey.DefaultColor)
	if err != nil {
		return nil, err
	}
	v := &viewer{words: words, templates: t, frame: frame}
	for name, to := range map[string]*string{"scan.css": &v.css, "kiosk.js": &v.till} {
		b, err := sources.ReadFile(name)
		if err != nil {
			return nil, err
		}
		*to = string(b)
	}
	v.worker, err = sources.ReadFile("worker.js")
	return v, err
}

// shown is one page: its frame and the data of its body's template.
type shown struct {
	page.Sheet
	body string // name of the template
	data any
}

func (v *viewer) page(s shown) (html []byte, policy string, err error) {
	var body bytes.Buffer
	if err := v.templates.ExecuteTemplate(&body, s.body, s.data); err != nil {
		return nil, "", err
	}
	s.Style = v.css
	return v.frame.Render(s.Sheet, template.HTML(body.String()))
}

func (v *viewer) text(lang, key string, args ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return v.words.Text(lang, key, m)
}

// sheet is the frame of a sticker's page, with the other language at its foot; rest is
// what its address has behind the code, with a query or none.
func (v *viewer) sheet(lang, title string, s place.Opened, rest string) page.Sheet {
	other := v.text(lang, "place.page.languageTag")
	path, query, _ := strings.Cut(rest, "?")
	href := Base + s.Sticker.Code + path + "?lang=" + other
	if query != "" {
		href += "&" + query
	}
	return page.Sheet{Lang: lang, Title: title + " – " + s.Brand.Name, Brand: s.Brand.Name, Color: s.Brand.Color,
		Links: []page.Link{{Href: href, Text: v.text(lang, "place.page.language"), Lang: other}}}
}

// guardData is what every form of these pages carries against machines.
type guardData struct{ Ticket, Trap string }

// face is one of the five.
type face struct {
	Score       int
	Label, Path string
}

// mouths are the mouths of the faces, from the lowest score.
func mouths() [5]string {
	return [5]string{"M14 35q10-12 20 0", "M15 34q9-6 18 0", "M15 32h18", "M15 30q9 7 18 0", "M13 28q11 15 22 0z"}
}

// five returns the faces as they are read: the happiest first.
func (v *viewer) five(lang string) []face {
	var out []face
	for i, path := range mouths() {
		out = append(out, face{i + 1, v.text(lang, "survey.score."+strconv.Itoa(i+1)), path})
	}
	slices.Reverse(out)
	return out
}

// where names the place: "山吹堂 新宿店 – 2F レジ".
func where(lang string, s place.Opened) string {
	name := s.Place.Name.In(lang)
	if s.Sticker.Label != "" {
		name += " – " + s.Sticker.Label
	}
	return name
}

// faces is the state of the first page.
type faces struct{ ticket, note string }

type askData struct {
	guardData
	Question, Where, Action, Note, Tell, TellHref, Hint string
	Faces                                               []face
}

// ask is the page with the faces.
func (v *viewer) ask(lang string, s place.Opened, f faces) shown {
	question := place.Question(v.words, lang, s.Place)
	base := Base + s.Sticker.Code
	d := askData{guardData: guardData{f.ticket, v.text(lang, "place.page.trap")}, Question: question, Where: where(lang, s), Action: base + "?lang=" + lang,
		Tell: v.text(lang, "place.page.tell"), TellHref: base + "/say?" + url.Values{"lang": {lang}, "t": {f.ticket}}.Encode(), Hint: v.text(lang, "place.page.hint"), Faces: v.five(lang)}
	if f.note != "" {
		d.Note = v.text(lang, f.note)
	}
	return shown{v.sheet(lang, question, s, ""), "ask", d}
}

// saying is the state of the second page.
type saying struct {
	ticket, note string
	score        int // 0: a complaint
	said         place.Said
	wrong        []fault.Field
}

type wrong struct{ Field, Text string }

type sayData struct {
	guardData
	Heading, Where, Action, Note, WrongTitle, Given, ChangeHref, Change string
	Label, Hint, Words, Send                                            string
	Contact, Ask, AskHint, NameLabel, EmailLabel, PhoneLabel            string
	Name, Email, Phone                                                  string
	Wrong                                                               []wrong
	Bad                                                                 map[string]string // what is wrong, by field
	Must, Asks, First                                                   bool              // words are needed; an answer may be wanted; and that comes first
	Face                                                                *face
}

// say is the page that asks for words.
func (v *viewer) say(lang string, s place.Opened, st saying) shown {
	t := func(key string, args ...any) string { return v.text(lang, key, args...) }
	base := Base + s.Sticker.Code
	band, _ := survey.BandOf(st.score)
	kind := string(band)
	if st.score == 0 {
		kind = "complaint"
	}
	d := sayData{guardData: guardData{st.ticket, t("place.page.trap")}, Heading: t("place.say." + kind), Where: where(lang, s), Action: base + "/say?lang=" + lang,
		Label: t("place.say.words"), Hint: t("place.say.hint", "max", place.MaxWords), Words: st.said.Words, Send: t("place.say.send"),
		Contact: t("place.say.contact"), Ask: t("place.say.ask"), AskHint: t("place.say.askHint"), NameLabel: t("place.field.name"), EmailLabel: t("place.field.email"),
		PhoneLabel: t("place.field.phone"), Name: st.said.Name, Email: st.said.Email, Phone: st.said.Phone, WrongTitle: t("place.page.wrong"),
		Must: st.score == 0, Asks: st.score <= 3, First: band == survey.Dissatisfied || st.score == 0, Bad: map[string]string{}}
	if st.score == 0 {
		d.Label = t("place.say.what")
	} else {
		for _, f := range v.five(lang) {
			if f.Score == st.score {
				d.Face = &f
			}
		}
		d.Given = t("place.say.given", "label", d.Face.Label)
		d.Change, d.ChangeHref = t("place.say.change"), base+"?"+url.Values{"lang": {lang}, "t": {st.ticket}}.Encode()
	}
	if st.note != "" {
		d.Note = t(st.note)
	}
	for _, f := range st.wrong {
		text := v.words.Text(lang, f.Key, f.Args)
		d.Bad[f.Path] = text
		d.Wrong = append(d.Wrong, wrong{f.Path, t("place.field."+f.Path) + ": " + text})
	}
	sheet := v.sheet(lang, d.Heading, s, "/say?t="+url.QueryEscape(st.ticket))
	if len(d.Wrong) > 0 {
		sheet.Title = d.WrongTitle + " – " + sheet.Title // what a screen reader says first
	}
	return shown{sheet, "say", d}
}

type wordsData struct {
	Heading string
	Text    []string
	Links   []page.Link
	Done    bool
}

// thanks is the end of a visit.
func (v *viewer) thanks(lang string, s place.Opened, score int) shown {
	key := "place.thanks"
	if band, ok := survey.BandOf(score); ok && band != survey.Satisfied {
		key = "place.heard"
	}
	d := wordsData{Heading: v.text(lang, key+".title"), Text: []string{v.text(lang, key+".text")}, Done: true}
	sheet := v.sheet(lang, d.Heading, s, "/thanks?score="+strconv.Itoa(score))
	return shown{sheet, "words", d}
}

// ended is the page of a sticker that is out of use.
func (v *viewer) ended(lang string, s place.Opened, w place.Ways) shown {
	d := wordsData{Heading: v.text(lang, "place.ended.title"), Text: []string{v.text(lang, "place.ended.text")}}
	if w.Listed {
		d.Links = append(d.Links, page.Link{Href: contact.Base + s.Brand.ID + "?lang=" + lang, Text: v.text(lang, "place.ended.points")})
	}
	for _, f := range w.Forms {
		d.Links = append(d.Links, page.Link{Href: forms.Base + f.Slug + "?lang=" + lang, Text: f.Content.Title.In(lang)})
	}
	if w.Mail != "" {
		d.Links = append(d.Links, page.Link{Href: place.Mailto(w.Mail), Text: v.text(lang, "place.ended.mail", "address", w.Mail)})
	}
	return shown{v.sheet(lang, d.Heading, s, ""), "words", d}
}

// plain is a page that belongs to no place.
func (v *viewer) plain(lang, name string) shown {
	title := v.text(lang, "place."+name+".title")
	return shown{page.Sheet{Lang: lang, Title: title}, "words", wordsData{Heading: title, Text: []string{v.text(lang, "place."+name+".text")}}}
}

// counter is the state of a kiosk.
type counter struct {
	pass   string
	shut   place.Admission // why it is heard no longer; "" while it is
	before []string        // codes whose answers it sends too
}

type kioskData struct {
	Code, Pass, Lang, Words, Worker, Base, Shut, Before, NoScript string
	Max                                                           int
	Faces                                                         []face
}

// kiosk is the page of a device at the counter. It has the words of both languages,
// as it changes them without a network.
func (v *viewer) kiosk(lang string, s place.Opened, k counter) shown {
	say := map[string]map[string]string{}
	for _, l := range phrase.Languages() {
		m := map[string]string{"question": place.Question(v.words, l, s.Place), "where": where(l, s)}
		for _, name := range []string{"more", "words", "send", "skip", "thanks", "heard", "back", "other", "otherTag", "waiting", "full", "withdrawn.title", "withdrawn.text", "ended.title", "ended.text"} {
			m[name] = v.text(l, "place.kiosk."+name)
		}
		for _, f := range v.five(l) {
			m["score"+strconv.Itoa(f.Score)] = f.Label
		}
		say[l] = m
	}
	b, err := json.Marshal(say)
	if err != nil {
		panic("scan: " + err.Error()) // a map of texts always has a JSON
	}
	d := kioskData{Code: s.Sticker.Code, Pass: k.pass, Shut: string(k.shut), Before: strings.Join(k.before, " "), Lang: lang, Words: string(b), Worker: Base + workerName, Base: Base,
		NoScript: v.text(lang, "place.kiosk.noScript"), Max: place.MaxWords, Faces: v.five(lang)}
	sheet := v.sheet(lang, place.Question(v.words, lang, s.Place), s, "")
	sheet.Links, sheet.Script, sheet.Calls = nil, v.till, true
	return shown{sheet, "kiosk", d}
}
