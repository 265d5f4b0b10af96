package public

import (
	"bytes"
	"embed"
	"html/template"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

//go:embed layout.gohtml ask.css
var files embed.FS

// maxTitle is how much of a conversation's subject a page repeats.
const maxTitle = 80

// renderer makes pages. It does not change after newRenderer.
type renderer struct {
	words     *phrase.Catalogue
	templates *template.Template
	frames    *page.Frame
	css       string
}

func newRenderer(words *phrase.Catalogue) (*renderer, error) {
	t, err := template.ParseFS(files, "layout.gohtml")
	if err != nil {
		return nil, err
	}
	frame, err := page.New(survey.DefaultColor)
	if err != nil {
		return nil, err
	}
	css, err := files.ReadFile("ask.css")
	return &renderer{words: words, templates: t, frames: frame, css: string(css)}, err
}

// view is one page: its frame and the data of its body's template.
type view struct {
	page.Sheet
	body string // name of the template
	data any
}

// link is a reference at the foot of a page.
type link = page.Link

// question is the state of the form beyond what is stored.
type question struct {
	chosen       int
	preset       bool // chosen by the link in the mail, not yet given
	comment      string
	repeated     *bool
	wrongScore   bool
	wrongComment map[string]any // arguments of the words; nil if it is right
	trapped      bool
}

// askData is what the template of the form sees.
type askData struct {
	Lang, Action, Question, About, Note                 string
	CommentLabel, CommentHint, Comment, TrapLabel, Send string
	WrongTitle                                          string
	Wrong                                               []wrong
	WrongScore, WrongComment                            bool
	Choices                                             []option // from the lowest score, as the row reads
	Low, High                                           string   // what its ends mean
	Repeat                                              *repeatData
}

// repeatData is the question whether something had to be told again.
type repeatData struct {
	Question, Yes, No, Left string
	SaidYes, SaidNo         bool
}

type option struct {
	Score  int
	Label  string
	Chosen bool
}

type wrong struct{ Field, Text string }

// wordsData is what the template of all other pages sees.
type wordsData struct {
	Lang, Heading, Action, Button, Answer, AnswerLabel, Comment, CommentLabel string
	Text, More                                                                []string
	Done, Plain                                                               bool
	Link                                                                      *link
}

// page renders a view and returns it with its content security policy.
func (r *renderer) page(v view) (html []byte, policy string, err error) {
	var body bytes.Buffer
	if err := r.templates.ExecuteTemplate(&body, v.body, v.data); err != nil {
		return nil, "", err
	}
	v.Style = r.css
	return r.frames.Render(v.Sheet, template.HTML(body.String()))
}

func (r *renderer) say(lang, key string, args ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return r.words.Text(lang, key, m)
}

// frame is the part that all pages of a survey share.
func (r *renderer) frame(lang string, f survey.Form, title string) view {
	return view{Sheet: page.Sheet{Lang: lang, Title: title + " – " + f.Brand.Name, Brand: f.Brand.Name, Color: f.Brand.Color}}
}

// ask is the page with the form.
func (r *renderer) ask(lang string, f survey.Form, base string, q question) view {
	say := func(key string, args ...any) string { return r.say(lang, key, args...) }
	v := r.frame(lang, f, say("survey.page.title"))
	d := askData{
		Lang: lang, Action: base, Question: survey.Question(r.words, lang, f.Kind, f.Own), About: r.about(lang, f),
		CommentLabel: say("survey.page.comment"), CommentHint: say("survey.page.commentHint", "max", grouped(survey.MaxComment)),
		Comment: q.comment, TrapLabel: say("survey.page.trap"), Send: say("survey.page.send"), WrongTitle: say("survey.page.wrong"),
	}
	if f.Stage == survey.Changeable {
		d.Send = say("survey.page.resend")
		d.Note = say("survey.page.answered", "answer", r.answer(lang, f.Score), "until", survey.Moment(lang, f.Until, f.Brand.Zone))
	} else if q.preset {
		d.Note = say("survey.page.chosen", "button", d.Send)
	}
	for score := survey.MinScore; score <= survey.MaxScore; score++ {
		d.Choices = append(d.Choices, option{score, say("survey.score." + strconv.Itoa(score)), score == q.chosen})
	}
	d.Low, d.High = d.Choices[0].Label, d.Choices[len(d.Choices)-1].Label
	if f.AsksRepeat {
		d.Repeat = &repeatData{Question: say("survey.page.repeat"), Yes: say("survey.page.repeat.yes"), No: say("survey.page.repeat.no"),
			Left: say("survey.page.repeat.left"), SaidYes: q.repeated != nil && *q.repeated, SaidNo: q.repeated != nil && !*q.repeated}
	}
	r.complain(lang, &d, q)
	if len(d.Wrong) > 0 {
		v.Title = d.WrongTitle + " – " + v.Title // what a screen reader says first
	}
	other := say("survey.page.languageTag")
	v.Links = []link{
		{Href: base + "?lang=" + other + preset(q), Text: say("survey.page.language"), Lang: other},
		{Href: base + "/stop?lang=" + lang, Text: say("survey.stop.link")},
	}
	v.body, v.data = "ask", d
	return v
}

// preset keeps the chosen score when the language changes.
func preset(q question) string {
	if !q.preset {
		return ""
	}
	return "&score=" + strconv.Itoa(q.chosen)
}

func (r *renderer) complain(lang string, d *askData, q question) {
	if q.wrongScore {
		d.WrongScore = true
		d.Wrong = append(d.Wrong, wrong{"score", r.say(lang, "survey.page.wrongScore")})
	}
	if q.wrongComment != nil {
		d.WrongComment = true
		d.Wrong = append(d.Wrong, wrong{"comment", r.words.Text(lang, "survey.page.wrongComment", q.wrongComment)})
	}
	if q.trapped {
		d.Wrong = append(d.Wrong, wrong{"score", r.say(lang, "survey.page.wrongTrap")})
	}
}

func (r *renderer) about(lang string, f survey.Form) string {
	subject := text.Clip(strings.Join(strings.Fields(f.Subject), " "), maxTitle)
	if subject == "" {
		return r.say(lang, "survey.page.aboutUnnamed", "ref", survey.Ref(f.Ref))
	}
	return r.say(lang, "survey.page.about", "subject", subject, "ref", survey.Ref(f.Ref))
}

// answer names a score: "4 – Satisfied".
func (r *renderer) answer(lang string, score int) string {
	return r.say(lang, "survey.score.named", "score", score, "label", r.say(lang, "survey.score."+strconv.Itoa(score)))
}

// thanks is the page after an answer; its words depend on the band.
func (r *renderer) thanks(lang string, f survey.Form, base string) view {
	say := func(key string, args ...any) string { return r.say(lang, key, args...) }
	key := "survey.thanks." + string(f.Band)
	v := r.frame(lang, f, say(key))
	d := r.given(lang, f)
	d.Heading, d.Text, d.Done = say(key), []string{say(key + "Text")}, f.Band != survey.Dissatisfied
	if f.Stage == survey.Changeable {
		d.More = append(d.More, say("survey.thanks.changeable", "until", survey.Moment(lang, f.Until, f.Brand.Zone)))
		d.Link = &link{Href: base + "?lang=" + lang, Text: say("survey.thanks.change")}
	}
	d.More = append(d.More, say("survey.thanks.reply"))
	v.body, v.data = "words", d
	return v
}

// given is the part of a page that repeats the answer.
func (r *renderer) given(lang string, f survey.Form) wordsData {
	d := wordsData{Lang: lang, AnswerLabel: r.say(lang, "survey.thanks.answer"), CommentLabel: r.say(lang, "survey.thanks.comment")}
	if f.Score != 0 {
		d.Answer, d.Comment = r.answer(lang, f.Score), f.Comment
	}
	return d
}

// ended is the page of a survey that can no longer be answered or changed.
func (r *renderer) ended(lang string, f survey.Form, base string) view {
	key := "survey.expired"
	if f.Stage == survey.Final {
		key = "survey.closed"
	}
	v := r.frame(lang, f, r.say(lang, key+".title"))
	d := r.given(lang, f)
	d.Heading = r.say(lang, key+".title")
	d.Text = []string{r.say(lang, key+".text", "until", survey.Moment(lang, f.Until, f.Brand.Zone))}
	other := r.say(lang, "survey.page.languageTag")
	v.Links = []link{{Href: base + "?lang=" + other, Text: r.say(lang, "survey.page.language"), Lang: other}}
	v.body, v.data = "words", d
	return v
}

// mailing is a page about stopping survey mail: "stop", "stopped" or "resumed".
func (r *renderer) mailing(lang string, f survey.Form, base, name string) view {
	key := "survey." + name
	v := r.frame(lang, f, r.say(lang, key+".title"))
	d := wordsData{Lang: lang, Heading: r.say(lang, key+".title"), Text: []string{r.say(lang, key+".text")}, Done: name != "stop"}
	switch name {
	case "stop":
		d.Action, d.Button = base+"/stop", r.say(lang, key+".button")
		v.Links = []link{{Href: base + "?lang=" + lang, Text: r.say(lang, "survey.stop.back")}}
	case "stopped":
		d.Action, d.Button, d.Plain = base+"/resume", r.say(lang, key+".button"), true
	}
	v.body, v.data = "words", d
	return v
}

// plain is a page that belongs to no survey.
func (r *renderer) plain(lang, name string) view {
	title := r.say(lang, "survey."+name+".title")
	return view{Sheet: page.Sheet{Lang: lang, Title: title}, body: "words", data: wordsData{Lang: lang, Heading: title, Text: []string{r.say(lang, "survey."+name+".text")}}}
}

// grouped writes a number with its thousands parted, as both languages do.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
