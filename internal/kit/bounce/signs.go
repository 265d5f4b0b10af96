package bounce

import (
	"regexp"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// reDaemon matches the senders of reports, by address or by name.
var reDaemon = regexp.MustCompile(`(?i)(?:^|[<\s."(])(?:mailer[-_.]?daemon|mail[-_.]?daemon|post[-_.]?master|poostmaster|mail\.?delivery\.?(?:sub)?system|mmdf|mdaemon)(?:@|$|[>\s")])` +
	`|mail deliver(?:y|er)? (?:sub)?system|mailer[- ]daemon|system administrator|mail administrator|mmsc ndr|^no-?reply@[^@]*\.dion\.ne\.jp|mail system error`)

// reFailure matches the subjects of reports.
var reFailure = regexp.MustCompile(`(?i)undeliver|returned mail|return(?:ed)? (?:to sender|message)|delivery (?:status|failure|failed|report|problem|notification|has failed|error)|deliver(?:y)? failed|` +
	`(?:failure|error) (?:notice|delivery)|failed (?:delivery|mail)|failure delivery|mail (?:failure|system error|delivery (?:failed|failure|problem|status|error|system))|` +
	`could not (?:be delivered|send|deliver)|couldn.t be delivered|not delivered|non[- ]?delivery|undelivered|delayed mail|message delayed|delivery delayed|warning:? ?-*(?:could not|message)|error sending your mail|delivery incomplete|mail delivery status|` +
	`rejected mail|mail could not|unzustellbar|nicht zugestellt|zustellung|non recapitabile|mancato recapito|non remis|échec de (?:la )?remise|no se (?:puede|pudo) entregar|no entregado|não (?:entregue|foi entregue)|niet bezorgd|` +
	`メールエラー|エラーメール|配信(?:不能|失敗|エラー|できません)|配送(?:不能|失敗|エラー|できません)|送信(?:失敗|エラー|できません)|不達|宛先不明|не доставлен|недоставлен|系统退信|退信`)

// reWords matches what reports say.
var reWords = regexp.MustCompile(`(?i)could not be (?:delivered|sent)|couldn.t be delivered|cannot be delivered|was not delivered|unable to deliver|wasn.t able to deliver|were unable to deliver|not able to deliver|` +
	`delivery (?:to the following|has failed|failed)|delevery to|did not reach the following|had (?:permanent fatal|delivery) (?:errors|problems)|had fatal errors|following (?:address(?:es|\(es\))?|recipients?(?:\(s\))?) (?:failed|had|could not|was rejected|were)|` +
	`recipients? (?:was|were) rejected|transcript of session|(?:permanent|fatal|delivery) error|undeliverable|rejected by (?:the|a remote|server)|error (?:has )?occurred while (?:attempting|trying) to deliver|error delivering your mail|trouble delivering|` +
	`failure reasons|mailbox (?:is )?full|mailbox exceeds|user unknown|unknown user|no such user|unknown recipient|remote host said|delivery failed|has been delayed|will be retried|` +
	`送信できませんでした|配信できませんでした|送信に失敗|メールボックスが一杯|エラーメッセージ|存在しないか|не может быть доставлено|rcpt to:|received >>> 5\d\d|5\d\d[ -]5\.\d\.\d`)

// suspicious is the cheap question that spares ordinary mail the reading of
// its whole text: a report has at least one of these signs.
func suspicious(m *mime.Mail) bool {
	d := document{mail: m}
	if d.fromDaemon() || d.nullPath() || reFailure.MatchString(m.Subject) || m.Header.Has("X-Failed-Recipients") {
		return true
	}
	if strings.HasPrefix(strings.ToLower(m.Header.Get("Content-Type")), "multipart/report") {
		return true
	}
	for _, p := range m.Parts {
		if strings.HasSuffix(p.ContentType, "delivery-status") {
			return true
		}
	}
	return false
}

// isReport weighs the signs. One of a machine that reports is not enough: the
// postmaster also writes, and people ask about returned mails.
func (d *document) isReport() bool {
	m := d.mail
	if d.isAutoReply() {
		return false
	}
	if d.standard && (len(d.groups) > 0 || d.fromDaemon()) {
		return true
	}
	if m.Header.Has("X-Failed-Recipients") {
		return true
	}
	daemon, subject, words := d.fromDaemon(), reFailure.MatchString(m.Subject), reWords.MatchString(d.prose)
	switch {
	case daemon && words, daemon && subject && (d.carried || len(d.groups) > 0):
		return true
	case len(d.groups) > 0 && d.groups[0]["action"] != "" && (daemon || subject || d.nullPath()):
		return true
	}
	return d.nullPath() && words && (subject || d.carried)
}

// isAutoReply tells a vacation notice, which also comes from an empty sender.
func (d *document) isAutoReply() bool {
	auto := d.mail.Auto
	return auto.Kind == mime.AutoReply && strings.HasPrefix(auto.Reason, "Subject:") && !d.standard
}

func (d *document) fromDaemon() bool {
	for _, a := range append(d.mail.From, d.mail.Sender...) {
		if reDaemon.MatchString(a.Addr) || reDaemon.MatchString(a.Name) {
			return true
		}
	}
	from := strings.ToLower(d.mail.Header.Get("From"))
	if strings.Contains(from, "mailer-daemon") || strings.TrimSpace(from) == "<>" {
		return true
	}
	path := strings.ToLower(d.mail.Header.Get("Return-Path"))
	return strings.Contains(path, "mailer-daemon")
}

// nullPath tells that the mail may not be bounced itself, as reports must not.
func (d *document) nullPath() bool {
	path := strings.TrimSpace(d.mail.Header.Get("Return-Path"))
	return path == "<>" || path == "" && d.mail.Header.Has("Return-Path")
}

// reDelay matches reports on mail that is still being tried.
var reDelay = regexp.MustCompile(`(?i)warning message only|warning only|do not need to resend|will be retried|still being retried|has (?:not yet )?been delayed|delivery is delayed|not yet been delivered|will (?:continue|keep) (?:to try|trying)`)

// kind reads what happened from the actions, else from the prose.
func (d *document) kind() Kind {
	seen := map[string]bool{}
	for _, g := range d.groups {
		action, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(g["action"])), " ")
		seen[action] = true
	}
	switch {
	case seen["failed"] || seen["failure"]:
		return KindBounce
	case seen["delayed"]:
		return KindDelayed
	case seen["delivered"] || seen["relayed"] || seen["expanded"]:
		return KindDelivered
	case reDelay.MatchString(d.prose) && !strings.Contains(d.prose, "I'm not going to try again"):
		return KindDelayed
	}
	return KindBounce
}
