package scan

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

// Base is where all pages live, and Capitals the same as a code in capitals names
// it: capitals make the printed pattern coarser, so that it is read from afar.
const (
	Base     = place.Base
	Capitals = "/Q/"
)

// Limits of requests, in bytes, and how often they may come: from one address, for
// one sticker wherever they come from, and for one sticker from one address, which
// all guests of a shop's network may share.
const (
	maxBody  = 128 << 10
	maxBatch = 1 << 20

	tapEvery     = 10 * time.Second
	tapBurst     = 30
	nearEvery    = 2 * time.Minute // visits that rate one sticker from one address
	nearBurst    = 30
	matterEvery  = time.Minute
	matterBurst  = 8
	crowdEvery   = 2 * time.Second // taps on one sticker
	crowdBurst   = 200
	matterCrowd  = 20 * time.Second // matters of one sticker
	matterAtOnce = 40
	kioskEvery   = 2 * time.Second
	kioskBurst   = 500
	scanEvery    = 5 * time.Second
	scanBurst    = 60
)

// Deps is what the pages work with.
type Deps struct {
	Places *place.Places
	Key    *seal.Key
	Words  *phrase.Catalogue
	Clock  clock.Clock
	Log    *slog.Logger
	// ClientAddress returns the address of the client behind trusted proxies.
	ClientAddress func(*http.Request) string
}

// Pages serves everything below Base.
type Pages struct {
	Deps
	view   *viewer
	misses *page.Misses
	seen   *seen
	lanes  lanes
	mux    *http.ServeMux
}

// lanes are the counts of what comes in.
type lanes struct{ scans, taps, near, crowd, matters, matterCrowd, kiosk *page.Lane }

// New returns the pages.
func New(d Deps) (*Pages, error) {
	v, err := newViewer(d.Words)
	if err != nil {
		return nil, err
	}
	p := &Pages{Deps: d, view: v, misses: page.NewMisses(), seen: newSeen(), mux: http.NewServeMux(), lanes: lanes{
		scans: page.NewLane(scanEvery, scanBurst), taps: page.NewLane(tapEvery, tapBurst), near: page.NewLane(nearEvery, nearBurst), crowd: page.NewLane(crowdEvery, crowdBurst),
		matters: page.NewLane(matterEvery, matterBurst), matterCrowd: page.NewLane(matterCrowd, matterAtOnce), kiosk: page.NewLane(kioskEvery, kioskBurst)}}
	p.mux.HandleFunc("GET /q/"+workerName, p.worker)
	for _, base := range []string{Base, Capitals} {
		p.mux.HandleFunc("GET "+base+"{code}", p.ask)
	}
	p.mux.HandleFunc("POST /q/{code}", p.tap)
	p.mux.HandleFunc("GET /q/{code}/say", p.words)
	p.mux.HandleFunc("POST /q/{code}/say", p.say)
	p.mux.HandleFunc("GET /q/{code}/thanks", p.thanks)
	p.mux.HandleFunc("POST /q/{code}/kiosk", p.told)
	p.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.plain(w, r, plainPage{"missing", http.StatusNotFound}) })
	return p, nil
}

// ServeHTTP implements http.Handler.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, status := page.Gate(w, r, maxBatch); name != "" {
		p.plain(w, r, plainPage{name, status})
		return
	}
	p.mux.ServeHTTP(w, r)
}

// open finds what the code in the address leads to, or answers that there is none, or
// that it is out of use. Opening it counts as a scan.
func (p *Pages) open(w http.ResponseWriter, r *http.Request) (place.Opened, bool) {
	s, err := p.Places.Open(r.Context(), r.PathValue("code"))
	if err != nil {
		p.failed(w, r, err)
		return s, false
	}
	first := r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, r.PathValue("code")) // the first page of a visit
	s.Uncounted = !first || !p.count(r, s)
	if s.InUse() {
		return s, true
	}
	ways, err := p.Places.Ways(r.Context(), s)
	if err != nil {
		p.failed(w, r, err)
		return s, false
	}
	p.show(w, r, http.StatusGone, p.view.ended(languageOf(r), s, ways))
	return s, false
}

// languageOf is what a page is written in: as asked, else as the browser prefers.
func languageOf(r *http.Request) string {
	return phrase.Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
}

// failed answers an error: once, here, it is logged.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case fault.Is(err, fault.NotFound):
		p.missed(w, r, "missing")
	case fault.Is(err, fault.Unavailable):
		p.Log.WarnContext(r.Context(), "sticker page", "error", err)
		p.plain(w, r, plainPage{"broken", http.StatusServiceUnavailable})
	default:
		p.Log.ErrorContext(r.Context(), "sticker page", "error", err)
		p.plain(w, r, plainPage{"broken", http.StatusInternalServerError})
	}
}

// missed answers an address that leads nowhere, by the page that says so.
func (p *Pages) missed(w http.ResponseWriter, r *http.Request, name string) {
	name, status := p.misses.Missed(w, page.Caller{Address: p.ClientAddress(r), Now: p.Clock.Now()}, name)
	p.plain(w, r, plainPage{name, status})
}

// plainPage is a page without a place: its words and its status.
type plainPage struct {
	name   string
	status int
}

func (p *Pages) plain(w http.ResponseWriter, r *http.Request, one plainPage) {
	p.show(w, r, one.status, p.view.plain(languageOf(r), one.name))
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, s shown) {
	html, policy, err := p.view.page(s)
	if err != nil {
		p.Log.ErrorContext(r.Context(), "sticker page", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	page.Write(w, r, page.Page{Lang: s.Lang, Status: status, HTML: html, Policy: policy})
}
