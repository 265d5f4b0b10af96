package forms

import (
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
)

// confirmData is what the page that asks for a confirmation shows.
type confirmData struct {
	Done            bool
	Heading, Action string
	Lines           []string
	Label           string
}

// confirm shows the question behind a link of a mail. It changes nothing: programs
// that look at mail open links, too.
func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) {
	q, err := p.Claims.Open(r.Context(), r.PathValue("token"))
	if err != nil {
		p.unconfirmed(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, p.view.confirm(q, claim.Path+r.PathValue("token")))
}

// confirmed takes the word of who pressed the button.
func (p *Pages) confirmed(w http.ResponseWriter, r *http.Request) {
	q, err := p.Claims.Confirm(r.Context(), r.PathValue("token"))
	if err != nil {
		p.unconfirmed(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, p.view.confirm(q, ""))
}

// confirm is the question, or without an action the thanks.
func (v *viewer) confirm(q claim.Question, action string) shown {
	say := func(key string) string { return v.say(q.Lang, key, "brand", q.Brand.Name, "address", q.Address) }
	d := confirmData{Heading: say("claim.page.title"), Action: action, Label: say("claim.page.confirm"), Lines: []string{say("claim.page.text"), say("claim.page.notYou")}}
	if action == "" {
		d = confirmData{Done: true, Heading: say("claim.page.thanks"), Lines: []string{say("claim.page.done")}}
	}
	return shown{Sheet: page.Sheet{Lang: q.Lang, Title: d.Heading + " – " + q.Brand.Name, Brand: q.Brand.Name, Color: q.Brand.Color}, body: "confirm", data: d}
}
