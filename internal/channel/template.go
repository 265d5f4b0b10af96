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

// Template is a text that the other side approved. Header, Body and the addresses of
// Buttons show each variable as its name in double braces.
type Template struct {
	Name      string
	Language  string // "ja", "en_US", as the other side writes it
	Header    string
	Media     string // name of the Media that the header shows ("image"); "" for none
	Body      string
	Footer    string
	Buttons   []TemplateButton // those that lead to an address with a variable
	Variables []string         // of Header, Body and Buttons, in this order; each name once
}

// TemplateButton is a button below a template.
type TemplateButton struct {
	Text string
	URL  string
}

// Fill returns what the customer will read: header, body, footer, and where the
// buttons lead that have a variable, with the values in the variables' places, in their order.
func (t Template) Fill(values []string) string {
	pairs := []string{}
	for i, name := range t.Variables {
		if i < len(values) {
			pairs = append(pairs, "{{"+name+"}}", values[i])
		}
	}
	texts := []string{t.Header, t.Body, t.Footer}
	for _, b := range t.Buttons {
		texts = append(texts, b.Text+": "+b.URL)
	}
	with := strings.NewReplacer(pairs...)
	parts := []string{}
	for _, s := range texts {
		if s = strings.TrimSpace(with.Replace(s)); s != "" {
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
