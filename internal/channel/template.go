package channel

import "context"

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
	Body      string
	Footer    string
	Variables []string // of Body, in its order
}

// TemplateUse is a template with its variables filled in, in their order. The
// message's Text says what the customer will read.
type TemplateUse struct {
	Name      string
	Language  string
	Variables []string
	Values    []string
}
