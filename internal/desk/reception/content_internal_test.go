package reception

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

func TestCheck(t *testing.T) {
	en := func(s string) phrase.Words { return phrase.Words{En: s} }
	good := func() Content {
		return Content{Form: Form{When: Always, Fields: []Field{{Name: "f1", Type: Text, Label: en("Order")}}},
			Prompts: []Prompt{{ID: "i1", Text: en("Hello")}}, Answers: []Answer{{ID: "a1", Title: en("Postage"), Body: en("Free")}}}
	}
	for wrong, change := range map[string]func(*Content){
		"":                           func(*Content) {},
		"body.form.when":             func(d *Content) { d.Form.When = "sometimes" },
		"body.form.fields":           func(d *Content) { d.Form.Fields = nil },
		"body.form.fields.0.name":    func(d *Content) { d.Form.Fields[0].Name = "A b" },
		"body.form.fields.0.type":    func(d *Content) { d.Form.Fields[0].Type = "script" },
		"body.form.fields.0.label":   func(d *Content) { d.Form.Fields[0].Label = en(" ") },
		"body.form.fields.0.choices": func(d *Content) { d.Form.Fields[0].Type = Choice },
		"body.prompts.0.text":        func(d *Content) { d.Prompts[0].Text = en(strings.Repeat("x", 301)) },
		"body.prompts.0.after":       func(d *Content) { d.Prompts[0].After = -1 },
		"body.prompts.0.scroll":      func(d *Content) { d.Prompts[0].Scroll = 101 },
		"body.prompts.1.id":          func(d *Content) { d.Prompts = append(d.Prompts, d.Prompts[0]) },
		"body.answers.0.body":        func(d *Content) { d.Answers[0].Body = phrase.Words{} },
		"body.answers":               func(d *Content) { d.Answers = make([]Answer, 21) },
	} {
		d := good()
		change(&d)
		d.tidy()
		err := d.check()
		if wrong == "" {
			if err != nil {
				t.Errorf("what is right: %v", err)
			}
			continue
		}
		var f *fault.Error
		if !errors.As(err, &f) || !slices.ContainsFunc(f.Fields, func(f fault.Field) bool { return f.Path == wrong }) {
			t.Errorf("%s is not refused: %v", wrong, err)
		}
	}
}
