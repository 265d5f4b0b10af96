package forms

import (
	"bytes"
	"embed"
	"html/template"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

//go:embed form.gohtml form.css work.js
var sources embed.FS

// viewer makes pages. It does not change after newViewer.
type viewer struct {
	words       *phrase.Catalogue
	templates   *template.Template
	frame       *page.Frame
	css, script string
}

func newViewer(words *phrase.Catalogue) (*viewer, error) {
	t, err := template.ParseFS(sources, "form.gohtml")
	if err != nil {
		return nil, err
	}
	frame, err := page.New(survey.DefaultColor)
	if err != nil {
		return nil, err
	}
	css, err := sources.ReadFile("form.css")
	if err != nil {
		return nil, err
	}
	script, err := sources.ReadFile("work.js")
	return &viewer{words: words, templates: t, frame: frame, css: string(css), script: string(script)}, err
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

func (v *viewer) say(lang, key string, args ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return v.words.Text(lang, key, m)
}

// input is one field as the template draws it.
type input struct {
	ID, Name, Label, Mark, Hint, Value, Error string
	Kind                                      string // "text", "long", "choice", "files", or a type of HTML
	Complete, Mode                            string
	Required                                  bool
	Max                                       int
	Options                                   []option
}

// Describes lists what a reader is told about the field.
func (i input) Describes() string {
	var out []string
	if i.Hint != "" {
		out = append(out, i.ID+"-hint")
	}
	if i.Error != "" {
		out = append(out, i.ID+"-error")
	}
	return strings.Join(out, " ")
}

type option struct {
	Value, Label string
	Chosen       bool
}

type wrong struct{ Field, Text string }

// guardData is what every form of these pages carries against machines.
type guardData struct {
	Ticket, Trap, Lang string
}

// formData is what the template of a form sees.
type formData struct {
	guardData
	Action, Title, Note, WrongTitle, Send string
	Intro                                 []string
	Wrong                                 []wrong
	Inputs                                []input
}

func inputName(f form.Field) string { return "answer-" + f.Name }

// idOf is the id of the input of a path in an error.
func idOf(path string) string { return strings.ReplaceAll(path, ".", "-") }

// form is the page of a form.
func (v *viewer) form(s sheet, state filled) shown {
	say := func(key string, args ...any) string { return v.say(s.lang, key, args...) }
	title := s.form.Content.Title.In(s.lang)
	out := shown{Sheet: page.Sheet{Lang: s.lang, Title: title + " – " + s.brand.Name, Brand: s.brand.Name, Color: s.brand.Color,
		Script: v.script, Embedded: s.embed, Origins: s.form.Content.Origins}, body: "form"}
	base := Base + s.form.Slug
	d := formData{guardData: guardData{Ticket: state.ticket, Trap: say("form.page.trap"), Lang: s.lang}, Action: base + query(s.lang, s.embed),
		Title: title, Intro: paragraphs(s.form.Content.Intro.In(s.lang)), WrongTitle: say("form.page.wrong"), Send: say("form.page.send")}
	if state.note != "" {
		d.Note = say(state.note)
	}
	d.Inputs = v.inputs(s, state)
	for _, in := range d.Inputs {
		if in.Error != "" {
			d.Wrong = append(d.Wrong, wrong{in.ID, in.Label + ": " + in.Error})
		}
	}
	if len(d.Wrong) > 0 {
		out.Title = d.WrongTitle + " – " + out.Title // what a screen reader says first
	}
	if len(s.form.Languages()) > 1 {
		other := say("form.page.languageTag")
		out.Links = []page.Link{{Href: base + query(other, s.embed), Text: say("form.page.language"), Lang: other}}
	}
	out.data = d
	return out
}

func query(lang string, embed bool) string {
	if embed {
		return "?lang=" + lang + "&embed=1"
	}
	return "?lang=" + lang
}

func paragraphs(s string) []string {
	var out []string
	for _, p := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// inputs are the fields of a form, in their order.
func (v *viewer) inputs(s sheet, state filled) []input {
	errors := map[string]string{}
	for _, f := range state.wrong {
		if _, had := errors[f.Path]; !had {
			errors[f.Path] = v.words.Text(s.lang, f.Key, f.Args)
		}
	}
	mark := func(required bool) string {
		if required {
			return v.say(s.lang, "form.page.required")
		}
		return v.say(s.lang, "form.page.optional")
	}
	email := input{ID: "email", Name: "email", Kind: "email", Label: v.say(s.lang, "form.page.email"), Required: s.form.NeedsEmail(), Complete: "email",
		Hint: v.say(s.lang, "form.page.emailHint"), Value: state.values.Get("email"), Error: errors[form.PathEmail]}
	if !email.Required {
		email.Hint = v.say(s.lang, "form.page.emailFree")
	}
	out := []input{{ID: "name", Name: "name", Kind: "text", Label: v.say(s.lang, "form.page.name"), Complete: "name", Value: state.values.Get("name"), Error: errors[form.PathName]}, email}
	for _, f := range s.form.Content.Fields {
		in := v.input(s.lang, f, state.values.Get(inputName(f)))
		in.Error = errors[f.Path()]
		out = append(out, in)
	}
	if s.form.Content.AsksFiles {
		files := input{ID: "files", Name: "files", Kind: "files", Label: v.say(s.lang, "form.page.files"), Error: errors[form.PathFiles],
			Hint: v.say(s.lang, "form.page.filesHint", "count", form.MaxFiles, "mb", form.MaxFile>>20, "allMb", form.MaxAll>>20)}
		if state.files && files.Error == "" {
			files.Error = v.say(s.lang, "form.again.files")
		}
		out = append(out, files)
	}
	for i := range out {
		out[i].Mark = mark(out[i].Required)
	}
	return out
}

func (v *viewer) input(lang string, f form.Field, value string) input {
	in := input{ID: idOf(f.Path()), Name: inputName(f), Kind: "text", Label: f.Label.In(lang), Required: f.Required, Value: value, Max: form.MaxLine}
	switch f.Type {
	case form.Long:
		in.Kind, in.Max = "long", form.MaxLong
	case form.Choice:
		in.Kind = "choice"
		in.Options = []option{{Value: "", Label: v.say(lang, "form.page.choose"), Chosen: value == ""}}
		for i, c := range f.Choices {
			n := strconv.Itoa(i)
			in.Options = append(in.Options, option{Value: n, Label: c.In(lang), Chosen: n == value})
		}
	case form.Number:
		in.Mode = "decimal"
	case form.Date:
		in.Kind = "date"
	case form.Phone:
		in.Kind, in.Complete = "tel", "tel"
	case form.Order:
		in.Complete = "off"
	}
	return in
}

// stepData is one state of a matter on its way.
type stepData struct {
	Text      string
	Now, Past bool
}

type lineData struct {
	Who, At, Text string
	Ours          bool
	Files         []string
}

// matterData is what the template of a matter sees.
type matterData struct {
	guardData
	Done                                            bool
	Heading, State, Action, Send, Label, Hint, Note string
	Said, StepsLabel, Value, Error, ErrorTitle      string
	Text, More                                      []string
	Steps                                           []stepData
	Lines                                           []lineData
}

// matter is the page of somebody's matter.
func (v *viewer) matter(m form.Matter, s said) shown {
	say := func(key string, args ...any) string { return v.say(s.lang, key, args...) }
	ref := survey.Ref(m.Ref)
	d := matterData{guardData: guardData{Ticket: s.ticket, Trap: say("form.page.trap"), Lang: s.lang}, Heading: say("form.status.title", "ref", ref),
		Action: s.base + query(s.lang, s.embed), Send: say("form.status.send"), Label: say("form.status.add"), StepsLabel: say("form.status.steps"),
		Said: say("form.status.said"), Value: s.text, Hint: say("form.status.addHint"), ErrorTitle: say("form.page.wrong")}
	if s.sent {
		d.Done, d.Heading = true, say("form.thanks.title", "ref", ref)
		d.Text = paragraphs(m.Form.Content.Thanks.In(s.lang))
		if len(d.Text) == 0 {
			d.Text = []string{say("form.thanks.text")}
			if !m.ByMail { // nobody can answer who left no address
				d.Text = []string{say("form.thanks.textSilent")}
			}
		}
		d.More = []string{say("form.thanks.page")}
		if m.Mails {
			d.More = append(d.More, say("form.thanks.mail"))
		} else if !m.ByMail {
			d.More = append(d.More, say("form.thanks.noMail"))
		}
	}
	d.State = say("form.state."+string(m.State)+".text", "at", survey.Moment(s.lang, m.At, m.Brand.Zone))
	d.Steps = v.steps(s.lang, m.State)
	switch {
	case m.Together && m.ByMail:
		d.More = append(d.More, say("form.status.together"))
	case m.Together, m.Apart:
		d.More = append(d.More, say("form.status.apart"))
	}
	for _, l := range m.Lines {
		line := lineData{Who: say("form.status.you"), Ours: l.Ours, Text: l.Text, Files: l.Files, At: survey.Moment(s.lang, l.At, m.Brand.Zone)}
		if l.Ours {
			line.Who = m.Sender
		}
		d.Lines = append(d.Lines, line)
	}
	if s.note != "" {
		d.Note = say(s.note)
	}
	if len(s.wrong) > 0 {
		d.Error = v.words.Text(s.lang, s.wrong[0].Key, s.wrong[0].Args)
	}
	out := v.matterFrame(m, s, d.Heading)
	if d.Error != "" {
		out.Title = d.ErrorTitle + " – " + out.Title
	}
	out.Script, out.body, out.data = v.script, "matter", d
	return out
}

func (v *viewer) matterFrame(m form.Matter, s said, title string) shown {
	out := shown{Sheet: page.Sheet{Lang: s.lang, Title: title + " – " + m.Brand.Name, Brand: m.Brand.Name, Color: m.Brand.Color,
		Embedded: s.embed, Origins: m.Form.Content.Origins}}
	if len(m.Form.Languages()) > 1 {
		other := v.say(s.lang, "form.page.languageTag")
		out.Links = []page.Link{{Href: s.base + query(other, s.embed), Text: v.say(s.lang, "form.page.language"), Lang: other}}
	}
	return out
}

func (v *viewer) steps(lang string, now form.State) []stepData {
	var out []stepData
	past := true
	for _, s := range []form.State{form.Received, form.Working, form.Answered, form.Settled} {
		past = past && s != now
		out = append(out, stepData{Text: v.say(lang, "form.state."+string(s)), Now: s == now, Past: past})
	}
	return out
}

// kept is the page after an entry that a person has to look at first.
func (v *viewer) kept(s sheet) shown {
	title := v.say(s.lang, "form.kept.title")
	return shown{Sheet: page.Sheet{Lang: s.lang, Title: title + " – " + s.brand.Name, Brand: s.brand.Name, Color: s.brand.Color, Embedded: s.embed, Origins: s.form.Content.Origins},
		body: "matter", data: matterData{Done: true, Heading: title, Text: []string{v.say(s.lang, "form.kept.text")}}}
}

// keptMatter is kept for what was added to a matter.
func (v *viewer) keptMatter(m form.Matter, s said) shown {
	title := v.say(s.lang, "form.kept.title")
	out := v.matterFrame(m, s, title)
	out.body, out.data = "matter", matterData{Done: true, Heading: title, Text: []string{v.say(s.lang, "form.kept.text")}}
	return out
}

// plain is a page that belongs to no form.
func (v *viewer) plain(lang, name string) shown {
	title := v.say(lang, "form."+name+".title")
	return shown{Sheet: page.Sheet{Lang: lang, Title: title}, body: "matter", data: matterData{Heading: title, Text: []string{v.say(lang, "form."+name+".text")}}}
}
