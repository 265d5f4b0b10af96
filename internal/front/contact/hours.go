package contact

import (
	"cmp"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// hours are the opening hours of a week, a line for days that are alike: "Mon–Fri
// 09:00–18:00". Nothing for what is always open, and for letters.
func (v *viewer) hours(lang string, b brand.Brand, s state) []string {
	out := []string{}
	if s.calendar == nil || s.Content.Kind == contact.Post || s.Content.Kind == contact.Fax {
		return out
	}
	h := b.Hours
	if s.Content.Hours != nil {
		h = *s.Content.Hours
	}
	days := []struct {
		name  string
		spans string
	}{}
	for _, d := range []struct {
		name   string
		ranges []worktime.Range
	}{{"mon", h.Week.Mon}, {"tue", h.Week.Tue}, {"wed", h.Week.Wed}, {"thu", h.Week.Thu}, {"fri", h.Week.Fri}, {"sat", h.Week.Sat}, {"sun", h.Week.Sun}} {
		var spans []string
		for _, r := range d.ranges {
			spans = append(spans, v.say(lang, "contact.span", "from", r.From, "to", r.To))
		}
		days = append(days, struct{ name, spans string }{v.say(lang, "contact.day."+d.name), strings.Join(spans, v.say(lang, "contact.and"))})
	}
	for from := 0; from < len(days); {
		to := from
		for to+1 < len(days) && days[to+1].spans == days[from].spans {
			to++
		}
		if days[from].spans != "" {
			name := days[from].name
			if to > from {
				name = v.say(lang, "contact.days", "from", name, "to", days[to].name)
			}
			out = append(out, name+" "+days[from].spans)
		}
		from = to + 1
	}
	if h.Holidays != "" {
		out = append(out, v.say(lang, "contact.holidays"))
	}
	return out
}

// spoken names languages as those who speak them do; one that is not listed keeps
// its code. The list is ours: the tables of all languages of the world would make
// the program a tenth larger.
func spoken(tags []string) []string {
	var out []string
	for _, t := range tags {
		base, _, _ := strings.Cut(t, "-")
		out = append(out, cmp.Or(tongues()[t], tongues()[base], t))
	}
	return out
}

func tongues() map[string]string {
	return map[string]string{
		"ja": "日本語", "en": "English", "zh": "中文", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "zh-CN": "简体中文", "zh-TW": "繁體中文", "ko": "한국어",
		"vi": "Tiếng Việt", "th": "ไทย", "id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "tl": "Filipino", "fil": "Filipino", "ne": "नेपाली",
		"my": "မြန်မာ", "km": "ខ្មែរ", "hi": "हिन्दी", "bn": "বাংলা", "si": "සිංහල", "mn": "Монгол", "ar": "العربية", "tr": "Türkçe", "fa": "فارسی",
		"pt": "Português", "es": "Español", "fr": "Français", "de": "Deutsch", "it": "Italiano", "nl": "Nederlands", "pl": "Polski",
		"ru": "Русский", "uk": "Українська", "sv": "Svenska",
	}
}
