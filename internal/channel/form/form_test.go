package form_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/form"
)

func TestGoldens(t *testing.T) { channeltest.Goldens(t, form.Kind, "testdata/in") }

func entry() form.Sent {
	return form.Sent{Form: "form_1", Visit: "0123456789abcdef", Title: "お問い合わせ", Lang: "ja", Name: "山田太郎", Email: "taro@customer.example",
		Answers: []form.Answer{{Label: "内容", Value: "割れていました。\n写真を付けます。"}, {Label: "注文番号", Value: "A-1"}}}
}

func TestTheSameEntryHasTheSameKey(t *testing.T) {
	first, err := entry().Raw(time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	again, err := entry().Raw(time.Unix(2, 0))
	if err != nil || again.Key != first.Key || again.Format != form.Name {
		t.Fatalf("%+v, %+v, %v", first, again, err)
	}
	m, err := form.Parse(first.Bytes)
	if err != nil || m.ExternalID != first.Key || form.FormOf(m.ExternalID) != "form_1" {
		t.Fatalf("%+v, %v", m, err)
	}
	for name, change := range map[string]func(*form.Sent){
		"another visit":   func(s *form.Sent) { s.Visit = "another" },
		"another form":    func(s *form.Sent) { s.Form = "form_2" },
		"other words":     func(s *form.Sent) { s.Answers[0].Value = "x" },
		"another writer":  func(s *form.Sent) { s.Email = "x@customer.example" },
		"a file is added": func(s *form.Sent) { s.Files = []form.File{{Name: "a", Key: "k"}} },
	} {
		s := entry()
		change(&s)
		if raw, err := s.Raw(time.Time{}); err != nil || raw.Key == first.Key {
			t.Errorf("%s: the key is the same, %v", name, err)
		}
	}
}

func TestWhoLeftNoAddress(t *testing.T) {
	s := entry()
	s.Email, s.Stranger = "", form.StrangerOf("visit")
	raw, err := s.Raw(time.Time{})
	if err != nil || raw.Format != form.Unnamed {
		t.Fatalf("%+v, %v", raw, err)
	}
	m, err := form.Parse(raw.Bytes)
	if err != nil || m.From.Address != s.Stranger || strings.Contains(m.From.Address, "@") || m.Thing == nil || m.Thing.Name != form.ThingNoAddress {
		t.Fatalf("%+v, %v", m, err)
	}
	if form.StrangerOf("visit") != s.Stranger || form.StrangerOf("other") == s.Stranger {
		t.Fatal("a stranger is not one visit")
	}
}

func TestFormOf(t *testing.T) {
	for id, want := range map[string]string{"": "", "m1@x.example": "", "form/": "", "form/a/b/c": "a", "xform/a/b": ""} {
		if got := form.FormOf(id); got != want {
			t.Errorf("FormOf(%q) = %q, want %q", id, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	raw, err := entry().Raw(time.Time{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw.Bytes)
	f.Add([]byte(`{"form":"a","visit":"b","email":"c@d.example","files":[{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := form.Parse(b); err == nil && (m == nil || m.From.Address == "" || m.ExternalID == "") {
			t.Fatalf("understood without a writer or an id: %+v", m)
		}
	})
}
