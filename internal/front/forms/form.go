package forms

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// filled is the state of a form's page beyond the form itself.
type filled struct {
	ticket string
	values url.Values
	wrong  []fault.Field
	note   string // phrase key
	files  bool   // some were sent and have to be chosen again
	judged verdict
}

// ask shows the form.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) {
	if s, ok := p.open(w, r); ok {
		p.show(w, r, http.StatusOK, p.view.form(s, filled{ticket: p.ticket(s.form.ID, "")}))
	}
}

func (p *Pages) ticket(scope, visit string) string {
	return page.Scope{Purpose: ticketPurpose, About: scope}.Issue(p.Key, visit, p.Clock.Now())
}

// send takes an entry in and leads to its receipt.
func (p *Pages) send(w http.ResponseWriter, r *http.Request) {
	s, ok := p.open(w, r)
	if !ok {
		return
	}
	in, err := p.receive(r, s.form.ID)
	if err != nil {
		p.unread(w, r, err)
		return
	}
	state := filled{values: in.values, files: len(in.files) > 0 || in.trouble != "", judged: in.verdict}
	if in.verdict.why != "" {
		state.note = in.verdict.why
		p.again(w, r, s, state)
		return
	}
	e := form.Entry{Visit: in.verdict.visit, Lang: s.lang, Name: in.values.Get("name"), Email: in.values.Get("email"), Answers: map[string]string{}, Files: in.files}
	for _, f := range s.form.Content.Fields {
		e.Answers[f.Name] = in.values.Get(inputName(f))
	}
	if in.trouble != "" {
		var check fault.Check
		check.Add(form.PathFiles, in.trouble, "max", limitOf(in.trouble))
		err = check.Err()
	}
	var receipt form.Receipt
	if err == nil {
		receipt, err = p.Forms.Submit(r.Context(), s.form, e)
	}
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind == fault.Invalid:
		state.wrong = f.Fields
		p.again(w, r, s, state)
	case err != nil:
		p.failed(w, r, err)
	case receipt.Pass == "":
		p.show(w, r, http.StatusOK, p.view.kept(s))
	default:
		http.Redirect(w, r, Status+receipt.Pass+after(s.lang, s.embed), http.StatusSeeOther)
	}
}

// limitOf is the number that the words about files name.
func limitOf(key string) int {
	switch key {
	case "error.form.fileLarge":
		return form.MaxFile >> 20
	case "error.form.filesLarge":
		return form.MaxAll >> 20
	}
	return form.MaxFiles
}

// after is the query of the page that says thank you.
func after(lang string, embed bool) string {
	q := "?sent=1&lang=" + lang
	if embed {
		q += "&embed=1"
	}
	return q
}

// again shows the form with what was entered and what is to be done.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, s sheet, state filled) {
	state.ticket = p.ticket(s.form.ID, state.judged.visit)
	status := http.StatusUnprocessableEntity
	if state.judged.busy {
		w.Header().Set("Retry-After", "120")
		status = http.StatusTooManyRequests
	}
	p.show(w, r, status, p.view.form(s, state))
}

// unread answers a request that could not be read: that is the sender's doing
// and no news for the log.
func (p *Pages) unread(w http.ResponseWriter, r *http.Request, err error) {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		p.plain(w, r, plainPage{"large", http.StatusRequestEntityTooLarge})
	case errors.Is(err, errUnreadable):
		p.plain(w, r, plainPage{"malformed", http.StatusBadRequest})
	default:
		p.failed(w, r, err)
	}
}
