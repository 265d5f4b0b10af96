package app

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/front/chat"
	"github.com/kintsugi-desk/kintsugi/internal/front/forms"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// paced gives every request a time in which its body must come, and every part
// of the answer one in which it must go, so that slow clients hold nothing. A
// file has longer to come. A WebSocket sheds these limits when it begins and has
// its own (package live).
func paced(cfg Config, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &pacer{ResponseWriter: w, control: http.NewResponseController(w), pause: cfg.WriteTimeout}
		limit := cfg.ReadTimeout
		if strings.HasPrefix(r.URL.Path, api.Base+"/attachments") || chat.Uploads(r.URL.Path) || strings.HasPrefix(r.URL.Path, forms.Base) {
			limit = cfg.UploadTimeout
		}
		p.mayWrite(limit + cfg.WriteTimeout)
		if r.Body != nil && r.Body != http.NoBody {
			// A connection that cannot keep time, as in tests, has no limit to lift.
			if p.control.SetReadDeadline(deadline(limit)) == nil {
				r.Body = &pacedBody{ReadCloser: r.Body, control: p.control}
			}
		}
		next.ServeHTTP(p, r)
	})
}

func deadline(after time.Duration) time.Time {
	return clock.System{}.Now().Add(after) // deadlines of sockets are on the machine's clock
}

// pacedBody lifts the limit when all has come: left on, it would end the work on
// a request that takes its time.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

// Read implements io.Reader.
func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{}) // it could be set, so it can be lifted
	}
	return n, err
}

// pacer moves the limit on with every part of an answer.
type pacer struct {
	http.ResponseWriter
	control *http.ResponseController
	pause   time.Duration
}

func (p *pacer) mayWrite(within time.Duration) {
	_ = p.control.SetWriteDeadline(deadline(within)) // a connection that cannot keep time has no limit
}

// WriteHeader implements http.ResponseWriter.
func (p *pacer) WriteHeader(status int) {
	p.mayWrite(p.pause)
	p.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (p *pacer) Write(b []byte) (int, error) {
	p.mayWrite(p.pause)
	return p.ResponseWriter.Write(b)
}

// SetReadDeadline leaves the limit as it is: the framework's own does not know
// files from forms.
func (p *pacer) SetReadDeadline(time.Time) error { return nil }

// Unwrap lets http.ResponseController reach the connection.
func (p *pacer) Unwrap() http.ResponseWriter { return p.ResponseWriter }
