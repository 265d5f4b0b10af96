package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Limits of idempotency keys.
const (
	idempotencyKeep = 24 * time.Hour
	maxKeyLength    = 200
	maxKeptBody     = 1 << 20 // of requests and answers, unless the operation takes more
)

// secretAnswer is where an operation's Op.Secret is found.
const secretAnswer = "secret"

// once gives writes with an Idempotency-Key header the same answer however often
// they come. It stands behind the guard: who may not make a request any more
// does not get its old answer either.
//
// A key is claimed before the work, and its answer kept after it. It is free
// again only if the request was refused and certainly nothing was written. If
// nobody knows what was written – the commit failed half way, the process died –
// the key stays taken, and a repetition is told so instead of being carried out
// a second time.
func (r *Routes) once(hc huma.Context, next func(huma.Context)) {
	key := hc.Header("Idempotency-Key")
	if key == "" || hc.Method() == http.MethodGet || callerOf(hc.Context()).Role == "" {
		next(hc)
		return
	}
	req, w := humago.Unwrap(hc)
	if strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/") {
		next(hc) // uploads are kept by content; a second one does no harm
		return
	}
	claim, err := claimOf(hc, req, w)
	var before *kept
	if err == nil {
		before, err = keys{r}.claim(hc.Context(), claim)
	}
	switch {
	case err != nil:
		r.write(hc, r.problem(hc.Context(), callerOf(hc.Context()).Locale, err))
	case before != nil:
		replay(hc, *before)
	default:
		keys{r}.first(hc, next, claim)
	}
}

// claimOf reads a request whole, so that it can be told from another with the same key.
func claimOf(hc huma.Context, req *http.Request, w http.ResponseWriter) (kept, error) {
	key, who := hc.Header("Idempotency-Key"), callerOf(hc.Context())
	if utf8.RuneCountInString(key) > maxKeyLength {
		return kept{}, fault.New(fault.Invalid, "error.idempotency.long", "max", maxKeyLength)
	}
	if !utf8.ValidString(key) {
		return kept{}, fault.New(fault.Invalid, "error.noText")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, keptBody(hc)))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return kept{}, fault.Wrap(err, fault.TooLarge, "error.tooLarge")
	}
	if err != nil {
		return kept{}, fault.Wrap(err, fault.Invalid, "error.timeout")
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256([]byte(hc.Method() + " " + req.URL.RequestURI() + "\n" + string(body)))
	return kept{actor: string(who.Actor.Kind) + ":" + who.Actor.ID, key: key, request: hex.EncodeToString(sum[:])}, nil
}

// keptBody is how many bytes a request, and the answer that is kept of it, may have.
func keptBody(hc huma.Context) int64 { return max(maxKeptBody, hc.Operation().MaxBodyBytes) }

// keys is the book of idempotency keys.
type keys struct{ *Routes }

// first does the work under a claimed key and keeps its answer.
func (r keys) first(hc huma.Context, next func(huma.Context), claim kept) {
	req, w := humago.Unwrap(hc)
	rec := &recorder{ResponseWriter: w, limit: keptBody(hc), status: http.StatusInternalServerError} // until it says otherwise
	// A client that goes away stops nothing: it will ask again, and then the work
	// must be done and its answer kept.
	ctx, witness := sqldb.Watch(context.WithoutCancel(hc.Context()))
	defer func() { // also when the work panics
		secret, _ := hc.Operation().Metadata[secretAnswer].(bool)
		r.settle(ctx, claim, rec.outcome(witness.Wrote(), secret))
	}()
	next(humago.NewContext(hc.Operation(), req.WithContext(ctx), rec))
}

// kept is a key and what became of its request. A negative status says that the
// request ended so, and that its answer is not kept.
type kept struct {
	actor, key, request string
	status              int
	body                string
}

// claim takes a key, or returns the answer it has had.
func (r keys) claim(ctx context.Context, c kept) (before *kept, err error) {
	err = r.DB.Write(ctx, func(tx *sqldb.Tx) error {
		before = nil
		if _, err := tx.Exec(ctx, `DELETE FROM idempotency WHERE at < $1`, tx.Now.Add(-idempotencyKeep).UnixMilli()); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `INSERT INTO idempotency (actor, key, request, status, body, at) VALUES ($1, $2, $3, 0, '', $4) ON CONFLICT DO NOTHING`,
			c.actor, c.key, c.request, tx.Now.UnixMilli())
		if err != nil || n == 1 {
			return err
		}
		had := kept{actor: c.actor, key: c.key}
		err = tx.QueryRow(ctx, `SELECT request, status, body FROM idempotency WHERE actor = $1 AND key = $2`, c.actor, c.key).
			Scan(&had.request, &had.status, &had.body)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.New(fault.Conflict, "error.idempotency.pending")
		case err != nil:
			return err
		case had.request != c.request:
			return fault.New(fault.Invalid, "error.idempotency.differs")
		case had.status == 0, had.status <= -http.StatusInternalServerError:
			return fault.New(fault.Conflict, "error.idempotency.pending")
		case had.status < 0:
			return fault.New(fault.Conflict, "error.idempotency.done")
		}
		before = &had
		return nil
	})
	return before, err
}

// outcome is what is kept of an answer; zero frees the key.
func (r *recorder) outcome(wrote, secret bool) (o kept) {
	switch {
	case !wrote && r.status >= http.StatusBadRequest:
		return kept{}
	case r.status >= http.StatusInternalServerError, // nobody knows what was done
		secret && r.status < http.StatusBadRequest, // is not written down
		int64(r.body.Len()) > r.limit:
		return kept{status: -r.status}
	}
	return kept{status: r.status, body: r.body.String()}
}

// settle keeps the outcome, or frees the key.
func (r keys) settle(ctx context.Context, c, outcome kept) {
	err := r.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if outcome.status == 0 {
			_, err := tx.Exec(ctx, `DELETE FROM idempotency WHERE actor = $1 AND key = $2`, c.actor, c.key)
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE idempotency SET status = $3, body = $4 WHERE actor = $1 AND key = $2`, c.actor, c.key, outcome.status, outcome.body)
		return err
	})
	if err != nil {
		r.Log.WarnContext(ctx, "keeping an idempotent answer", "error", err)
	}
}

func replay(hc huma.Context, k kept) {
	hc.SetHeader("Idempotency-Replayed", "true")
	switch {
	case k.body == "":
	case k.status >= http.StatusBadRequest:
		hc.SetHeader("Content-Type", (*Problem)(nil).ContentType(""))
	default:
		hc.SetHeader("Content-Type", "application/json")
	}
	hc.SetStatus(k.status)
	_, _ = io.WriteString(hc.BodyWriter(), k.body) // a client that went away asks again
}

// recorder passes an answer on and keeps a copy.
type recorder struct {
	http.ResponseWriter
	limit  int64 // bytes of the copy
	status int
	said   bool
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status, r.said = status, true
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if !r.said {
		r.WriteHeader(http.StatusOK)
	}
	if int64(r.body.Len()) <= r.limit {
		r.body.Write(b)
	}
	return r.ResponseWriter.Write(b)
}
