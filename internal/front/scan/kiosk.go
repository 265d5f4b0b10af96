package scan

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

// workerName is the script that keeps the kiosk's page for when there is no network.
const workerName = "kiosk-worker.js"

// worker serves that script. It may keep pages below Base and nothing else.
func (p *Pages) worker(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
	_, _ = w.Write(p.view.worker) // a reader who has gone is nobody to tell
}

// kiosk shows the kiosk, also one that is shut: it says so, and what it still keeps.
func (p *Pages) kiosk(w http.ResponseWriter, r *http.Request) {
	given := r.URL.Query().Get("kiosk")
	s, err := p.Places.Open(r.Context(), r.PathValue("code"))
	if err != nil {
		p.failed(w, r, err)
		return
	}
	k, status := counter{pass: given}, http.StatusOK
	switch is := s.Admit(p.Key, given); is {
	case place.Unknown:
		p.failed(w, r, fault.New(fault.NotFound, "error.place.sticker"))
		return
	case place.Admitted:
		k.before, err = p.Places.Before(r.Context(), s)
	default:
		k.shut, status = is, http.StatusGone
	}
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.show(w, r, status, p.view.kiosk(languageOf(r), s, k))
}

// batch is what a kiosk sends; without answers it asks whether it is heard.
type batch struct {
	Pass    string `json:"pass"`
	Now     int64  `json:"now"` // the time on the kiosk, in milliseconds; 0 if it does not say
	Answers []struct {
		ID    string `json:"id"`
		Score int    `json:"score"`
		Words string `json:"words"`
		Lang  string `json:"lang"`
		At    int64  `json:"at"` // milliseconds, by the kiosk's clock
	} `json:"answers"`
}

// behind is by how much the kiosk's clock is behind ours.
func (b batch) behind(now time.Time) time.Duration {
	if b.Now == 0 {
		return 0
	}
	return now.Sub(time.UnixMilli(b.Now))
}

// verdict says which answers the kiosk need not keep: those that were taken, and
// those that never will be. The others it sends again.
type verdict struct {
	Done    []string `json:"done"`
	Refused []string `json:"refused"`
}

// shut tells a kiosk why it is heard no longer.
type shut struct {
	Shut place.Admission `json:"shut"`
}

// told takes in what a kiosk kept. One that is shut goes on keeping it, and asks again
// for as long as it stands there: it counts nowhere as somebody who tries codes.
func (p *Pages) told(w http.ResponseWriter, r *http.Request) {
	s, err := p.Places.Open(r.Context(), r.PathValue("code"))
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var b batch
	switch {
	case fault.Is(err, fault.NotFound):
		w.WriteHeader(http.StatusNotFound)
		return
	case err != nil:
		p.broken(w, r, err)
		return
	case kind != "application/json" || json.NewDecoder(r.Body).Decode(&b) != nil || len(b.Answers) > place.MaxTold:
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch is := s.Admit(p.Key, b.Pass); is {
	case place.Admitted:
	case place.Unknown:
		w.WriteHeader(http.StatusNotFound)
		return
	default:
		p.reply(w, r, http.StatusGone, shut{is})
		return
	}
	v, behind := verdict{Done: []string{}, Refused: []string{}}, b.behind(p.Clock.Now())
	for _, a := range b.Answers {
		if !p.lanes.kiosk.Take(s.Sticker.ID, p.Clock.Now()) {
			w.Header().Set("Retry-After", "60")
			break
		}
		err := p.Places.Tell(r.Context(), s, place.Told{ID: a.ID, Score: a.Score, Words: a.Words, Lang: a.Lang, At: time.UnixMilli(a.At).Add(behind).UTC()})
		var wrong *fault.Error
		switch {
		case err == nil:
			v.Done = append(v.Done, a.ID)
		case errors.As(err, &wrong) && wrong.Kind == fault.Invalid:
			v.Refused = append(v.Refused, a.ID)
		default:
			p.broken(w, r, err)
			return
		}
	}
	p.reply(w, r, http.StatusOK, v)
}

// reply answers a kiosk.
func (p *Pages) reply(w http.ResponseWriter, r *http.Request, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		p.Log.DebugContext(r.Context(), "answering a kiosk", "error", err)
	}
}

// broken tells a kiosk to try again later.
func (p *Pages) broken(w http.ResponseWriter, r *http.Request, err error) {
	p.Log.WarnContext(r.Context(), "kiosk", "error", err)
	w.WriteHeader(http.StatusServiceUnavailable)
}
