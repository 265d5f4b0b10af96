package survey

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// Every mail of every language says what it must, with nothing left to fill in.
func TestLettersInBothLanguages(t *testing.T) {
	words := threadtest.Phrases(t)
	w, err := newWriter(words)
	if err != nil {
		t.Fatal(err)
	}
	const link = "https://desk.example/s/token"
	must := map[string][]string{
		"ja/csat":      {"山吹堂でございます。", "対応についてのおうかがい", "2026年4月29日 11:00", "今後ともよろしくお願いいたします。"},
		"ja/follow-up": {"お詫び申し上げます", "その後の対応についてのおうかがい", "お申し出への対応"},
		"en/csat":      {"We have marked your request as resolved", "How did we do?", "29 April 2026, 11:00 JST", "Kind regards,"},
		"en/follow-up": {"tried to put them right", "Did we put it right?", "the way we put things right"},
	}
	for _, lang := range phrase.Languages() {
		for _, kind := range []Kind{CSAT, FollowUp} {
			for _, customer := range []string{"", "山田 花子"} {
				for _, subject := range []string{"", "急須のふた", strings.Repeat("とても長い件名", 30), "a\r\nBcc: everybody@example.org"} {
					got, err := w.compose(asking{Lang: lang, Kind: kind, Brand: "山吹堂", Color: "no colour", Zone: "Asia/Tokyo", Customer: customer, Subject: subject,
						Ref: 1024, Question: Question(words, lang, kind, nil), Link: link, Until: time.Date(2026, 4, 29, 2, 0, 0, 0, time.UTC)})
					if err != nil {
						t.Fatal(err)
					}
					name := fmt.Sprintf("%s/%s", lang, kind)
					all := got.Title + "\n" + got.Text
					for _, part := range append(must[name], "#1024", customer, link+"/stop", "山吹堂") {
						if !strings.Contains(all, part) {
							t.Errorf("%s does not say %q:\n%s", name, part, all)
						}
					}
					for _, bad := range []string{"{", "survey.", "<", "\r", "！"} {
						if strings.Contains(all, bad) {
							t.Errorf("%s holds %q:\n%s", name, bad, all)
						}
					}
					for form, body := range map[string]string{"text": got.Text, "HTML": got.HTML} {
						if at := choicesIn(body, link); !slices.IsSorted(at) || slices.Contains(at, -1) {
							t.Errorf("%s: the answers stand at %v of the %s, not from 1 to 5 as on the page", name, at, form)
						}
					}
					if strings.ContainsAny(got.Title, "\r\n") || !strings.Contains(got.HTML, `<html lang="`+lang+`">`) || strings.Count(got.HTML, `class="choice"`) != 5 ||
						strings.Contains(got.HTML, "ZgotmplZ") || strings.Contains(got.HTML, "no colour") {
						t.Errorf("%s: title %q, HTML\n%s", name, got.Title, got.HTML)
					}
				}
			}
		}
	}
}

// choicesIn is where the answers 1 to 5 stand in a mail.
func choicesIn(body, link string) (at []int) {
	for score := MinScore; score <= MaxScore; score++ {
		at = append(at, strings.Index(body, ScoreLink(link, score)))
	}
	return at
}

// The inbox's own words take the place of the product's, in their language only.
func TestOwnQuestion(t *testing.T) {
	words := threadtest.Phrases(t)
	own := map[string]string{"ja": "急須はいかがでしたか。"}
	for _, x := range []struct {
		lang string
		kind Kind
		want string
	}{
		{"ja", CSAT, "急須はいかがでしたか。"},
		{"en", CSAT, "How satisfied are you with the help you received?"},
		{"ja", FollowUp, "お申し出への対応にご満足いただけましたか。"},
	} {
		if got := Question(words, x.lang, x.kind, own); got != x.want {
			t.Errorf("%s %s: %q", x.lang, x.kind, got)
		}
	}
}
