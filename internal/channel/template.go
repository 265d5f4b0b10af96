package channel

import (
	"context"
	"strings"
)

// Templated is a channel that can write outside its time for answers, and first,
// with texts that the other side approved.
type Templated interface {
	// Templates lists the texts that can be sent.
	Templates(ctx context.Context) ([]Template, error)
}

// Template is a text that the other side approved. Body shows each variable as
// its name in double braces.
type Template struct {
	Name      string
	Language  string // "ja", "en_US", as the other side writes it
	Header    string
	Media     string // name of the Media that the header shows ("image"); "" for none
	Body      string
	Footer    string
	Variables []string // of Body, in its order
}

// Fill returns what the customer will read: header, body and footer with the
// values in the variables' places, in their order.
func (t Template) Fill(values []string) string {
	pairs := []string{}
	for i, name := range t.Variables {
		if i < len(values) {
			pairs = append(pairs, "{{"+name+"}}", values[i])
		}
	}
	parts := []string{}
	for _, s := range []string{t.Header, strings.NewReplacer(pairs...).Replace(t.Body), t.Footer} {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n\n")
}

// TemplateUse is a template with its variables filled in, in their order. The
// message's Text says what the customer will read.
type TemplateUse struct {
	Name      string
	Language  string
	Variables []string
	Values    []string
	Media     string // of which the message's only part is one; "": it has no part
}
