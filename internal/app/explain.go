package app

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/web"
)

// Explain returns an error in words for whoever sits at a terminal: the
// catalogue's English text, every wrong field, and the cause.
func Explain(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	words, errLoad := phrase.Load(web.Messages())
	if errLoad != nil {
		return err.Error()
	}
	var b strings.Builder
	b.WriteString(words.Text(phrase.English, f.Key, f.Args))
	for _, field := range f.Fields {
		fmt.Fprintf(&b, "\n  %s: %s", strings.TrimPrefix(field.Path, "body."), words.Text(phrase.English, field.Key, field.Args))
	}
	if f.Err != nil {
		fmt.Fprintf(&b, " (%v)", f.Err)
	}
	return b.String()
}
