package forms

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Base is where all pages live, and Status where those of matters do.
const (
	Base   = "/c/"
	Status = Base + "status/"
)

// Deps is what the pages work with.
type Deps struct {
	DB      *sqldb.DB
	Forms   *form.Forms
	Claims  *claim.Claims
	Brands  *brand.Brands
	Inboxes *inbox.Inboxes
	Key     *seal.Key
	Words   *phrase.Catalogue
	Clock   clock.Clock
	Log     *slog.Logger
	// Keep stores a file and returns its key and size.
	Keep func(ctx context.Context, r io.Reader) (key string, size int64, err error)
	// ClientAddress returns the address of the client behind trusted proxies.
	ClientAddress func(*http.Request) string
}

// Pages serves everything below Base.
type Pages struct {
	Deps
	view        *viewer
	misses      *page.Misses
	quick, slow *page.Lane
	mux         *http.ServeMux
}

// New returns the pages.
func New(d Deps) (*Pages, error) {
	v, err := newViewer(d.Words)
	if err != nil {
		return nil, err
	}
	p := &Pages{Deps: d, view: v, misses: page.NewMisses(), quick: page.NewLane(quickEvery, quickBurst), slow: page.NewLane(slowEvery, slowBurst), mux: http.NewServeMux()}
	p.mux.HandleFunc("GET /c/{slug}", p.ask)
	p.mux.HandleFunc("POST /c/{slug}", p.send)
	p.mux.HandleFunc("GET /c/status/{pass}", p.matter)
	p.mux.HandleFunc("POST /c/status/{pass}", p.add)
	p.mux.HandleFunc("GET "+claim.Path+"{token}", p.confirm)
	p.mux.HandleFunc("POST "+claim.Path+"{token}", p.confirmed)
	p.mux.HandleFunc("/c/", func(w http.ResponseWriter, r *http.Request) { p.plain(w, r, plainPage{"missing", http.StatusNotFound}) })
	return p, nil
}

// ServeHTTP implements http.Handler.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, status := page.Gate(w, r, maxBody); name != "" {
		p.plain(w, r, plainPage{name, status})
		return
	}
	p.mux.ServeHTTP(w, r)
}

// sheet is a form with what its page looks like.
type sheet struct {
	form  form.Form
	brand brand.Brand
	lang  string
	embed bool
}

// open reads the form at the address, or answers that it cannot.
func (p *Pages) open(w http.ResponseWriter, r *http.Request) (s sheet, ok bool) {
	err := p.DB.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
		if s.form, err = p.Forms.BySlug(r.Context(), tx, r.PathValue("slug")); err != nil {
			return err
		}
		box, err := p.Inboxes.ByID(r.Context(), tx, s.form.InboxID)
		if err != nil {
			return err
		}
		s.brand, err = p.Brands.ByID(r.Context(), tx, box.BrandID)
		return err
	})
	if err != nil {
		p.failed(w, r, err)
		return s, false
	}
	s.lang = languageOf(r, s.form.Languages())
	s.embed = embedded(r, s.form)
	return s, true
}

// languageOf is what a page is written in: as asked, else as the browser prefers,
// of what there is.
func languageOf(r *http.Request, have []string) string {
	want := phrase.Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	for _, l := range have {
		if l == want {
			return l
		}
	}
	if len(have) > 0 {
		return have[0]
	}
	return want
}

// embedded reports whether a page is asked for in a frame, and may be shown in one.
func embedded(r *http.Request, f form.Form) bool {
	return r.URL.Query().Get("embed") == "1" && len(f.Content.Origins) > 0
}

// failed answers an error: once, here, it is logged.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case fault.Is(err, fault.NotFound):
		p.missed(w, r, "missing")
	case fault.Is(err, fault.Unavailable):
		p.Log.WarnContext(r.Context(), "form page", "error", err)
		p.plain(w, r, plainPage{"broken", http.StatusServiceUnavailable})
	default:
		p.Log.ErrorContext(r.Context(), "form page", "error", err)
		p.plain(w, r, plainPage{"broken", http.StatusInternalServerError})
	}
}

// unconfirmed answers a link that opens nothing, or an error.
func (p *Pages) unconfirmed(w http.ResponseWriter, r *http.Request, err error) {
	if !fault.Is(err, fault.NotFound) {
		p.failed(w, r, err)
		return
	}
	p.missed(w, r, "used")
}

// missed answers an address that leads nowhere, by the page that says so.
func (p *Pages) missed(w http.ResponseWriter, r *http.Request, name string) {
	name, status := p.misses.Missed(w, page.Caller{Address: p.ClientAddress(r), Now: p.Clock.Now()}, name)
	p.plain(w, r, plainPage{name, status})
}

// plainPage is a page without a form: its words and its status.
type plainPage struct {
	name   string
	status int
}

func (p *Pages) plain(w http.ResponseWriter, r *http.Request, one plainPage) {
	p.show(w, r, one.status, p.view.plain(languageOf(r, nil), one.name))
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, s shown) {
	html, policy, err := p.view.page(s)
	if err != nil {
		p.Log.ErrorContext(r.Context(), "form page", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	if s.Embedded {
		w.Header().Del("X-Frame-Options") // the policy names who may
	}
	page.Write(w, r, page.Page{Lang: s.Lang, Status: status, HTML: html, Policy: policy})
}
