package form

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

func plain() Form {
	return Form{InboxID: "inb", Slug: "contact", Kind: Contact, Content: Content{Title: phrase.Words{En: "Write"}, Fields: []Field{{Name: "a", Type: Text, Label: phrase.Words{En: "A"}}}}}
}

// wrongAt returns the paths and keys an error names.
func wrongAt(err error) map[string]string {
	out := map[string]string{}
	var f *fault.Error
	if errors.As(err, &f) {
		for _, one := range f.Fields {
			out[one.Path] = one.Key
		}
	}
	return out
}

func TestWhatMayBeDesigned(t *testing.T) {
	if err := (Change{}).apply(ptr(plain())); err != nil {
		t.Fatal(err)
	}
	for path, change := range map[string]func(*Form){
		"body.inboxId":          func(f *Form) { f.InboxID = "" },
		"body.kind":             func(f *Form) { f.Kind = "other" },
		"body.slug":             func(f *Form) { f.Slug = "status" },
		"body.title":            func(f *Form) { f.Content.Title = phrase.Words{Ja: "  "} },
		"body.intro":            func(f *Form) { f.Content.Intro.Ja = strings.Repeat("長", maxIntro+1) },
		"body.thanks":           func(f *Form) { f.Content.Thanks.En = "a\x00b" },
		"body.fields":           func(f *Form) { f.Content.Fields = nil },
		"body.fields.0.name":    func(f *Form) { f.Content.Fields[0].Name = "a b" },
		"body.fields.1.name":    func(f *Form) { f.Content.Fields = append(f.Content.Fields, f.Content.Fields[0]) },
		"body.fields.0.label":   func(f *Form) { f.Content.Fields[0].Label = phrase.Words{En: "a\nb"} },
		"body.fields.0.type":    func(f *Form) { f.Content.Fields[0].Type = "html" },
		"body.fields.0.choices": func(f *Form) { f.Content.Fields[0].Type = Choice },
		"body.origins":          func(f *Form) { f.Content.Origins = []string{"https://a.example; script-src *"} },
	} {
		f := plain()
		change(&f)
		if got := wrongAt((Change{}).apply(&f)); len(got) != 1 || got[path] == "" {
			t.Errorf("%s: wrong are %v", path, got)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestSlugs(t *testing.T) {
	for slug, ok := range map[string]bool{"contact": true, "contact-us-2": true, "ab": false, "A-b": false, "a--b": false, "-ab": false, "ab-": false, "a/b": false, "a.b": false, "status": false, strings.Repeat("a", 61): false} {
		f := plain()
		f.Slug = slug
		if err := (Change{}).apply(&f); (err == nil) != ok {
			t.Errorf("%q: %v", slug, err)
		}
	}
}

func TestOrigins(t *testing.T) {
	for origin, ok := range map[string]bool{
		"https://www.example.jp": true, "https://*.example.jp": true, "https://example.jp:8443": true, "http://localhost:3000": true,
		"http://www.example.jp": false, "https://*.jp": false, "https://*": false, "*": false, "https://a.example/path": false, "https://u@a.example": false,
		"https://a.example https://b.example": false, "https://a.example;": false, "https://a.example'": false, "javascript:alert(1)": false, "": false, "https://日本.example": false,
	} {
		if validOrigin(origin) != ok {
			t.Errorf("%q is %v", origin, !ok)
		}
	}
}

func TestAnswers(t *testing.T) {
	choices := []phrase.Words{{Ja: "配送", En: "Delivery"}, {Ja: "品質"}}
	for _, c := range []struct {
		kind          Type
		entered, want string
		key           string
	}{
		{Text, " a ", "a", ""},
		{Text, "a\r\nb", "a b", ""},
		{Text, "", "", ""},
		{Text, strings.Repeat("x", MaxLine+1), "", "error.text.long"},
		{Long, "a\r\nb\rc", "a\nb\nc", ""},
		{Long, strings.Repeat("x", MaxLong+1), "", "error.text.long"},
		{Choice, "0", "Delivery", ""},
		{Choice, "1", "品質", ""},
		{Choice, "2", "", "error.form.choice"},
		{Choice, "-1", "", "error.form.choice"},
		{Choice, "Delivery", "", "error.form.choice"},
		{Number, "１,２００", "1200", ""},
		{Number, "-1.5", "-1.5", ""},
		{Number, "1e9", "", "error.form.number"},
		{Number, "many", "", "error.form.number"},
		{Date, "2026-02-28", "2026-02-28", ""},
		{Date, "２０２６/０２/２８", "2026-02-28", ""},
		{Date, "2026-02-30", "", "error.form.date"},
		{Date, "yesterday", "", "error.form.date"},
		{Phone, "０３－１２３４－５６７８", "03-1234-5678", ""},
		{Phone, "+81 (3) 1234-5678", "+81 (3) 1234-5678", ""},
		{Phone, "call me", "", "error.form.phone"},
		{Order, "Ａ－１０", "A-10", ""},
		{Order, "#1024", "#1024", ""},
		{Order, "<script>", "", "error.form.order"},
	} {
		var check fault.Check
		got := (Field{Name: "f", Type: c.kind, Choices: choices}).read(&check, "en", c.entered)
		if key := wrongAt(check.Err())["answer.f"]; got != c.want || key != c.key {
			t.Errorf("%s %.30q: %q because of %q, want %q because of %q", c.kind, c.entered, got, key, c.want, c.key)
		}
	}
}

func TestMailAddresses(t *testing.T) {
	for address, ok := range map[string]bool{
		"a@b.example": true, "ａ＠ｂ.example": true, " a@b.example ": true, "a+b@c.d.example": true,
		"a@b": false, "a": false, "a@b.example, c@d.example": false, "a@b.example\nBcc: c@d.example": false, "A <a@b.example>": false, `"a b"@c.example`: false,
		strings.Repeat("a", 250) + "@b.example": false,
	} {
		var check fault.Check
		plain().readEmail(&check, address)
		if (check.Err() == nil) != ok {
			t.Errorf("%q: %v", address, check.Err())
		}
	}
}

// TestWhatIsReadIsOneLine holds for everything that is not a longer text.
func TestWhatIsReadIsOneLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Type{Text, Choice, Number, Date, Phone, Order}).Draw(t, "type")
		var check fault.Check
		got := (Field{Name: "f", Type: kind, Choices: []phrase.Words{{En: "a"}, {En: "b"}}}).read(&check, "en", rapid.String().Draw(t, "entered"))
		if strings.ContainsAny(got, "\r\n\x00") || got != "" && check.Err() != nil {
			t.Fatalf("%q, %v", got, check.Err())
		}
	})
}

func TestPasses(t *testing.T) {
	x, now := &Forms{Tools{Key: seal.Random()}}, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	token := x.issue(now, pass{Form: "f", Conversation: "c", Address: "a@b.example"})
	if p, err := x.open(now.Add(PassLasts), token); err != nil || p.Conversation != "c" {
		t.Fatalf("%+v, %v", p, err)
	}
	other := &Forms{Tools{Key: seal.Random()}}
	for name, err := range map[string]error{
		"over":             second(x.open(now.Add(PassLasts+time.Minute), token)),
		"altered":          second(x.open(now, token[:len(token)-2]+"xx")),
		"another purpose":  second(x.open(now, x.Key.Seal("other", `{"c":"c"}`))),
		"another instance": second(other.open(now, token)),
		"empty":            second(x.open(now, "")),
		"huge":             second(x.open(now, strings.Repeat("a", 1<<20))),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
