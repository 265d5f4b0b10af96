package text

import (
	"regexp"
	"strings"
	"sync"
)

// Kinds of lines in the header that Outlook and its kin put above a quote.
const (
	fieldFrom = 1 << iota
	fieldDate
	fieldTo
	fieldSubject
)

// reHeaderLine matches "Label: value", with the decorations of mailers that
// turn HTML into text.
var reHeaderLine = regexp.MustCompile(`^[\s>|]*[*_]{0,2}([^\s:：*_<>@][^:：*_<>@]{0,24}?)\s*[*_]{0,2}\s*[:：][*_]{0,2}\s*(.*)$`)

// headerLabels is built once; it is only read afterwards.
var headerLabels = sync.OnceValue(func() map[string]int {
	labels := map[string]int{}
	for _, row := range labelTable() {
		for _, l := range strings.Split(row.labels, "|") {
			labels[l] = row.field
		}
	}
	return labels
})

type labelRow struct {
	field  int
	labels string
}

// labelTable lists the labels by field.
func labelTable() []labelRow {
	return []labelRow{
		{fieldFrom, "from|von|de|da|van|fra|från|od|от|від|от кого|差出人|送信者|送信元|发件人|寄件者|寄件人|보낸 사람|보낸사람|lähettäjä|feladó|kimden|expéditeur|mittente|remitente|dari|від кого|message de"},
		{fieldDate, "sent|date|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviada em|inviato|data|fecha|verzonden|sendt|skickat|dato|wysłano|отправлено|дата|надіслано|送信日時|送信日|日時|日付|受信日時|发送时间|发送日期|日期|寄件日期|时间|時間|보낸 날짜|보낸날짜|lähetetty|elküldve|gönderildi|message du"},
		{fieldTo, "to|an|à|a|para|aan|til|till|do|кому|宛先|送信先|收件人|收件者|받는 사람|받는사람|vastaanottaja|címzett|kime|cc|copie à|kopie|ＣＣ|kepada"},
		{fieldSubject, "subject|betreff|objet|sujet|asunto|oggetto|assunto|onderwerp|emne|ämne|temat|тема|件名|題名|主题|主題|主旨|제목|aihe|tárgy|konu|re|perihal"},
	}
}

// fieldOf tells which header field a line is, 0 for none.
func fieldOf(line string) int {
	if len(line) > 400 || !strings.ContainsAny(line, ":：") {
		return 0
	}
	m := reHeaderLine.FindStringSubmatch(line)
	if m == nil {
		return 0
	}
	return headerLabels()[strings.ToLower(strings.TrimSpace(m[1]))]
}

// maxHeaderLines is how many lines after the first label are looked at.
const maxHeaderLines = 8

// headerBlock tells how many lines the header of a carried mail takes that
// begins at line i; 0 when none does. It needs a sender and two other fields,
// or a sender right above a date or a subject that is followed by nothing
// else, so that "From: Tokyo" in a travel plan is left alone.
func headerBlock(lines []string, i int) int {
	first := fieldOf(lines[i])
	if first == 0 || first == fieldTo || first == fieldSubject {
		return 0
	}
	seen, n := first, 1
	for j := i + 1; j < len(lines) && j <= i+maxHeaderLines; j++ {
		f := fieldOf(lines[j])
		if f == 0 {
			// A long list of recipients is wrapped; an empty line may stand
			// between fields of HTML turned into text.
			if blank(lines[j]) && n < 3 || strings.HasPrefix(lines[j], " ") && !blank(lines[j]) || strings.Contains(lines[j], "@") {
				continue
			}
			break
		}
		seen |= f
		n = j - i + 1
	}
	others := 0
	for _, f := range []int{fieldDate, fieldTo, fieldSubject} {
		if seen&f != 0 {
			others++
		}
	}
	if seen&fieldFrom == 0 || others < 2 {
		return 0
	}
	return n
}
