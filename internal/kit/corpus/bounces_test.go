package corpus_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/bounce"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// TestBounceConformance asks of every report whether it is seen as one and
// whether the address is dead, and of every ordinary mail that it is not.
func TestBounceConformance(t *testing.T) {
	corpus.Dir(t, "bounce")
	b := newBoard()
	reports(t, b)
	variants(t, b)
	ordinary(t, b)
	table := b.print(t, bounceMisses)
	t.Log("\n" + table)
	corpus.Golden(t, "testdata/bounce.golden", table)
}

type bounceExpected struct {
	Status string `json:"deliverystatus"`
	Code   string `json:"replycode"`
	Reason string `json:"reason"`
	Hard   bool   `json:"hardbounce"`
}

func detect(t *testing.T, path string) (bounce.Report, bool, *mime.Mail) {
	t.Helper()
	raw := read(t, path)
	m, err := mime.Parse(raw, mime.Limits{})
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return bounce.Report{}, false, &mime.Mail{}
	}
	r, ok := bounce.Detect(m, raw)
	return r, ok, m
}

func reports(t *testing.T, b *board) {
	dir := corpus.Dir(t, "bounce/sisimai")
	const source = "bounce/sisimai"
	for _, path := range files(t, dir, "*.eml") {
		name := strings.TrimSuffix(filepath.Base(path), ".eml")
		r, ok, m := detect(t, path)
		want, known := bounceExpectation(t, strings.TrimSuffix(path, ".eml")+".expected.json")
		detail := fmt.Sprintf("want %+v\n     got  %+v", want, r)
		if strings.HasPrefix(name, "rfc3834") {
			b.check(source, name, "auto-reply", !ok && m.Auto.Kind == mime.AutoReply, fmt.Sprintf("%+v %v", r, m.Auto))
			continue
		}
		b.check(source, name, "is a report", ok, fmt.Sprintf("from %v subject %q text %.200q", m.From, m.Subject, m.Text))
		if !known || !ok {
			continue
		}
		compareBounce(b, source, name, want, r, detail)
	}
}

func bounceExpectation(t *testing.T, path string) ([]bounceExpected, bool) {
	t.Helper()
	found, err := filepath.Glob(path)
	if err != nil || len(found) == 0 {
		return nil, false
	}
	var want []bounceExpected
	if err := json.Unmarshal(read(t, path), &want); err != nil {
		t.Fatal(err)
	}
	return want, true
}

// compareBounce compares the verdicts, recipient by recipient in any order.
// The reason is the source's own vocabulary: it is counted, not asked for.
func compareBounce(b *board, source, name string, want []bounceExpected, r bounce.Report, detail string) {
	if want[0].Reason == "feedback" {
		b.check(source, name, "feedback", r.Kind == bounce.KindFeedback, detail)
		return
	}
	if want[0].Reason == "delivered" {
		b.check(source, name, "delivered", r.Kind == bounce.KindDelivered, detail)
		return
	}
	var hardWant, hardGot []string
	for _, w := range want {
		hardWant = append(hardWant, fmt.Sprint(w.Hard))
	}
	for _, g := range r.Recipients {
		hardGot = append(hardGot, fmt.Sprint(g.Hard))
	}
	sort.Strings(hardWant)
	sort.Strings(hardGot)
	b.check(source, name, "hard or soft", strings.Join(hardWant, " ") == strings.Join(hardGot, " "), detail)
	for i, w := range want {
		if i >= len(r.Recipients) || len(want) != len(r.Recipients) {
			break
		}
		g := r.Recipients[i]
		b.count(source, "(reason)", w.Reason == string(g.Reason))
		if w.Status != "" && g.Status != "" {
			b.count(source, "(status class)", w.Status[0] == g.Status[0])
		}
		if w.Code != "" {
			b.count(source, "(reply code)", w.Code == g.Code)
		}
		b.count(source, "(has address)", g.Addr != "")
	}
}

// variants are the same reports with other line ends.
func variants(t *testing.T, b *board) {
	for _, source := range []string{"bounce/sisimai-dos", "bounce/sisimai-mac"} {
		for _, path := range files(t, corpus.Dir(t, source), "*.eml") {
			name := filepath.Base(path)
			r, ok, _ := detect(t, path)
			twin, twinOK, _ := detect(t, filepath.Join(corpus.Dir(t, "bounce/sisimai"), name))
			b.check(source, name, "is a report", ok && twinOK, fmt.Sprintf("%+v", r))
			b.equal(source, name, "same as twin", fmt.Sprintf("%+v", twin), fmt.Sprintf("%+v", r))
		}
	}
}

// ordinary are mails of people and lists: none may be taken for a report.
func ordinary(t *testing.T, b *board) {
	root := corpus.Dir(t, "")
	for _, path := range files(t, root, "bounce/sisimai-not-a-bounce/*.eml", "email/*/*.eml", "email/*/*.msg", "email/*/*.raw", "email/*/*.txt", "reply-quote/talon/*.eml") {
		raw := read(t, path)
		m, err := mime.Parse(raw, mime.Limits{})
		if err != nil {
			continue
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		rel = filepath.ToSlash(rel)
		r, ok := bounce.Detect(m, raw)
		source, name := rel[:strings.LastIndexByte(rel, '/')], rel[strings.LastIndexByte(rel, '/')+1:]
		if reportsAmongMail[rel] {
			b.check(source, name, "is a report", ok, fmt.Sprintf("subject %q text %.300q", m.Subject, m.Text))
			continue
		}
		b.check(source, name, "is no report", !ok, fmt.Sprintf("subject %q %+v", m.Subject, r))
	}
}

// reportsAmongMail are the reports that lie in folders of ordinary mail, told
// by reading them.
var reportsAmongMail = map[string]bool{
	"email/enmime/delayed_dsn.raw": true, "email/enmime/dsn_with_multipart_alternative.raw": true, "email/enmime/simple_dsn.raw": true,
	"email/enmime/simple_dsn_with_html.raw": true, "email/flanker/bounce-delayed.eml": true, "email/flanker/bounce-gmail-invalid-address.eml": true,
	"email/flanker/bounce-mailbox-full.eml": true, "email/flanker/bounce-no-mx.eml": true, "email/flanker/bounce-office365.eml": true,
	"email/flanker/bounce-zed.eml": true, "email/mailkit-imap-messages/message.20.msg": true, "email/mimekit/bounce.txt": true,
	"email/mimekit/delivery-status2.txt": true, "email/nodemailer-mailparser/delivery-status.eml": true, "email/python-stdlib/msg_16.txt": true,
	"email/ruby-mail/multi_address_bounce1.eml": true, "email/ruby-mail/multipart_report_multiple_status.eml": true,
	"email/ruby-mail/raw_email_with_mimepart_without_content_type.eml": true, "email/ruby-mail/report_530.eml": true,
}
