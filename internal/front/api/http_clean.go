package api

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// PostgreSQL's text cannot hold the character NUL, and nobody types it: a request
// with one is turned away at the door, the same on both databases.

var errNUL = errors.New("a text holds the character NUL")

// clean refuses addresses in which there is no text.
func (r *Routes) clean(hc huma.Context, next func(huma.Context)) {
	req, _ := humago.Unwrap(hc)
	words := req.URL.Path
	for name, values := range req.URL.Query() {
		words += name + strings.Join(values, "")
	}
	if utf8.ValidString(words) && !strings.Contains(words, "\x00") {
		next(hc)
		return
	}
	lang := phrase.Pick(req.Header.Get("Accept-Language"))
	r.write(hc, r.problem(hc.Context(), lang, fault.New(fault.Invalid, "error.noText")))
}

// formats is how bodies are read and written: JSON, in which no text holds a NUL.
func formats() map[string]huma.Format {
	strict := huma.DefaultJSONFormat
	read := strict.Unmarshal
	strict.Unmarshal = func(data []byte, v any) error {
		if escapesNUL(data) {
			return errNUL
		}
		return read(data, v)
	}
	return map[string]huma.Format{"application/json": strict, "json": strict}
}

// escapesNUL reports whether JSON has the escape \u0000 in it, and not the
// characters of that escape after a backslash that stands for itself.
func escapesNUL(data []byte) bool {
	for {
		i := bytes.Index(data, []byte(`\u0000`))
		if i < 0 {
			return false
		}
		before := 0
		for before < i && data[i-1-before] == '\\' {
			before++
		}
		if before%2 == 0 {
			return true
		}
		data = data[i+1:]
	}
}
