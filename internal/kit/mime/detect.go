package mime

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// guess is a reading of bytes without an honest label.
type guess struct {
	name, text string
	// sure: no other reading is plausible.
	sure bool
}

// maxSample is how many bytes are weighed; the winner decodes everything.
const maxSample = 16 << 10

// hintBonus is the weight of what the rest of the mail is written in.
const hintBonus = 40

// candidates are the charsets that are tried, the earlier one winning a tie.
var candidates = []struct {
	name  string
	enc   encoding.Encoding
	score func(string) int
}{
	{"shift_jis", japanese.ShiftJIS, scoreJapanese},
	{"euc-jp", japanese.EUCJP, scoreJapanese},
	{"gb18030", simplifiedchinese.GB18030, scoreChinese},
	{"big5", traditionalchinese.Big5, scoreChinese},
	{"euc-kr", korean.EUCKR, scoreKorean},
	{"windows-1251", charmap.Windows1251, scoreCyrillic},
	{"koi8-r", charmap.KOI8R, scoreCyrillic},
	{"windows-1252", charmap.Windows1252, scoreLatin},
}

// detect reads bytes by their own evidence: escape sequences, valid UTF-8,
// then the charset whose text looks most like text. hint breaks near ties.
func detect(data []byte, hint string) guess {
	switch {
	case isJISEscape(data):
		return guess{"iso-2022-jp", decodeISO2022JP(data), true}
	case utf8.Valid(data):
		return guess{"utf-8", string(data), hasHigh(data)}
	}
	sample := data[:min(len(data), maxSample)]
	hint = cleanLabel(hint)
	best, bestScore, second := -1, 0, 0
	for i, c := range candidates {
		score := weigh(c.enc, sample, c.score)
		if c.name == hint && score > 0 {
			score += hintBonus
		}
		if best < 0 || score > bestScore {
			best, second, bestScore = i, bestScore, score
		} else if score > second {
			second = score
		}
	}
	// UTF-8 with a few broken bytes (cut by a relay) is still UTF-8.
	if s, ok := nearlyUTF8(data); ok && bestScore < 95 {
		return guess{"utf-8", s, true}
	}
	c := candidates[best]
	sure := bestScore >= 70 && bestScore-second >= 20 && c.name != "windows-1252"
	return guess{c.name, decodeWith(c.enc, data), sure}
}

// weigh scores a reading from 0 to 100, below 0 when it has broken bytes.
func weigh(enc encoding.Encoding, sample []byte, score func(string) int) int {
	s := decodeWith(enc, sample)
	bad := replacements(s)
	if len(sample) == maxSample && bad > 0 {
		bad-- // the sample may end inside a character
	}
	high := countHigh(sample)
	points := score(s)
	// A double-byte reading of one or two bytes proves nothing.
	if wide := high - runesAbove(s); wide > 0 && high < 5 {
		points /= 2
	}
	return points - 200*bad/max(high, 1) - min(bad, 1)*5
}

// runesAbove counts the characters beyond ASCII.
func runesAbove(s string) int {
	n := 0
	for _, r := range s {
		if r >= 0x80 {
			n++
		}
	}
	return n
}

// nearlyUTF8 accepts text whose high bytes are UTF-8 but for one in ten.
func nearlyUTF8(data []byte) (string, bool) {
	good, bad := 0, 0
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			bad++
		case size > 1:
			good++
		}
		i += size
	}
	return string([]rune(string(data))), good >= 10*bad && good > 0
}

// share is n of all in percent.
func share(n, all int) int {
	if all == 0 {
		return 0
	}
	return 100 * n / all
}

// scoreJapanese counts kana and the kanji of the first level (by being common
// in any case); half-width kana and rare signs betray a wrong reading.
func scoreJapanese(s string) int {
	good, kana, all := 0, 0, 0
	for _, r := range s {
		if r < 0x80 {
			continue
		}
		all++
		switch {
		case r >= 0x3041 && r <= 0x3096, r >= 0x30a1 && r <= 0x30fc:
			good, kana = good+1, kana+1
		case r >= 0x4e00 && r <= 0x9fff, r >= 0x3000 && r <= 0x3002, r >= 0xff01 && r <= 0xff5e, r == '「', r == '」', r == '々', r == '・', r == '※', r == '■', r == '━', r == '─', r >= 0x2460 && r <= 0x2473:
			good++
		case r >= 0xff61 && r <= 0xff9f:
			// plausible only when there is nothing else
		default:
			all++
		}
	}
	score := share(good, all)
	// Japanese of any length has kana; without, another reading may be better.
	if share(kana, all) < 15 {
		score = score * 6 / 10
	}
	return score
}

// frequentHan are the most frequent characters of Chinese in both scripts.
const frequentHan = "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着著下自之年过過发發后後作里裡用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實请請您谢謝问問题題"

func scoreChinese(s string) int {
	frequent := frequentSet()
	common, han, all := 0, 0, 0
	for _, r := range s {
		if r < 0x80 {
			continue
		}
		all++
		switch {
		case r >= 0x4e00 && r <= 0x9fff:
			han++
			if frequent[r] {
				common++
			}
		case r == '，', r == '。', r == '！', r == '？', r == '：', r == '、', r == '\u3000', r == '；', r == '“', r == '”', r == '（', r == '）':
			han++
		}
	}
	score := share(han, all)
	if share(common, all) < 12 {
		score = score * 55 / 100
	}
	return score
}

// frequentSet is built once; it is only read afterwards.
var frequentSet = sync.OnceValue(func() map[rune]bool {
	set := make(map[rune]bool, len(frequentHan)/3)
	for _, r := range frequentHan {
		set[r] = true
	}
	return set
})

// frequentHangul are the most frequent syllables of Korean. The double-byte
// codes of Japanese read as Korean give rare ones.
const frequentHangul = "이다는을를가에의하고도은로지한기서사어있나아시자라그대해수일리부정보인주문상품습니요안녕세않았했합까게전제과와으여것들만거니면드용구동원장오내마신바"

func scoreKorean(s string) int {
	good, common, all := 0, 0, 0
	for _, r := range s {
		if r < 0x80 {
			continue
		}
		all++
		if r >= 0xac00 && r <= 0xd7a3 {
			good++
			if strings.ContainsRune(frequentHangul, r) {
				common++
			}
		}
	}
	score := share(good, all)
	if share(common, all) < 25 {
		score /= 2
	}
	return score
}

// scoreCyrillic wants whole words in small letters or with one capital; words
// in capitals count half, because the sister charset read wrongly has the cases
// swapped. Letters among Latin ones are accented letters read wrongly, and
// signs between letters the bytes of a double-byte charset.
func scoreCyrillic(s string) int {
	good, all := 0, 0
	var word []rune
	latin := false
	settle := func() {
		if n := len(word); n > 0 && !latin {
			good += n * cyrillicCase(word) / 2
		}
		word, latin = word[:0], false
	}
	for _, r := range s {
		if r >= 0x80 {
			all++
		}
		switch {
		case r >= 0x410 && r <= 0x451:
			word = append(word, r)
		case isLatinLetter(r):
			latin = true
		case r >= 0x80 && r != 0xab && r != 0xbb && r != 0x2014 && r != 0xa0:
			good--
			settle()
		default:
			settle()
		}
	}
	settle()
	return max(0, share(good, all))
}

// cyrillicCase is 2 for a word as people write it, 1 for one in capitals and 0
// for a jumble.
func cyrillicCase(word []rune) int {
	upper := 0
	for _, r := range word {
		if unicode.IsUpper(r) {
			upper++
		}
	}
	switch {
	case upper == 0, upper == 1 && unicode.IsUpper(word[0]):
		return 2
	case upper == len(word):
		return 1
	}
	return 0
}

func isLatinLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// scoreLatin wants accented letters among plain ones, alone or in twos.
func scoreLatin(s string) int {
	good, all := 0, 0
	runes := []rune(s)
	for i, r := range runes {
		if r < 0x80 {
			continue
		}
		all++
		alone := i == 0 || i+1 == len(runes) || runes[i-1] < 0x80 || runes[i+1] < 0x80
		if alone && (unicode.IsLetter(r) || r == '£' || r == '€' || r == '°' || r == '\u00a0' || r >= 0x2013 && r <= 0x2026) {
			good++
		}
	}
	return share(good, all) * 9 / 10
}

// guessCharset finds out what a mail without any label is written in, from all
// its raw bytes together: a name alone is too short to tell.
func (p *parser) guessCharset(root *node) {
	if p.charset != "" && !vague(cleanLabel(p.charset)) {
		return
	}
	var sample []byte
	for _, f := range root.header.Fields {
		if raw := []byte(f.Raw); hasHigh(raw) && len(sample) < maxSample {
			sample = append(append(sample, raw...), '\n')
		}
	}
	text := root
	for text.is("multipart/") && len(text.children) > 0 {
		text = text.children[0]
	}
	if body := p.body(text); text.is("text/") {
		sample = append(sample, body[:min(len(body), maxSample)]...)
	}
	if hasHigh(sample) {
		p.charset = detect(sample, "").name
	}
}
