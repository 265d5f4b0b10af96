package text

import (
	"slices"
	"strings"
	"unicode"
)

// letterWeight is how many Latin letters one CJK character counts for when a
// text mixes both: a kanji carries about a short word.
const letterWeight = 3

// Language guesses the language of s by its script alone: kana is Japanese,
// hangul Korean, Han without kana Chinese when it uses simplified forms. A
// script that several languages share gives the fallback when the fallback is
// written in that script, otherwise its most frequent language ("en" for
// Latin). Text without letters gives the fallback. Statistical detectors were
// tried and called "OK" Igbo and "注文A1234" Chinese.
func Language(s, fallback string) string {
	c := countScripts(s)
	cjk := c.kana + c.han + c.hangul
	if cjk > 0 && 2*letterWeight*cjk >= c.latin {
		return languageOfCJK(c, fallback)
	}
	best, n := "", 0
	for _, other := range otherScripts {
		if k := c.other[other.lang]; k > n {
			best, n = other.lang, k
		}
	}
	if n > c.latin {
		return sameScript(fallback, best)
	}
	if c.latin > 0 {
		if writtenInLatin(fallback) {
			return fallback
		}
		return "en"
	}
	return fallback
}

func languageOfCJK(c scriptCount, fallback string) string {
	switch {
	case c.hangul > c.kana && 2*c.hangul >= c.han:
		return "ko"
	case c.kana > 0:
		return "ja"
	case c.simplified > 0:
		return "zh"
	case base(fallback) == "ja" || base(fallback) == "zh":
		return fallback
	}
	return "zh"
}

type scriptCount struct {
	kana, han, hangul, latin, simplified int
	other                                map[string]int
}

// otherScripts are tried in this order, so that ties are stable.
var otherScripts = []struct {
	lang  string
	table *unicode.RangeTable
}{
	{"ru", unicode.Cyrillic},
	{"th", unicode.Thai},
	{"ar", unicode.Arabic},
	{"he", unicode.Hebrew},
	{"el", unicode.Greek},
	{"hi", unicode.Devanagari},
}

// simplifiedOnly holds frequent characters of simplified Chinese that Japanese
// does not write.
const simplifiedOnly = "们这说为发时过对还没让给请谢问题单货钱电话样关开买卖网络价应该认识现实际业务东车马语读书写见长门间"

func countScripts(s string) scriptCount {
	c := scriptCount{other: map[string]int{}}
	for _, r := range s {
		switch {
		case r < 0x80:
			if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
				c.latin++
			}
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			c.kana++
		case unicode.Is(unicode.Han, r):
			c.han++
			if strings.ContainsRune(simplifiedOnly, r) && !strings.ContainsRune(alsoJapanese, r) {
				c.simplified++
			}
		case unicode.Is(unicode.Hangul, r):
			c.hangul++
		case unicode.Is(unicode.Latin, r):
			c.latin++
		default:
			c.countOther(r)
		}
	}
	return c
}

// alsoJapanese takes characters out of simplifiedOnly that both languages share.
const alsoJapanese = "没様該実務東開"

func (c *scriptCount) countOther(r rune) {
	for _, o := range otherScripts {
		if unicode.Is(o.table, r) {
			c.other[o.lang]++
			return
		}
	}
}

// sameScript keeps the fallback when it is a language of the script that found
// was guessed from (Ukrainian for Cyrillic, Persian for Arabic letters).
func sameScript(fallback, found string) string {
	for _, family := range []string{"ru uk bg sr be mk kk", "ar fa ur", "hi mr ne", "th", "he yi", "el"} {
		langs := strings.Fields(family)
		if slices.Contains(langs, found) && slices.Contains(langs, base(fallback)) {
			return fallback
		}
	}
	return found
}

func writtenInLatin(lang string) bool {
	switch base(lang) {
	case "", "ja", "zh", "ko", "ru", "uk", "bg", "sr", "be", "mk", "kk", "ar", "fa", "ur", "he", "yi", "el", "hi", "mr", "ne", "th", "und":
		return false
	}
	return true
}

// base is the language of a tag: "pt" of "pt-BR".
func base(tag string) string {
	b, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return b
}
