package app

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/front/chat"
	"github.com/kintsugi-desk/kintsugi/internal/front/forms"
	"github.com/kintsugi-desk/kintsugi/internal/front/handout"
)

// contentSecurity allows the page its own scripts, styles, images and socket,
// and frames only for mail, which brings a policy of its own.
const contentSecurity = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; frame-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// serverName is what an instance calls itself, so that doctor knows it again.
const serverName = "Kintsugi"

// secured wraps everything with the headers and checks that hold for all pages.
func (a *App) secured(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	guarded := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", contentSecurity)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if strings.HasPrefix(a.cfg.PublicURL, "https://") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		// A bearer token is never sent by a browser on its own, so a request that
		// carries one and no cookie cannot be forged across origins.
		if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") && r.Header.Get("Cookie") == "" {
			next.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// observed logs and counts requests, and turns a panic into one logged 500.
func (a *App) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now() // arch:time measures a duration
		rec := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
				a.log.ErrorContext(r.Context(), "request panicked", "method", r.Method, "path", logged(r.URL.Path), "panic", p, "stack", string(debug.Stack()))
				if !rec.wrote {
					http.Error(rec, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
				}
			}
			took := time.Since(started)
			a.metrics.request(r, rec.status, took)
			a.log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("method", r.Method), slog.String("path", logged(r.URL.Path)),
				slog.Int("status", rec.status), slog.Duration("took", took))
		}()
		next.ServeHTTP(rec, r)
	})
}

// logged is a path as it may stand in a log: the tokens of surveys and files are secrets.
func logged(path string) string {
	for _, secret := range []string{"/s/", forms.Status, claim.Path, handout.Base, chat.Base + "f/"} {
		if strings.HasPrefix(path, secret) {
			return secret + "…"
		}
	}
	return path
}

type statusWriter struct {
	http.ResponseWriter
	status int
	wrote  bool
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status, w.wrote = status, true
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// Hijack implements http.Hijacker, for WebSockets.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.wrote = true
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// clientAddress returns the address of whoever made a request. X-Forwarded-For
// is believed only as far as trusted proxies wrote it: from the right, the
// first address that is not one of them.
func (a *App) clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if !trusted(a.cfg.Proxies, host) {
		if r.Header.Get("X-Forwarded-For") != "" {
			a.strangerProxy.Do(func() {
				a.log.Warn("X-Forwarded-For from an address that is no trusted proxy; if a proxy stands there, name it with --trusted-proxies, as all its clients count as one until then", "address", host)
			})
		}
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			return host
		}
		host = hop
		if !trusted(a.cfg.Proxies, hop) {
			break
		}
	}
	return host
}

func trusted(proxies []netip.Prefix, host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range proxies {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// maxHeader bounds the header of a request, in bytes.
const maxHeader = 64 << 10

// Limits of connections that nobody configures.
const (
	headerTimeout = 10 * time.Second // for the header of a request
	idleTimeout   = 2 * time.Minute  // between two requests
)

// serveHTTP answers requests on a listener until ctx ends, then gives those
// under way the grace to finish and cuts what is left.
func (a *App) serveHTTP(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           a.handler,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.StopGrace)
		defer cancel()
		err := srv.Shutdown(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			a.log.WarnContext(grace, "requests were cut, as they did not end in time", "grace", a.cfg.StopGrace)
			err = srv.Close()
		}
		stopped <- err
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
