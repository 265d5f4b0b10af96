package reception

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// maxEntered is how much of one answer is kept, in characters.
const maxEntered = 500

// Entered is one field as it was filled in, in the words its reader saw.
type Entered struct {
	Label string
	Value string
}

// Read makes of what a page sent, by Field.Name (of a Choice its place in the
// list), what is kept of it: the lines, and the name and mail address among them.
// What is no answer to a field is left out, and what is too long is cut: the words
// that came with it are taken in, whatever was entered.
func (f Form) Read(lang string, sent map[string]string) (lines []Entered, name, email string) {
	for _, one := range f.Fields {
		s := text.Line(strings.TrimSpace(text.Safe(sent[one.Name])))
		if s == "" {
			continue
		}
		if utf8.RuneCountInString(s) > maxEntered {
			s = text.Clip(s, maxEntered)
		}
		switch one.Type {
		case Name:
			name = s
		case Email:
			email = s
		case Choice:
			n, err := strconv.Atoi(s)
			if err == nil && n >= 0 && n < len(one.Choices) {
				lines = append(lines, Entered{one.Label.In(lang), one.Choices[n].In(lang)})
			}
		case Text:
			lines = append(lines, Entered{one.Label.In(lang), s})
		}
	}
	return lines, name, email
}

// Prompted is the text of a prompt in a language; "" if there is none of that id.
func (d Content) Prompted(lang, id string) string {
	for _, i := range d.Prompts {
		if i.ID == id {
			return i.Text.In(lang)
		}
	}
	return ""
}
