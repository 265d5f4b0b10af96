package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Problem is an error as RFC 9457 has it, in the reader's language.
type Problem struct {
	Type   string         `json:"type" example:"about:blank"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Code   string         `json:"code" doc:"Stable name of the error, the same in every language."`
	Errors []ProblemField `json:"errors,omitempty"`

	retryAfter int
}

// ProblemField says what is wrong with one part of the input.
type ProblemField struct {
	Location string `json:"location" example:"body.email"`
	Message  string `json:"message"`
	Code     string `json:"code"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// awayRetry is when a client should ask again after a part of ours was away.
const awayRetry = 5 * time.Second

var statusOf = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Denied:          http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// problem is the border: it turns an error into what the client sees, once, and
// logs what the client does not.
func (r *Routes) problem(ctx context.Context, lang string, err error) *Problem {
	var made *Problem
	if errors.As(err, &made) {
		return made
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		f = fault.New(fault.Internal, "error.internal")
	}
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		r.Log.ErrorContext(ctx, "request failed", "error", err)
	}
	status, wait := statusOf[f.Kind], f.RetryAfter
	if f.Kind == fault.Unavailable && wait == 0 {
		wait = awayRetry
	}
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: r.Phrases.Text(lang, f.Key, f.Args), Code: f.Key, retryAfter: int(wait.Seconds()),
	}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, ProblemField{Location: field.Path, Message: r.Phrases.Text(lang, field.Key, field.Args), Code: field.Key})
	}
	return p
}

// invalidInput turns what the framework found wrong with a request (a missing
// field, a wrong type) into a problem document.
func (r *Routes) invalidInput(hc huma.Context, status int, msg string, errs ...error) huma.StatusError {
	lang := "en"
	if hc != nil {
		lang = callerOf(hc.Context()).Locale
	}
	if hc != nil {
		if b, ok := hc.Context().Value(boundedKey{}).(*boundedBody); ok && b.exceeded {
			status, errs = http.StatusRequestEntityTooLarge, nil
		}
	}
	key := "error.invalid"
	switch {
	case status >= 500:
		key = "error.internal"
		r.Log.Error("request failed", "message", msg, "error", errors.Join(errs...))
	case status == http.StatusRequestEntityTooLarge:
		key = "error.tooLarge"
	case status == http.StatusUnsupportedMediaType, status == http.StatusBadRequest:
		key = "error.malformed"
	case status == http.StatusRequestTimeout:
		key = "error.timeout"
	}
	p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: r.Phrases.Text(lang, key, nil), Code: key}
	for _, err := range errs {
		if err == nil || status >= 500 {
			continue
		}
		field := ProblemField{Message: err.Error(), Code: "error.field.invalid"}
		if d, ok := err.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			field.Location, field.Message = detail.Location, r.fieldText(lang, detail.Message)
		}
		p.Errors = append(p.Errors, field)
	}
	return p
}

// plainFaults are the framework's words for what people type, and ours instead.
var plainFaults = []struct{ start, key string }{
	{validation.MsgExpectedMinimumNumber, "error.field.least"},
	{validation.MsgExpectedMaximumNumber, "error.field.most"},
	{validation.MsgExpectedMaxLength, "error.field.longest"},
	{validation.MsgExpectedInteger, "error.field.integer"},
	{validation.MsgExpectedNumber, "error.field.number"},
}

// fieldText says in the reader's words what people get wrong in a form; of what
// only programs get wrong it keeps the framework's precise English.
func (r *Routes) fieldText(lang, english string) string {
	for _, f := range plainFaults {
		start, _, bound := strings.Cut(f.start, "%")
		limit, found := strings.CutPrefix(english, start)
		if found && (bound || limit == "") {
			return r.Phrases.Text(lang, f.key, map[string]any{"limit": limit})
		}
	}
	return r.Phrases.Text(lang, "error.field.schema", map[string]any{"reason": english})
}
