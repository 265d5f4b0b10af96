package scan

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

// sameVisit is how long a browser that opens the page again counts once.
const sameVisit = 30 * time.Minute

// maxSeen bounds what is remembered at once; who comes when it is full may count
// once more.
const maxSeen = 200_000

// seen tells who opened a page a moment ago, without knowing who it is.
type seen struct {
	key [32]byte

	mu    sync.Mutex
	since time.Time
	young map[[16]byte]*sight
	aged  map[[16]byte]*sight
}

// sight is somebody's scan, and whether it led to anything yet.
type sight struct {
	at   time.Time
	used bool
}

func newSeen() *seen {
	s := &seen{young: map[[16]byte]*sight{}, aged: map[[16]byte]*sight{}}
	_, _ = rand.Read(s.key[:]) // crypto/rand never fails
	return s
}

// first reports whether somebody opens a sticker's page for the first time in a while.
func (s *seen) first(sticker, address, agent string, now time.Time) bool {
	who := s.who(sticker, address, agent)
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.since) >= sameVisit || len(s.young) >= maxSeen/2 {
		s.young, s.aged, s.since = map[[16]byte]*sight{}, s.young, now
	}
	if last := s.last(who); last != nil && now.Sub(last.at) < sameVisit {
		return false
	}
	s.young[who] = &sight{at: now}
	return true
}

func (s *seen) who(sticker, address, agent string) [16]byte {
	sum := sha256.Sum256([]byte(string(s.key[:]) + sticker + "\x00" + address + "\x00" + agent))
	return [16]byte(sum[:16])
}

func (s *seen) last(who [16]byte) *sight {
	if last, ok := s.young[who]; ok {
		return last
	}
	return s.aged[who]
}

// use takes the scan that led to something, and reports whether there was one that
// nothing had come of.
func (s *seen) use(sticker, address, agent string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.last(s.who(sticker, address, agent))
	if last == nil || last.used {
		return false
	}
	last.used = true
	return true
}

// counts reports whether a request is somebody who opens a page, and not a preview
// of a link or a machine that says that it is one.
func counts(r *http.Request) bool {
	h := r.Header
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if v := strings.ToLower(h.Get(name)); strings.Contains(v, "prefetch") || strings.Contains(v, "preview") || strings.Contains(v, "prerender") {
			return false
		}
	}
	if dest := h.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" {
		return false
	}
	agent := strings.ToLower(h.Get("User-Agent"))
	if agent == "" {
		return false
	}
	// LINE, with which many scan, names itself too; only its preview is a "poker".
	for _, machine := range []string{"bot", "crawl", "spider", "preview", "facebookexternalhit", "line-poker", "whatsapp/", "curl/", "wget/"} {
		if strings.Contains(agent, machine) {
			return false
		}
	}
	return true
}

// count counts a scan and reports whether it was one. A page is shown all the same
// when that fails.
func (p *Pages) count(r *http.Request, s place.Opened) bool {
	address, now := p.ClientAddress(r), p.Clock.Now()
	if !counts(r) || r.URL.Query().Has("kiosk") || !p.lanes.scans.Take(address, now) || !p.seen.first(s.Sticker.ID, address, r.UserAgent(), now) {
		return false
	}
	err := p.Places.Scanned(r.Context(), s)
	if err != nil {
		p.Log.WarnContext(r.Context(), "counting a scan", "sticker", s.Sticker.ID, "error", err)
	}
	return err == nil
}
