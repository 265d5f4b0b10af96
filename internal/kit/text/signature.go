package text

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Bounds of a signature: how many lines with text it has at most, and how long
// one of them is.
const (
	maxSignature     = 15
	maxSignatureLine = 90
)

// reRuler matches a line of signs that frames or divides.
var reRuler = regexp.MustCompile(`^[\s>]*(?:[-_=*~#+/|.・:;─━―—–ー＿＝＊～〜☆★■□◆◇●○◎┏┓┗┛┌┐└┘├┤┣┫┃│╋┼\s]|･|☆|\*){3,}\s*$`)

func isRuler(line string) bool {
	t := strings.TrimSpace(line)
	if t == "" || len(t) > 300 || !reRuler.MatchString(line) {
		return false
	}
	return utf8.RuneCountInString(t) >= 3
}

// isSignatureMark matches the lines that only ever stand above a signature.
func isSignatureMark(line string) bool {
	switch strings.TrimSpace(line) {
	case "--", "—", "__", "‐‐", "−−", "ーー":
		return true
	}
	return false
}

// devices are the words of things that mails are sent from.
const devices = `iphone|ipad|ipod|i-?phone|android|galaxy|samsung|huawei|xiaomi|redmi|oppo|vivo|oneplus|htc|alcatel|wiko|nexus|pixel|xperia|aquos|arrows|lumia|motorola|moto|nokia|lg|sony|` +
	`blackberry|windows|mac|yahoo|mail|mailbox|airmail|outlook|gmail|thunderbird|mobile|mobil|cell|cellphone|phone|smartphone|handset|handy|tablet|device|droid|` +
	`typeapp|spark|sparrow|protonmail|proton|k-9|nine|edison|ti-85|wireless|téléphone|appareil|teléfono|móvil|mobiele|telefoon|mobiltelefon|mobilgerät|smartphone|surface|desktop`

// reDevice matches what telephones add on their own, in the words of their
// makers. The word for a device must come early: "Sent from my desk, is much
// easier" is somebody's sentence.
var reDevice = regexp.MustCompile(`(?i)^[\s(<\[*_"]*(?:` +
	`(?:sent|send|written|composed|posted)\s+(?:from|via|with|by|using|on)\s+(?:[\pL\d'’\[\]-]+\s+){0,3}?\W?(?:` + devices + `)\b[^.!?<]{0,60}(?:\s*[<(]https?://\S*[>)])?(?:[.,]?\s*(?:please\s+)?(?:excuse|pardon|forgive)[^.!?]{0,50})?` +
	`|from my (?:` + devices + `)\b.{0,30}` +
	`|get\s+\[?(?:outlook|yahoo|gmail|spark|proton)\b.{0,80}` +
	`|(?:envoyé|enviado|enviada|inviato|verzonden|verstuurd|gesendet|skickat|sendt|wysłano|wysłane|odesláno|отправлено|надіслано|lähetetty)\s+(?:\S+\s+){0,4}?\W?(?:` + devices + `)\b.{0,60}` +
	`|(?:von|diese nachricht wurde von)\s+mein\S*\s.{0,60}gesendet` +
	`|(?:從|从)我的.{1,20}(?:傳送|发送|發送)` + `|发自我的.{1,30}` +
	`|.{1,30}에서 (?:보냄|보낸 메일)` +
	`)[\s)>\].*_"]*$`)

// reDeviceJa matches the Japanese ones: iPhoneから送信.
var reDeviceJa = regexp.MustCompile(`(?i)^\s*(?:私の\s*)?[A-Za-z0-9!！ァ-ヶー一-龠@&. 　-]{1,30}(?:から|より)(?:の)?\s*(?:送信|送りました)(?:しました|されました|しています)?[。.]?\s*(?:<?https?://\S+>?)?\s*$` +
	`|^\s*Yahoo!メールアプリ.{0,20}$|^\s*(?:Android 用|iOS 用) Outlook.{0,40}(?:入手|取得).{0,60}$|^\s*(?:Android|iOS) 版 Outlook.{0,60}$|^\s*Outlook for (?:iOS|Android).{0,20}(?:入手|取得).{0,60}$`)

func isDeviceLine(line string) bool {
	return len(line) < 200 && (reDevice.MatchString(line) || reDeviceJa.MatchString(line))
}

// reClosing matches a line that closes a letter in Western languages. Japanese
// closings (よろしくお願いいたします) are part of what is said.
var reClosing = regexp.MustCompile(`(?i)^\s*(?:(?:(?:with|my|our|many|much)\s+)?(?:(?:best|kind|kindest|warm|warmest|good)\s+)?regards|(?:yours\s+)?(?:sincerely|truly|faithfully)(?:\s+yours)?|best(?:\s+wishes)?|cheers|` +
	`thanks(?:\s+(?:again|a lot|so much|very much|in advance))?|thank you(?:\s+(?:very much|so much|in advance))?|(?:bien\s+)?cordialement|bien à vous|salutations|` +
	`mit freundlichen grüßen|mit besten grüßen|viele grüße|(?:liebe|beste|freundliche) grüße|mfg|cordiali saluti|distinti saluti|saludos(?:\s+cordiales)?|atentamente|un saludo|` +
	`atenciosamente|abraços|met vriendelijke groet(?:en)?|groeten|med vänlig hälsning|med venlig hilsen|vennlig hilsen|pozdrawiam|z poważaniem|с уважением|з повагою)\s*[,.!]?\s*$`)

// reContact matches what signatures hold.
var reContact = regexp.MustCompile(`(?i)[\w.+-]+@[\w-]+\.\w|https?://|www\.\w|\b(?:tel|fax|phone|mobile|mob|cell|e-?mail|url|web)\b\s*[.:：]?|℡|〒\s?\d|株式会社|有限会社|合同会社|（株）|\(株\)|㈱|電話|携帯|\+?\d{1,4}[-\s().]{1,2}\d{2,4}[-\s().]{1,2}\d{3,4}`)

// markSignature finds the signature at the end of the writer's lines.
func (s *splitter) markSignature() {
	var idx []int
	for i, k := range s.kinds {
		if k == own {
			idx = append(idx, i)
		}
	}
	from := s.signatureStart(idx)
	if from < 0 {
		return
	}
	for _, i := range idx[from:] {
		s.kinds[i] = sign
	}
}

// maxBelow is how many lines from the end a signature is looked for.
const maxBelow = 60

// signatureStart gives the position in idx (the writer's own lines) at which
// the signature begins; -1 when there is none. What stands below "Sent from my
// phone" is a quote that lost its marks.
func (s *splitter) signatureStart(idx []int) int {
	first := 0 // the position behind the first line with text
	for first < len(idx) && blank(s.lines[idx[first]]) {
		first++
	}
	first++
	end := len(idx)
	for p := first; p < min(len(idx), maxLines); p++ {
		if !s.code[idx[p]] && isDeviceLine(s.lines[idx[p]]) && s.standsAlone(idx, p) {
			end = p
			break
		}
	}
	for p := max(first, end-maxBelow); p < end; p++ {
		if !s.code[idx[p]] && s.opensSignature(idx[:end], p) {
			return p
		}
	}
	if p := s.contactBlock(idx[:end]); p >= first {
		return p
	}
	if end < len(idx) {
		return end
	}
	return -1
}

// standsAlone tells whether a device line ends the text or has empty lines or
// other device lines around it.
func (s *splitter) standsAlone(idx []int, p int) bool {
	before := blank(s.lines[idx[p-1]]) || idx[p-1] != idx[p]-1
	after := p+1 == len(idx) || blank(s.lines[idx[p+1]]) || idx[p+1] != idx[p]+1 || isDeviceLine(s.lines[idx[p+1]])
	return after && (before || p+1 == len(idx) || s.countText(idx[p+1:]) == 0)
}

func (s *splitter) countText(idx []int) int {
	n := 0
	for _, i := range idx {
		if !blank(s.lines[i]) {
			n++
		}
	}
	return n
}

// opensSignature tells whether the line at position p opens a signature that
// takes everything to the end.
func (s *splitter) opensSignature(idx []int, p int) bool {
	line := s.lines[idx[p]]
	rest := idx[p+1:]
	texts := s.countText(rest)
	if texts > maxSignature {
		return line == "-- "
	}
	switch {
	case isSignatureMark(line):
		return texts > 0 && (s.shortLines(rest) || line == "-- ")
	case reClosing.MatchString(line):
		return texts > 0 && texts <= 6 && s.shortLines(rest) && s.sentences(rest) == 0
	case isRuler(line):
		return s.framedSignature(idx, p)
	}
	return false
}

// framedSignature tells whether a ruler at p opens a signature: an empty line
// above (a table has none), short lines below with something to reach the
// writer by, and no sentences.
func (s *splitter) framedSignature(idx []int, p int) bool {
	if p > 0 && !blank(s.lines[idx[p-1]]) && idx[p-1] == idx[p]-1 && !isFrame(s.lines[idx[p]]) {
		return false
	}
	rest := idx[p+1:]
	contact, texts := false, 0
	for _, i := range rest {
		if blank(s.lines[i]) || isRuler(s.lines[i]) {
			continue
		}
		texts++
		contact = contact || reContact.MatchString(s.lines[i])
	}
	if texts == 0 || s.sentences(rest) > 1 || !s.shortLines(rest) {
		return false
	}
	return contact || texts <= 4 && isRuler(s.lastText(rest))
}

// isFrame tells whether a ruler is of the signs that Japanese signatures are
// framed with and tables are not.
func isFrame(line string) bool {
	return strings.ContainsAny(line, "━─＊☆★■□◆◇＝┏┗┌└～〜＿")
}

func (s *splitter) lastText(idx []int) string {
	for p := len(idx) - 1; p >= 0; p-- {
		if !blank(s.lines[idx[p]]) {
			return s.lines[idx[p]]
		}
	}
	return ""
}

func (s *splitter) shortLines(idx []int) bool {
	long := 0
	for _, i := range idx {
		if utf8.RuneCountInString(s.lines[i]) > maxSignatureLine {
			long++
		}
	}
	return long <= 1
}

// reSentence matches the end of something said.
var reSentence = regexp.MustCompile(`(?:[a-z]{3,}[.?!]|[？?！]|(?:す|た|ん|せ|か|い|る|ね|よ)。)\s*$`)

func (s *splitter) sentences(idx []int) int {
	n := 0
	for _, i := range idx {
		if reSentence.MatchString(s.lines[i]) && !reContact.MatchString(s.lines[i]) {
			n++
		}
	}
	return n
}

// reLabel matches "label: value", the form in which people answer questions.
var reLabel = regexp.MustCompile(`^[^:：]{1,20}[:：]\s*\S`)

// contactBlock finds a last paragraph that is nothing but name and contact,
// without any mark above it; its position, or -1.
func (s *splitter) contactBlock(idx []int) int {
	end := len(idx)
	for end > 0 && blank(s.lines[idx[end-1]]) {
		end--
	}
	start := end
	for start > 0 && !blank(s.lines[idx[start-1]]) {
		start--
	}
	n := end - start
	if start == 0 || n < 3 || n > 8 {
		return -1
	}
	contacts, labels := 0, 0
	for _, i := range idx[start:end] {
		if utf8.RuneCountInString(s.lines[i]) > 60 {
			return -1
		}
		if reContact.MatchString(s.lines[i]) {
			contacts++
		} else if reLabel.MatchString(s.lines[i]) {
			labels++
		}
	}
	if contacts == 0 || labels > 0 || reContact.MatchString(s.lines[idx[start]]) || s.sentences(idx[start:end]) > 0 || strings.ContainsAny(s.lines[idx[start]], "?？。") {
		return -1
	}
	return start
}
