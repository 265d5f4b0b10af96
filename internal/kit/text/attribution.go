package text

import (
	"regexp"
	"strings"
)

// maxIntroLines is over how many lines mailers wrap the line that introduces a
// quote, maxIntro how long it can be.
const (
	maxIntroLines = 5
	maxIntro      = 500
)

// reIntroStart matches how an introduction begins: "On", "Le", "Am" … before
// a date, or a date itself. Japanese, Chinese and Korean put the date first.
var reIntroStart = regexp.MustCompile(`(?i)^\s*(?:[-*]\s+)?(?:` +
	`(?:on|le|am|il|el|em|in data|op|den|w dniu|dnia|dne|kl|pada|il giorno|an|a|på|vào|am|ma|de|den)\s+\S|` +
	`\(?\[?\d{1,4}\s?[年./-]|` + // 2024年, 2024-05-01
	`\d{1,2}\.?\s+\pL{3,}\.?\s+\d{4}|` + // 30 серп. 2016
	`(?:пн|вт|ср|чт|пт|сб|вс|нд)[.,]|` +
	`(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]\s|` +
	`在\s*\d|於\s*\d|"?[^"<>]{1,80}"?\s*<[^<>\s]+@[^<>\s]+>)`)

// reIntroVerb matches the verb that closes an introduction.
var reIntroVerb = regexp.MustCompile(`(?i)(?:` +
	`\bwrote|\bwrites|\bschrieb|a écrit|ha scritto|escribió|escreveu|napisał(?:\(a\))?|schreef|skrev|пише|пишет|писал\(?а?\)?|написав(?:ла)?|написал\(?а?\)?|` +
	`\bkirjoitti|\bírta|\bnapsal(?:a)?|yazdı|\bđã viết|menulis|\bscris|` +
	`のメール|さん(?:は|が)(?:書きました|次のように)|(?:が|は|に)書きました|写道|寫道|的邮件|님이 (?:작성|쓴)|작성` +
	`)\s*(?:[:：]|$)`)

// reIntroDated matches an introduction without a verb: date, name, address.
var reIntroDated = regexp.MustCompile(`(?i)^\s*[（(\[]?(?:\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})[^:：]{0,20}(?:\d{1,2}[:：時]\d{2}分?)?.{0,200}[<＜\[]\s*[^<>\s]+@[^<>\s]+[>＞\]]\s*[^:：]{0,10}[:：]\s*$` +
	`|^\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]\s.{8,200}[<\[]\s*[^<>\s]+@[^<>\s]+[>\]]\s*:\s*$`)

var reDigit = regexp.MustCompile(`\d`)

// attribution tells over how many lines the introduction of a quote stretches
// that begins at line i; 0 when none does.
func attribution(lines []string, i int) int {
	first := lines[i]
	if len(first) > maxIntro || !reIntroStart.MatchString(first) {
		return 0
	}
	joined := ""
	for n := 0; n < maxIntroLines && i+n < len(lines); n++ {
		line := strings.TrimSpace(lines[i+n])
		if line == "" || n > 0 && isQuoteLine(line) {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + line)
		if len(joined) > maxIntro {
			return 0
		}
		if isIntroduction(joined) {
			// The verb may stand alone on the next line.
			return n + 1
		}
	}
	return 0
}

func isIntroduction(s string) bool {
	last := s[len(s)-1]
	colon := last == ':' || strings.HasSuffix(s, "：")
	switch {
	case !reDigit.MatchString(s):
		return false
	case reIntroDated.MatchString(s):
		return true
	case !colon && !strings.Contains(s, "@"):
		// "On 3 May he wrote" in the middle of a story is no introduction.
		return false
	}
	at := reIntroVerb.FindStringIndex(s)
	if at == nil {
		return colon && reSchrieb.MatchString(s)
	}
	return at[1] == len(s)
}

// reSchrieb matches the word orders that put the verb before the name.
var reSchrieb = regexp.MustCompile(`(?i)^\s*(?:am .{6,60}schrieb .{1,120}|(?:op|den) .{6,60}(?:schreef|skrev) .{1,120}|.{4,60}, "?.{1,80}"? (?:пишет|пише) .{0,60}|\d{1,2}\.? .{3,40} kl\.? .{4,20} skrev .{1,120}):\s*$`)

// reSeparator matches the line between a reply and what it carries along.
var reSeparator = regexp.MustCompile(`(?i)^[\s>|]*(?:[-_=*─━＿]{2,}\s*)(?:` + separatorWords + `)\s*:?\s*(?:[-_=*─━＿]{2,})?\s*$` +
	`|^[\s>|]*(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)|inizio messaggio inoltrato|inicio del mensaje reenviado|転送されたメッセージ|以下、転送されたメッセージ)\s*[:：]\s*$`)

const separatorWords = `original message|original appointment|original email|forwarded message|forwarded by .{1,80}|reply message|replied message|` +
	`ursprüngliche nachricht|weitergeleitete nachricht|originalnachricht|message d.origine|message original|message transféré|mensaje original|mensaje reenviado|` +
	`messaggio originale|messaggio inoltrato|mensagem original|mensagem encaminhada|oorspronkelijk bericht|doorgestuurd bericht|oprindelig meddelelse|` +
	`ursprungligt meddelande|originalmeddelande|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|původní zpráva|` +
	`исходное сообщение|оригинальное сообщение|пересылаемое сообщение|конец пересылаемого сообщения|` +
	`元のメッセージ|元のメール|転送メッセージ|転送されたメッセージ|原始邮件|原邮件|转发邮件|转发的邮件|原始郵件|轉寄的郵件|원본 메시지|전달된 메시지`

func isSeparator(line string) bool {
	return len(line) < 200 && reSeparator.MatchString(line)
}
