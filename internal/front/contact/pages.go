package contact

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Base is where the pages of brands live, and Script what sites embed.
const (
	Base   = "/contact/"
	Script = "/contact.js"
)

// How long browsers keep things.
const (
	keepPage   = "public, max-age=60"
	keepScript = "public, max-age=300"
)

// Deps is what the pages work with.
type Deps struct {
	DB     *sqldb.DB
	Points *contact.Points
	Brands *brand.Brands
	Words  *phrase.Catalogue
	Clock  clock.Clock
	Log    *slog.Logger
	Origin string // of this instance, without a slash at its end
	// ClientAddress returns the address of the client behind trusted proxies.
	ClientAddress func(*http.Request) string
}

// Pages serves Script and everything below Base.
type Pages struct {
	Deps
	view   *viewer
	usual  *conversation.Usual
	misses *page.Misses
	mux    *http.ServeMux
}

// New returns the pages.
func New(d Deps) (*Pages, error) {
	v, err := newViewer(d.Words)
	if err != nil {
		return nil, err
	}
	p := &Pages{Deps: d, view: v, usual: conversation.NewUsual(), misses: page.NewMisses(), mux: http.NewServeMux()}
	p.mux.HandleFunc("GET "+Script, p.script)
	p.mux.HandleFunc("GET /contact/{brand}", p.show)
	p.mux.HandleFunc("GET /contact/{brand}/bar", p.bar)
	p.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.failed(w, r, fault.New(fault.NotFound, "error.notFound"))
	})
	return p, nil
}

// ServeHTTP implements http.Handler.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	p.mux.ServeHTTP(w, r)
}

// read gathers what a brand shows now.
func (p *Pages) read(ctx context.Context, id string) (s shelf, err error) {
	err = p.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if s.brand, err = p.Brands.ByID(ctx, tx, id); err != nil {
			return err
		}
		points, err := p.Points.Of(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, point := range points {
			one := state{Point: point, now: tx.Now}
			if one.calendar, err = point.Calendar(s.brand); err != nil {
				return err
			}
			hours, err := s.brand.Calendar()
			if err != nil {
				return err
			}
			if point.InboxID != "" {
				if one.took, one.known, err = p.usual.Of(ctx, tx, point.InboxID, hours); err != nil {
					return err
				}
			}
			s.points = append(s.points, one)
		}
		return nil
	})
	return s, err
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	s, err := p.read(r.Context(), r.PathValue("brand"))
	if err != nil {
		p.failed(w, r, err)
		return
	}
	lang := phrase.Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	html, policy, err := p.view.page(lang, s)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", keepPage)
	w.Header().Set("Vary", "Accept-Language")
	page.Write(w, r, page.Page{Lang: lang, Status: http.StatusOK, HTML: html, Policy: policy})
}

// bar is what the script shows, for pages of any site: there is nothing in it that
// the brand's own page does not say.
func (p *Pages) bar(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	s, err := p.read(r.Context(), r.PathValue("brand"))
	if err != nil {
		p.failed(w, r, err)
		return
	}
	lang := phrase.Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	h.Set("Cache-Control", keepPage)
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(p.view.bar(lang, s, p.Origin+Base+s.brand.ID+"?lang="+lang)); err != nil {
		p.Log.DebugContext(r.Context(), "contact bar", "error", err)
	}
}

func (p *Pages) script(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", keepScript)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(p.view.script) // a reader who has gone is nobody to tell
}

// failed answers an error: once, here, it is logged.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case fault.Is(err, fault.NotFound):
		_, status := p.misses.Missed(w, page.Caller{Address: p.ClientAddress(r), Now: p.Clock.Now()}, "")
		p.plain(w, r, status)
	case fault.Is(err, fault.Unavailable):
		p.Log.WarnContext(r.Context(), "contact page", "error", err)
		p.plain(w, r, http.StatusServiceUnavailable)
	default:
		p.Log.ErrorContext(r.Context(), "contact page", "error", err)
		p.plain(w, r, http.StatusInternalServerError)
	}
}

// plain is a page that belongs to no brand.
func (p *Pages) plain(w http.ResponseWriter, r *http.Request, status int) {
	lang := phrase.Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	html, policy, err := p.view.plain(lang, status)
	if err != nil {
		p.Log.ErrorContext(r.Context(), "contact page", "error", err)
		http.Error(w, http.StatusText(status), status)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	page.Write(w, r, page.Page{Lang: lang, Status: status, HTML: html, Policy: policy})
}
