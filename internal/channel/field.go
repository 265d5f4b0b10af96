package channel

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Input is how a form asks for a setting.
type Input string

// The inputs.
const (
	TextInput   Input = "text"
	SecretInput Input = "secret" // sealed when it is written, never read back
	LongInput   Input = "long"   // several lines
	URLInput    Input = "url"
	NumberInput Input = "number"
	SwitchInput Input = "switch"
	ChoiceInput Input = "choice"
	ListInput   Input = "list" // of short texts
)

// Limits of what a field takes unless it says otherwise.
const (
	maxText = 500    // characters
	maxLong = 20_000 // characters
	maxList = 50     // entries
)

// Field is one setting of an endpoint: a member of its settings document, or of
// its secrets document if its Input is SecretInput. Its words are the phrases
// channel.<kind>.<name> and, where they exist, channel.<kind>.<name>.hint.
type Field struct {
	Name     string   `json:"name"`
	Input    Input    `json:"input"`
	Required bool     `json:"required"`
	Choices  []string `json:"choices,omitempty"` // of ChoiceInput: phrases channel.<kind>.<name>.<choice>
	Default  string   `json:"default,omitempty"` // as a form writes it
	Max      int      `json:"max,omitempty"`     // characters; 0: the usual limit
	Advanced bool     `json:"advanced"`          // most never need it
	// Binds the secrets: they were entered for this value, and go with it.
	Binds bool `json:"-"`
}

// Secret reports whether the value is a credential.
func (f Field) Secret() bool { return f.Input == SecretInput }

// Problem tells what is wrong with a value that somebody entered, as a phrase
// key with its arguments; "" if nothing is. v is what JSON makes of it.
func (f Field) Problem(v any) (key string, args []any) {
	switch f.Input {
	case SwitchInput:
		if _, ok := v.(bool); !ok && v != nil {
			return "error.field.invalid", nil
		}
		return "", nil
	case NumberInput:
		if _, ok := v.(float64); !ok && v != nil {
			return "error.field.invalid", nil
		}
		return f.missing(v == nil)
	case ListInput:
		list, ok := v.([]any)
		if !ok && v != nil {
			return "error.field.invalid", nil
		}
		if len(list) > maxList {
			return "error.list.long", []any{"max", maxList}
		}
		for _, one := range list {
			if s, ok := one.(string); !ok || !line(s) || utf8.RuneCountInString(s) > f.limit() {
				return "error.field.invalid", nil
			}
		}
		return f.missing(len(list) == 0)
	}
	s, ok := v.(string)
	if !ok && v != nil {
		return "error.field.invalid", nil
	}
	return f.textProblem(s)
}

func (f Field) textProblem(s string) (string, []any) {
	switch {
	case strings.TrimSpace(s) == "":
		return f.missing(true)
	case utf8.RuneCountInString(s) > f.limit():
		return "error.text.long", []any{"max", strconv.Itoa(f.limit())}
	case f.Input != LongInput && f.Input != SecretInput && !line(s):
		return "error.field.invalid", nil
	case f.Input == ChoiceInput && !contains(f.Choices, s):
		return "error.field.invalid", nil
	case f.Input == URLInput && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://"):
		return "error.field.url", nil
	}
	return "", nil
}

func (f Field) missing(yes bool) (string, []any) {
	if yes && f.Required {
		return "error.field.required", nil
	}
	return "", nil
}

func (f Field) limit() int {
	switch {
	case f.Max > 0:
		return f.Max
	case f.Input == LongInput, f.Input == SecretInput:
		return maxLong
	}
	return maxText
}

// line reports whether s can stand in one line of a protocol.
func line(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}
