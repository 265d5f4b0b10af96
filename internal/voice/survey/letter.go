package survey

import (
	"embed"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/kit/tint"
)

//go:embed letter.gohtml
var letterFiles embed.FS

const (
	subjectInMail = 60 // characters of the conversation's subject that a mail repeats
	// DefaultColor stands in for a brand's colour that is none.
	DefaultColor = "#3b5bdb"
)

// asking is all that a survey mail says.
type asking struct {
	Lang      string
	Kind      Kind
	Brand     string
	Color     string
	Zone      string // the brand's clock, on which the last day is told
	Customer  string // name; "" if unknown
	Subject   string // of the conversation
	Ref       int64
	Question  string
	Link      string // of the page, without a score
	Until     time.Time
	Signature string // plain text; "" for the brand's name alone
}

// letterText is a composed mail.
type letterText struct{ Title, Text, HTML string }

// writer composes survey mails.
type writer struct {
	words *phrase.Catalogue
	html  *template.Template
}

func newWriter(words *phrase.Catalogue) (*writer, error) {
	t, err := template.ParseFS(letterFiles, "letter.gohtml")
	return &writer{words: words, html: t}, err
}

// letterView is what the HTML template sees.
type letterView struct {
	asking
	Title, Greeting, Preheader    string
	Opening, Footer               []string
	Choose, Reply, UntilLine      string
	StopText, StopLabel, StopLink string
	Accent, AccentInk             string
	Choices                       []choice
}

// choice is one of the five answers, with its link.
type choice struct {
	Score int
	Label string
	Link  string
}

// compose writes the mail in both forms.
func (w *writer) compose(a asking) (letterText, error) {
	say := func(key string, args ...any) string { return w.words.Text(a.Lang, key, pairs(args)) }
	subject := text.Clip(strings.Join(strings.Fields(a.Subject), " "), subjectInMail)
	if subject == "" {
		subject = say("survey.mail.unnamed")
	}
	ref := Ref(a.Ref)
	accent := tint.Or(a.Color, tint.Or(DefaultColor, tint.Color{}))
	v := letterView{
		asking:    a,
		Title:     say("survey.mail.subject."+string(a.Kind), "brand", a.Brand, "ref", ref),
		Greeting:  say("survey.mail.greetingUnnamed"),
		Opening:   strings.Split(say("survey.mail.opening."+string(a.Kind), "brand", a.Brand, "subject", subject, "ref", ref), "\n"),
		Choose:    say("survey.mail.choose", "button", say("survey.page.send")),
		Reply:     say("survey.mail.reply"),
		UntilLine: say("survey.mail.until", "until", Moment(a.Lang, a.Until, a.Zone)),
		StopText:  say("survey.mail.stop"), StopLabel: say("survey.mail.stopLink"), StopLink: StopLink(a.Link),
		Accent: accent.String(), AccentInk: accent.Ink().String(),
		Preheader: a.Question,
	}
	if name := strings.TrimSpace(a.Customer); name != "" {
		v.Greeting = say("survey.mail.greeting", "name", name)
	}
	v.Footer = append([]string{say("survey.mail.closing")}, footer(a)...)
	for score := MinScore; score <= MaxScore; score++ { // as on the page
		v.Choices = append(v.Choices, choice{score, say("survey.score." + strconv.Itoa(score)), ScoreLink(a.Link, score)})
	}
	var html strings.Builder
	if err := w.html.Execute(&html, v); err != nil {
		return letterText{}, err
	}
	return letterText{Title: oneLine(v.Title), Text: plainLetter(v), HTML: html.String()}, nil
}

// plainLetter is the mail for those who read without HTML.
func plainLetter(v letterView) string {
	var b strings.Builder
	part := func(lines ...string) { b.WriteString(strings.Join(lines, "\n") + "\n\n") }
	part(v.Greeting)
	part(v.Opening...)
	part(v.Question, v.Choose)
	for _, c := range v.Choices {
		part(strconv.Itoa(c.Score)+"  "+c.Label, c.Link)
	}
	part(v.UntilLine, v.Reply)
	part(v.Footer...)
	part("--------------------------------", v.StopText, v.StopLink)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// footer is who writes: the inbox's signature, or the brand's name.
func footer(a asking) []string {
	signature := strings.TrimSpace(a.Signature)
	if signature == "" {
		return []string{a.Brand}
	}
	return strings.Split(strings.ReplaceAll(signature, "\r\n", "\n"), "\n")
}

// oneLine keeps line ends out of a header field.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Ref is how a conversation is named to people: "#1024".
func Ref(n int64) string { return "#" + strconv.FormatInt(n, 10) }

// ScoreLink is the page's address with a score chosen, but not given.
func ScoreLink(link string, score int) string { return link + "?score=" + strconv.Itoa(score) }

// StopLink is the address at which survey mail can be stopped.
func StopLink(link string) string { return link + "/stop" }

// Moment writes a time to the minute as a reader of lang does, on the clock of
// an IANA zone (UTC if it is unknown), with the zone's name.
func Moment(lang string, t time.Time, zone string) string {
	at, err := time.LoadLocation(zone)
	if err != nil {
		at = time.UTC
	}
	t = t.In(at)
	if lang != phrase.Japanese {
		return t.Format("2 January 2006, 15:04 MST")
	}
	s := t.Format("2006年1月2日 15:04")
	if name := t.Format("MST"); name != "JST" {
		s += "（" + name + "）"
	}
	return s
}

func pairs(args []any) map[string]any {
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}

// chatLetter is the question on a channel of short words: what is asked, and
// where to answer.
func chatLetter(words *phrase.Catalogue, i Invitation, s scene, link string) string {
	if s.inThread { // they answer in place: the letter only says that they are asked
		return Question(words, i.Locale, i.Kind, s.policy.Question)
	}
	return words.Text(i.Locale, "survey.chat."+string(i.Kind), pairs([]any{
		"brand", s.brand.Name, "question", Question(words, i.Locale, i.Kind, s.policy.Question), "link", link,
		"until", Moment(i.Locale, i.ExpiresAt, s.brand.Zone)}))
}
