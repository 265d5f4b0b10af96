package scan

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/forms"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

// tooOld is how long a page that was opened can be sent.
const tooOld = 24 * time.Hour

func scopeOf(s place.Opened) page.Scope {
	return page.Scope{Purpose: "sticker ticket", About: s.Sticker.ID}
}

// Visits whose page was counted as a scan, and those whose page was not.
const counted, uncounted = "c", "u"

// visitOf is the visit that a ticket names; "" if it names none any more.
func (p *Pages) visitOf(s *place.Opened, ticket string) string {
	t, ok := page.ReadTicket(p.Key, scopeOf(*s), ticket)
	if !ok || p.Clock.Now().Sub(t.At) > tooOld {
		return ""
	}
	s.Uncounted = strings.HasPrefix(t.Visit, uncounted)
	return t.Visit
}

// begun is visitOf for what somebody sends: who had opened the page twice before
// they did was one scan, and who sends twice was two.
func (p *Pages) begun(r *http.Request, s *place.Opened) string {
	visit := p.visitOf(s, r.PostForm.Get("ticket"))
	if p.seen.use(s.Sticker.ID, p.ClientAddress(r), r.UserAgent()) {
		s.Uncounted = false
	}
	return visit
}

// ticket is that of a visit, or of a new one.
func (p *Pages) ticket(s place.Opened, visit string) string {
	if visit == "" {
		visit = counted + strings.ToLower(rand.Text())
		if s.Uncounted {
			visit = uncounted + visit[1:]
		}
	}
	return scopeOf(s).Issue(p.Key, visit, p.Clock.Now())
}

// ask shows the faces, or the kiosk. With a ticket it is the visit of before: they
// want to tap another face.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("kiosk") {
		p.kiosk(w, r)
		return
	}
	s, ok := p.open(w, r)
	if !ok {
		return
	}
	visit := ""
	if t := r.URL.Query().Get("t"); t != "" {
		visit = p.visitOf(&s, t)
	}
	p.show(w, r, http.StatusOK, p.view.ask(languageOf(r), s, faces{ticket: p.ticket(s, visit)}))
}

// form reads what a page sent; false if it cannot be read, which is answered.
func (p *Pages) form(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	err := r.ParseForm()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		p.plain(w, r, plainPage{"large", http.StatusRequestEntityTooLarge})
	case err != nil:
		p.plain(w, r, plainPage{"malformed", http.StatusBadRequest})
	}
	return err == nil
}

// tap keeps a face and leads to the page that asks for words.
func (p *Pages) tap(w http.ResponseWriter, r *http.Request) {
	s, ok := p.open(w, r)
	if !ok || !p.form(w, r) {
		return
	}
	visit := p.begun(r, &s)
	note, status := "", http.StatusUnprocessableEntity
	score, err := strconv.Atoi(r.PostForm.Get("score"))
	switch {
	case visit == "":
		note = "place.again.expired"
	case r.PostForm.Get("reference") != "": // a field that people do not see
		note = "place.again.trap"
	case err != nil:
		note = "place.again.score"
	default:
		if note, err = p.tooMany(r, s, visit); err != nil {
			p.failed(w, r, err)
			return
		}
		if note != "" {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", "120")
		}
	}
	if note == "" {
		if _, err := p.Places.Tap(r.Context(), s, visit, score); fault.Is(err, fault.Invalid) {
			note = "place.again.score"
		} else if err != nil {
			p.failed(w, r, err)
			return
		}
	}
	if note != "" {
		p.show(w, r, status, p.view.ask(languageOf(r), s, faces{ticket: p.ticket(s, visit), note: note}))
		return
	}
	http.Redirect(w, r, Base+s.Sticker.Code+"/say?"+url.Values{"lang": {languageOf(r)}, "t": {p.ticket(s, visit)}}.Encode(), http.StatusSeeOther)
}

// tooMany says why a tap is not taken; "" if it is. Who taps another face on the
// same visit is still one voice at the sticker.
func (p *Pages) tooMany(r *http.Request, s place.Opened, visit string) (note string, err error) {
	address, now := p.ClientAddress(r), p.Clock.Now()
	if !p.lanes.taps.Take(address, now) {
		return "place.again.busy", nil
	}
	_, err = p.Places.Rating(r.Context(), s, visit)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return "", err
	case err != nil && !p.lanes.near.Take(team.Network(address)+" "+s.Sticker.ID, now):
		return "place.again.many", nil
	case !p.lanes.crowd.Take(s.Sticker.ID, now):
		return "place.again.busy", nil
	}
	return "", nil
}

// words asks for words to the face that was tapped; without one it is the page for
// a complaint.
func (p *Pages) words(w http.ResponseWriter, r *http.Request) {
	s, ok := p.open(w, r)
	if !ok {
		return
	}
	visit := p.visitOf(&s, r.URL.Query().Get("t"))
	score, ok := p.scoreOf(w, r, s, visit)
	if ok {
		p.show(w, r, http.StatusOK, p.view.say(languageOf(r), s, saying{ticket: p.ticket(s, visit), score: score, said: place.Said{Asks: true}}))
	}
}

// scoreOf is what was tapped on a visit, 0 for nothing; false if it cannot be told,
// which is answered.
func (p *Pages) scoreOf(w http.ResponseWriter, r *http.Request, s place.Opened, visit string) (int, bool) {
	if visit == "" {
		return 0, true
	}
	v, err := p.Places.Rating(r.Context(), s, visit)
	if err != nil && !fault.Is(err, fault.NotFound) {
		p.failed(w, r, err)
		return 0, false
	}
	return v.Score, true
}

// say takes in what was written and leads to the thanks, or to the page of the
// matter that it opened.
func (p *Pages) say(w http.ResponseWriter, r *http.Request) {
	s, ok := p.open(w, r)
	if !ok || !p.form(w, r) {
		return
	}
	f := r.PostForm
	visit := p.begun(r, &s)
	lang := languageOf(r)
	// Who left an address wants an answer, whichever button they pressed.
	asks := f.Get("act") == "ask" || strings.TrimSpace(f.Get("email")+f.Get("phone")) != ""
	said := place.Said{Visit: visit, Lang: lang, Words: f.Get("words"), Asks: asks, Name: f.Get("name"), Email: f.Get("email"), Phone: f.Get("phone")}
	score, ok := p.scoreOf(w, r, s, visit)
	if !ok {
		return
	}
	state := saying{score: score, said: said}
	now := p.Clock.Now()
	status := http.StatusUnprocessableEntity
	switch {
	case visit == "":
		state.note = "place.again.expired"
	case f.Get("reference") != "":
		state.note = "place.again.trap"
	// Only what may become a matter counts, else empty sends would shut out others.
	case (said.Asks || score < 3 && strings.TrimSpace(said.Words) != "") && (!p.lanes.matters.Take(p.ClientAddress(r), now) || !p.lanes.matterCrowd.Take(s.Sticker.ID, now)):
		state.note, status = "place.again.busyWords", http.StatusTooManyRequests
		w.Header().Set("Retry-After", "120")
	}
	if state.note == "" {
		v, receipt, err := p.Places.Say(r.Context(), s, said)
		var wrong *fault.Error
		switch {
		case err == nil && receipt.Pass != "":
			http.Redirect(w, r, forms.Status+receipt.Pass+"?sent=1&lang="+lang, http.StatusSeeOther)
			return
		case err == nil:
			http.Redirect(w, r, Base+s.Sticker.Code+"/thanks?lang="+lang+"&score="+strconv.Itoa(v.Score), http.StatusSeeOther)
			return
		case errors.Is(err, form.ErrTaken): // nothing of it is shown, and nothing is lost: sent again it is a visit of its own
			state.note, state.score, visit = "place.again.taken", 0, ""
		case errors.As(err, &wrong) && wrong.Kind == fault.Invalid:
			state.wrong = wrong.Fields
		default:
			p.failed(w, r, err)
			return
		}
	}
	state.ticket = p.ticket(s, visit)
	p.show(w, r, status, p.view.say(lang, s, state))
}

// thanks is the end of a visit that opened nothing.
func (p *Pages) thanks(w http.ResponseWriter, r *http.Request) {
	if s, ok := p.open(w, r); ok {
		score, err := strconv.Atoi(r.URL.Query().Get("score"))
		if err != nil {
			score = 0 // the words are the same for all whose score nobody knows
		}
		p.show(w, r, http.StatusOK, p.view.thanks(languageOf(r), s, score))
	}
}
