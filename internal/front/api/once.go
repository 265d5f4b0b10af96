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
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Limits of idempotency keys.
const (
	idempotencyKeep = 24 * time.Hour
	maxKeyLength    = 200
	maxKeptBody     = 1 << 20
)

// secretAnswer is where an operation's Op.Secret is found.
const secretAnswer = "secret"

// once gives writes with an Idempotency-Key header the same answer however often
// they come. A key is claimed before the work and its answer kept after it; if
// the process died in between, the outcome is unknown and a repetition is told
// so instead of being carried out a second time.
func (r *Routes) once(hc huma.Context, next func(huma.Context)) {
	key := hc.Header("Idempotency-Key")
	if key == "" || hc.Method() == http.MethodGet || callerOf(hc.Context()).Role == "" {
		next(hc)
		return
	}
	req, w := humago.Unwrap(hc)
	who := callerOf(hc.Context())
	fail := func(err error) { r.write(hc, r.problem(hc.Context(), who.Locale, err)) }
	if len(key) > maxKeyLength {
		fail(fault.New(fault.Invalid, "error.idempotency.long", "max", maxKeyLength))
		return
	}
	if ct := req.Header.Get("Content-Type"); len(ct) >= 10 && ct[:10] == "multipart/" {
		next(hc) // uploads are kept by content; a second one does no harm
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxKeptBody))
	if err != nil {
		fail(fault.Wrap(err, fault.TooLarge, "error.tooLarge"))
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256([]byte(hc.Method() + " " + req.URL.RequestURI() + "\n" + string(body)))
	claim := kept{actor: string(who.Actor.Kind) + ":" + who.Actor.ID, key: key, request: hex.EncodeToString(sum[:])}
	before, err := r.claim(hc.Context(), claim)
	switch {
	case err != nil:
		fail(err)
	case before != nil:
		replay(hc, *before)
	default:
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		// A client that goes away stops nothing: it will ask again, and then
		// the work must be done and its answer kept.
		next(humago.NewContext(hc.Operation(), req.WithContext(context.WithoutCancel(hc.Context())), rec))
		if secret, _ := hc.Operation().Metadata[secretAnswer].(bool); secret && rec.status < http.StatusBadRequest {
			return // the claim stays, so nothing is done twice; the secret is not written down
		}
		r.settle(context.WithoutCancel(hc.Context()), claim, rec)
	}
}

type kept struct {
	actor, key, request string
	status              int
	body                string
}

// claim takes a key, or returns the answer it has had.
func (r *Routes) claim(ctx context.Context, c kept) (before *kept, err error) {
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
		case had.status == 0:
			return fault.New(fault.Conflict, "error.idempotency.pending")
		}
		before = &had
		return nil
	})
	return before, err
}

// settle keeps the answer, or frees the key when nothing was done.
func (r *Routes) settle(ctx context.Context, c kept, rec *recorder) {
	err := r.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if rec.status >= http.StatusBadRequest || rec.body.Len() > maxKeptBody {
			_, err := tx.Exec(ctx, `DELETE FROM idempotency WHERE actor = $1 AND key = $2`, c.actor, c.key)
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE idempotency SET status = $3, body = $4 WHERE actor = $1 AND key = $2`, c.actor, c.key, rec.status, rec.body.String())
		return err
	})
	if err != nil {
		r.Log.WarnContext(ctx, "keeping an idempotent answer", "error", err)
	}
}

func replay(hc huma.Context, k kept) {
	hc.SetHeader("Idempotency-Replayed", "true")
	if k.body != "" {
		hc.SetHeader("Content-Type", "application/json")
	}
	hc.SetStatus(k.status)
	_, _ = io.WriteString(hc.BodyWriter(), k.body) // a client that went away asks again
}

// recorder passes an answer on and keeps a copy.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.body.Len() <= maxKeptBody {
		r.body.Write(b)
	}
	return r.ResponseWriter.Write(b)
}
