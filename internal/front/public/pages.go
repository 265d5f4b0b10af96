package public

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// maxBody bounds a request. It leaves room for the longest comment in the
// form's encoding, where a byte of a character takes three.
const maxBody = 512 << 10

// Deps is what the pages work with.
type Deps struct {
	Surveys *survey.Program
	Words   *phrase.Catalogue
	Clock   clock.Clock
	Log     *slog.Logger
	// ClientAddress returns the address of the client behind trusted proxies.
	ClientAddress func(*http.Request) string
}

// Pages serves everything below /s/.
type Pages struct {
	Deps
	render *renderer
	misses *page.Misses
	mux    *http.ServeMux
}

// New returns the pages.
func New(d Deps) (*Pages, error) {
	r, err := newRenderer(d.Words)
	if err != nil {
		return nil, err
	}
	p := &Pages{Deps: d, render: r, misses: page.NewMisses(), mux: http.NewServeMux()}
	p.mux.HandleFunc("GET /s/{token}", p.ask)
	p.mux.HandleFunc("POST /s/{token}", p.answer)
	p.mux.HandleFunc("GET /s/{token}/thanks", p.thanks)
	p.mux.HandleFunc("GET /s/{token}/stop", p.stop)
	p.mux.HandleFunc("POST /s/{token}/stop", p.stopped)
	p.mux.HandleFunc("POST /s/{token}/resume", p.resumed)
	p.mux.HandleFunc("/s/", func(w http.ResponseWriter, r *http.Request) { p.plain(w, r, plainPage{"missing", http.StatusNotFound}) })
	return p, nil
}

// ServeHTTP implements http.Handler.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, status := page.Gate(w, r, maxBody); name != "" {
		p.plain(w, r, plainPage{name, status})
		return
	}
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			p.unread(w, r, err)
			return
		}
	}
	p.mux.ServeHTTP(w, r)
}

// ask shows the question. The score in the address is chosen, not given.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) {
	f, ok := p.form(w, r)
	if !ok {
		return
	}
	if f.Stage == survey.Final || f.Stage == survey.Over {
		p.show(w, r, http.StatusOK, p.render.ended(lang(r, f), f, base(r)))
		return
	}
	q := question{chosen: f.Score, comment: f.Comment, repeated: f.Repeated}
	if n, err := strconv.Atoi(r.URL.Query().Get("score")); err == nil {
		if _, on := survey.BandOf(n); on {
			q.chosen, q.preset = n, n != f.Score
		}
	}
	p.show(w, r, http.StatusOK, p.render.ask(lang(r, f), f, base(r), q))
}

// answer records what the form says and leads to the thanks.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request) {
	score, _ := strconv.Atoi(r.PostForm.Get("score")) // 0 for none: the answer's own check says so
	a := survey.Answer{Score: score, Comment: r.PostForm.Get("comment"), Repeated: yesOrNo(r.PostForm.Get("repeated"))}
	q := question{chosen: score, comment: a.Comment, repeated: a.Repeated}
	if r.PostForm.Get("reference") != "" { // a field that people do not see
		q.trapped = true
		p.again(w, r, q)
		return
	}
	f, err := p.Surveys.Answer(r.Context(), r.PathValue("token"), a)
	var wrong *fault.Error
	switch {
	case err == nil:
		http.Redirect(w, r, base(r)+"/thanks"+choice(r, f), http.StatusSeeOther)
	case errors.As(err, &wrong) && wrong.Kind == fault.Invalid:
		for _, field := range wrong.Fields {
			q.wrongScore = q.wrongScore || field.Path == "body.score"
			if field.Path == "body.comment" {
				q.wrongComment = field.Args
			}
		}
		p.again(w, r, q)
	case fault.Is(err, fault.Conflict): // ended meanwhile: the page says so kindly
		http.Redirect(w, r, base(r)+choice(r, f), http.StatusSeeOther)
	default:
		p.failed(w, r, err)
	}
}

// yesOrNo reads an answer that may be left out; anything else is left out too.
func yesOrNo(s string) *bool {
	yes := s == "yes"
	if !yes && s != "no" {
		return nil
	}
	return &yes
}

// again shows the form with what was entered and what is wrong with it.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, q question) {
	f, ok := p.form(w, r)
	if !ok {
		return
	}
	if f.Stage == survey.Final || f.Stage == survey.Over {
		p.show(w, r, http.StatusOK, p.render.ended(lang(r, f), f, base(r)))
		return
	}
	p.show(w, r, http.StatusUnprocessableEntity, p.render.ask(lang(r, f), f, base(r), q))
}

func (p *Pages) thanks(w http.ResponseWriter, r *http.Request) {
	f, ok := p.form(w, r)
	switch {
	case !ok:
	case f.Score == 0:
		http.Redirect(w, r, base(r)+choice(r, f), http.StatusSeeOther)
	default:
		p.show(w, r, http.StatusOK, p.render.thanks(lang(r, f), f, base(r)))
	}
}

func (p *Pages) stop(w http.ResponseWriter, r *http.Request) {
	f, ok := p.form(w, r)
	if !ok {
		return
	}
	name := "stop"
	if f.Stopped {
		name = "stopped"
	}
	p.show(w, r, http.StatusOK, p.render.mailing(lang(r, f), f, base(r), name))
}

func (p *Pages) stopped(w http.ResponseWriter, r *http.Request) {
	f, err := p.Surveys.OptOut(r.Context(), r.PathValue("token"))
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, p.render.mailing(lang(r, f), f, base(r), "stopped"))
}

func (p *Pages) resumed(w http.ResponseWriter, r *http.Request) {
	f, err := p.Surveys.OptIn(r.Context(), r.PathValue("token"))
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, p.render.mailing(lang(r, f), f, base(r), "resumed"))
}

// form reads what belongs to the address's token, or answers that it cannot.
func (p *Pages) form(w http.ResponseWriter, r *http.Request) (survey.Form, bool) {
	f, err := p.Surveys.Form(r.Context(), r.PathValue("token"))
	if err != nil {
		p.failed(w, r, err)
	}
	return f, err == nil
}

// unread answers a form that could not be read: that is the sender's doing and
// no news for the log.
func (p *Pages) unread(w http.ResponseWriter, r *http.Request, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		p.plain(w, r, plainPage{"large", http.StatusRequestEntityTooLarge})
		return
	}
	p.plain(w, r, plainPage{"malformed", http.StatusBadRequest})
}

// failed answers an error: once, here, it is logged.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case fault.Is(err, fault.NotFound):
		p.missed(w, r, "missing")
	case fault.Is(err, fault.Unavailable):
		p.Log.WarnContext(r.Context(), "survey page", "error", err)
		p.plain(w, r, plainPage{"broken", http.StatusServiceUnavailable})
	default:
		p.Log.ErrorContext(r.Context(), "survey page", "error", err)
		p.plain(w, r, plainPage{"broken", http.StatusInternalServerError})
	}
}

// missed answers an address that leads nowhere, by the page that says so.
func (p *Pages) missed(w http.ResponseWriter, r *http.Request, name string) {
	name, status := p.misses.Missed(w, page.Caller{Address: p.ClientAddress(r), Now: p.Clock.Now()}, name)
	p.plain(w, r, plainPage{name, status})
}

// plainPage is a page without a survey: its words and its status.
type plainPage struct {
	name   string
	status int
}

func (p *Pages) plain(w http.ResponseWriter, r *http.Request, one plainPage) {
	language := phrase.Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	p.show(w, r, one.status, p.render.plain(language, one.name))
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, v view) {
	html, policy, err := p.render.page(v)
	if err != nil {
		p.Log.ErrorContext(r.Context(), "survey page", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	page.Write(w, r, page.Page{Lang: v.Lang, Status: status, HTML: html, Policy: policy})
}

// base is the address of the survey, without what follows the token.
func base(r *http.Request) string { return "/s/" + url.PathEscape(r.PathValue("token")) }

// asked is the language the reader asked for on the page, "" if they did not.
func asked(r *http.Request) string {
	for _, want := range []string{r.PostFormValue("lang"), r.URL.Query().Get("lang")} {
		if want == phrase.Japanese || want == phrase.English {
			return want
		}
	}
	return ""
}

// lang is the language of a page: as asked, else that of the mail.
func lang(r *http.Request, f survey.Form) string { return phrase.Pick(asked(r), f.Locale) }

// choice keeps a language other than the mail's over a redirect.
func choice(r *http.Request, f survey.Form) string {
	if want := asked(r); want != "" && want != f.Locale {
		return "?lang=" + want
	}
	return ""
}
