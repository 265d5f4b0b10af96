package forms

import (
	"errors"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

// said is the state of a matter's page beyond the matter itself.
type said struct {
	lang   string
	base   string
	ticket string
	text   string
	wrong  []fault.Field
	note   string // phrase key
	sent   bool   // something was just sent
	embed  bool
}

// scopeOf is what the tickets of a matter's page are for.
func scopeOf(pass string) string { return "matter " + seal.Hash(pass) }

// matter shows how a matter stands.
func (p *Pages) matter(w http.ResponseWriter, r *http.Request) {
	pass := r.PathValue("pass")
	m, err := p.Forms.Matter(r.Context(), pass)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, p.view.matter(m, p.state(r, m)))
}

func (p *Pages) state(r *http.Request, m form.Matter) said {
	pass, lang := r.PathValue("pass"), m.Lang
	for _, have := range m.Form.Languages() {
		if r.URL.Query().Get("lang") == have {
			lang = have
		}
	}
	return said{lang: lang, base: Status + pass, ticket: p.ticket(scopeOf(pass), ""), sent: r.URL.Query().Get("sent") == "1", embed: embedded(r, m.Form)}
}

// add takes in what somebody adds to their matter.
func (p *Pages) add(w http.ResponseWriter, r *http.Request) {
	pass := r.PathValue("pass")
	m, err := p.Forms.Matter(r.Context(), pass)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	in, err := p.receive(r, scopeOf(pass))
	if err != nil {
		p.unread(w, r, err)
		return
	}
	s := p.state(r, m)
	s.sent, s.text, s.note = false, in.values.Get("text"), in.verdict.why
	var receipt form.Receipt
	if s.note == "" {
		receipt, err = p.Forms.Add(r.Context(), pass, form.Addition{Visit: in.verdict.visit, Text: s.text})
	}
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind == fault.Invalid:
		s.wrong = f.Fields
	case err != nil:
		p.failed(w, r, err)
		return
	case s.note == "" && receipt.Pass == "":
		p.show(w, r, http.StatusOK, p.view.keptMatter(m, s))
		return
	case s.note == "":
		http.Redirect(w, r, Status+receipt.Pass+after(s.lang, s.embed), http.StatusSeeOther)
		return
	}
	status := http.StatusUnprocessableEntity
	if in.verdict.busy {
		w.Header().Set("Retry-After", "120")
		status = http.StatusTooManyRequests
	}
	s.ticket = p.ticket(scopeOf(pass), in.verdict.visit)
	p.show(w, r, status, p.view.matter(m, s))
}
