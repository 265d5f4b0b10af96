package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Base is where all resources live.
const Base = "/api/v1"

// Public marks an operation that needs no sign-in; SignedIn one that every
// signed-in caller may use. All others name a permission of package team.
const (
	Public   team.Permission = "public"
	SignedIn team.Permission = "signed-in"
)

// Caller is who makes a request.
type Caller struct {
	Actor     actor.Actor
	Agent     team.Agent // zero for an API key
	Role      team.Role
	SessionID string // of the cookie; "" for an API key
	Token     string // the session's token, for signing out
	Locale    string // "ja" or "en": what the reader reads
	Address   string // of the client, proxies considered
	UserAgent string
}

// Can reports whether the caller's role has a permission.
func (c Caller) Can(p team.Permission) bool { return c.Role != "" && team.Can(c.Role, p) }

// Op describes one operation.
type Op struct {
	Method     string
	Path       string          // below Base: "/inboxes/{id}"
	Permission team.Permission // who may; never empty
	Tag        string          // group in the documentation; "" takes the first path segment
	Summary    string          // one line, English
	Status     int             // of success; 0: 200, or 204 for Empty
	MaxBody    int64           // bytes; 0: 1 MiB
	Secret     bool            // the answer holds a secret that is shown once: no copy is kept
}

// Empty is the output of operations that return nothing.
type Empty struct{}

// Out is what most operations return: a JSON body.
type Out[T any] struct{ Body T }

// Page is a list with the cursor of its next page.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// PageQuery is the part of a list's input that all lists share.
type PageQuery struct {
	Cursor string `query:"cursor" maxLength:"300" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// ByID is the input of operations on one object.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

// Routes registers operations and remembers who may call them.
type Routes struct {
	Deps
	api  huma.API
	list []Op
}

// Operations returns every registered operation; a test walks them.
func (r *Routes) Operations() []Op { return append([]Op(nil), r.list...) }

// Handle registers an operation whose output is a JSON body.
func Handle[I, T any](r *Routes, op Op, h func(ctx context.Context, who Caller, in *I) (T, error)) {
	Register(r, op, func(ctx context.Context, who Caller, in *I) (*Out[T], error) {
		v, err := h(ctx, who, in)
		if err != nil {
			return nil, err
		}
		return &Out[T]{Body: v}, nil
	})
}

// HandleEmpty registers an operation that answers 204 without a body.
func HandleEmpty[I any](r *Routes, op Op, h func(ctx context.Context, who Caller, in *I) error) {
	if op.Status == 0 {
		op.Status = http.StatusNoContent
	}
	Register(r, op, func(ctx context.Context, who Caller, in *I) (*Empty, error) {
		return nil, h(ctx, who, in)
	})
}

// Register registers an operation whose output names its own headers and body
// (cookies, downloads; see huma's output structs).
func Register[I, O any](r *Routes, op Op, h func(ctx context.Context, who Caller, in *I) (*O, error)) {
	if op.Permission == "" {
		panic("api: " + op.Method + " " + op.Path + " names no permission")
	}
	r.list = append(r.list, op)
	huma.Register(r.api, r.operation(op), func(ctx context.Context, in *I) (*O, error) {
		who := callerOf(ctx)
		out, err := h(ctx, who, in)
		if err != nil {
			return nil, r.problem(ctx, who.Locale, err)
		}
		return out, nil
	})
}

// guard turns away who may not call an operation, before its input is read.
func (r *Routes) guard(op Op) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		who := callerOf(hc.Context())
		if err := admit(who, op.Permission); err != nil {
			r.write(hc, r.problem(hc.Context(), who.Locale, err))
			return
		}
		req, w := humago.Unwrap(hc)
		// A form or script of another site can send a body of no declared type
		// without being asked for permission first; our own pages always declare it.
		if who.SessionID != "" && req.ContentLength != 0 && req.Header.Get("Content-Type") == "" {
			r.write(hc, r.problem(hc.Context(), who.Locale, fault.New(fault.Invalid, "error.malformed")))
			return
		}
		if op.MaxBody > 0 { // the framework bounds JSON only: a form would fill the disk first
			if req.ContentLength > op.MaxBody {
				r.write(hc, r.problem(hc.Context(), who.Locale, fault.New(fault.TooLarge, "error.tooLarge")))
				return
			}
			body := &boundedBody{ReadCloser: http.MaxBytesReader(w, req.Body, op.MaxBody)}
			req.Body = body
			hc = huma.WithValue(hc, boundedKey{}, body)
		}
		next(hc)
	}
}

// boundedBody remembers that too much came: what the framework makes of that
// error says only that the form could not be read.
type boundedBody struct {
	io.ReadCloser
	exceeded bool
}

type boundedKey struct{}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	var large *http.MaxBytesError
	b.exceeded = b.exceeded || errors.As(err, &large)
	return n, err
}

func admit(who Caller, p team.Permission) error {
	switch {
	case p == Public:
		return nil
	case who.Role == "":
		return fault.New(fault.Unauthenticated, "error.signIn")
	case p == SignedIn || who.Can(p):
		return nil
	}
	return fault.New(fault.Denied, "error.denied")
}

func (r *Routes) operation(op Op) huma.Operation {
	tag := op.Tag
	if tag == "" {
		tag, _, _ = strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
	}
	o := huma.Operation{
		OperationID:     operationID(op),
		Method:          op.Method,
		Path:            path.Join(Base, op.Path),
		Summary:         op.Summary,
		Tags:            []string{tag},
		DefaultStatus:   op.Status,
		MaxBodyBytes:    op.MaxBody,
		Errors:          []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable},
		Extensions:      map[string]any{"x-permission": string(op.Permission)},
		Metadata:        map[string]any{secretAnswer: op.Secret},
		Middlewares:     huma.Middlewares{r.guard(op), r.once},
		BodyReadTimeout: bodyReadTimeout,
	}
	if op.Permission != Public {
		o.Security = []map[string][]string{{"session": {}}, {"bearer": {}}}
	}
	return o
}

// bodyReadTimeout bounds how long a client may take to send a JSON body.
const bodyReadTimeout = 30 * time.Second

// operationID makes "post-conversations-id-messages" of a method and a path.
func operationID(op Op) string {
	clean := strings.NewReplacer("/", "-", "{", "", "}", "", ".", "-").Replace(strings.Trim(op.Path, "/"))
	return strings.ToLower(op.Method) + "-" + clean
}
