package chat

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// maxBody bounds a request that is no file: the longest text with room for JSON,
// where a character may take twelve bytes.
const maxBody = 256 << 10

// place is the inbox that a visitor talks to.
type place struct {
	box      inbox.Inbox
	brand    brand.Brand
	settings webchat.Settings
}

// visit is one request.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	place place
	who   session // zero if nobody is signed in
	lang  string
}

// at reads the inbox of an address; fault.NotFound if no visitor is served there.
func (c *Chat) at(ctx context.Context, tx *sqldb.Tx, inboxID string) (p place, err error) {
	none := fault.New(fault.NotFound, "error.chat.inbox")
	if p.box, err = c.Inboxes.ByID(ctx, tx, inboxID); fault.Is(err, fault.NotFound) {
		return p, none
	}
	if err != nil {
		return p, err
	}
	if p.box.Kind != webchat.Name || !p.box.Active {
		return p, none
	}
	secrets, err := c.Inboxes.Secrets(ctx, tx, inboxID)
	if err != nil {
		return p, err
	}
	if p.settings, err = webchat.Read(p.box.Settings, secrets); err != nil {
		return p, fault.Wrap(err, fault.Internal, "error.internal")
	}
	p.brand, err = c.Brands.ByID(ctx, tx, p.box.BrandID)
	return p, err
}

// welcome lets a page of a site read answers, if the inbox names it. What is no
// browser names no origin; it has nothing that a browser would add by itself.
func (c *Chat) welcome(w http.ResponseWriter, r *http.Request, p place) error {
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	h.Set("Access-Control-Allow-Origin", origin) // of a refusal, too: it says in words what to change
	if origin != c.Origin && !p.settings.Allows(origin) {
		return fault.New(fault.Denied, "error.chat.origin", "origin", origin)
	}
	h.Set("Access-Control-Expose-Headers", "Retry-After")
	return nil
}

// preflight answers what a browser asks before a request with a token.
func (c *Chat) preflight(w http.ResponseWriter, r *http.Request) {
	err := c.slow(r, perAddress)
	var p place
	if err == nil {
		err = c.DB.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
			p, err = c.at(r.Context(), tx, r.PathValue("inbox"))
			return err
		})
	}
	if err == nil {
		err = c.welcome(w, r, p)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// serve is the frame around every answer in JSON.
func (c *Chat) serve(w http.ResponseWriter, r *http.Request, answer func(*visit) (any, error)) {
	v := &visit{Request: r, w: w, lang: language(r)}
	err := c.slow(r, perAddress)
	if err == nil {
		err = c.DB.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
			if v.place, err = c.at(r.Context(), tx, r.PathValue("inbox")); err != nil {
				return err
			}
			v.who, err = c.session(r.Context(), tx, v.place, bearer(r))
			return err
		})
	}
	if err == nil {
		err = c.welcome(w, r, v.place)
	}
	var got any
	if err == nil {
		got, err = answer(v)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	if got == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(got) // who went away needs nothing more
}

// signedIn refuses a request without a session that lives.
func signedIn(answer func(*visit) (any, error)) func(*visit) (any, error) {
	return func(v *visit) (any, error) {
		if v.who.Address == "" {
			return nil, fault.New(fault.Unauthenticated, "error.chat.session")
		}
		return answer(v)
	}
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// language is that of the panel, which asks for it by name, as pages may be in
// another one than their browser.
func language(r *http.Request) string {
	return phrase.Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
}

// body reads a request's JSON.
func (v *visit) body(into any) error {
	b, err := io.ReadAll(http.MaxBytesReader(v.w, v.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.New(fault.TooLarge, "error.tooLarge")
	case err != nil:
		return fault.Wrap(err, fault.Invalid, "error.malformed")
	}
	return fault.Wrap(json.Unmarshal(b, into), fault.Invalid, "error.malformed")
}

// problem is an error as pages read it.
type problem struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// awayRetry is when a page should ask again after a part of ours was away.
const awayRetry = 5 * time.Second

// fail is the border: it turns an error into an answer, once, and logs what the
// page does not see.
func (c *Chat) fail(w http.ResponseWriter, r *http.Request, err error) {
	var f *fault.Error
	if !errors.As(err, &f) {
		f = fault.New(fault.Internal, "error.internal")
	}
	wait := f.RetryAfter
	switch f.Kind {
	case fault.Internal:
		if r.Context().Err() == nil {
			c.Log.ErrorContext(r.Context(), "chat", "error", err, "stack", fault.Stack(err))
		}
	case fault.Unavailable:
		c.Log.WarnContext(r.Context(), "chat", "error", err)
		wait = max(wait, awayRetry)
	}
	h := w.Header()
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int((wait + time.Second - 1).Seconds())))
	}
	key, args := f.Key, f.Args
	if len(f.Fields) > 0 { // there is one entry at a time in a panel
		key, args = f.Fields[0].Key, f.Fields[0].Args
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(statusOf(f.Kind))
	_ = json.NewEncoder(w).Encode(problem{Code: key, Detail: c.Words.Text(language(r), key, args)}) // who went away needs nothing more
}

func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Denied:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
