package corpus_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// TestMailConformance compares every mail of the corpus that has an expected
// result with it.
func TestMailConformance(t *testing.T) {
	corpus.Dir(t, "email")
	b := newBoard()
	everyMailParses(t, b)
	stalwart(t, b)
	asserted(t, b)
	zbateson(t, b)
	structures(t, b)
	headerVectors(t, b)
	tnefNames(t, b)
	table := b.print(t, mailMisses)
	t.Log("\n" + table)
	corpus.Golden(t, "testdata/mail.golden", table)
}

func parse(t *testing.T, path string) *mime.Mail {
	t.Helper()
	m, err := mime.Parse(read(t, path), mime.Limits{})
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return &mime.Mail{}
	}
	return m
}

// everyMailParses asks no more than that each mail comes out as a mail, in
// time, with valid text.
func everyMailParses(t *testing.T, b *board) {
	root := corpus.Dir(t, "email")
	for _, path := range files(t, root, "*/*.eml", "*/*.msg", "*/*.raw", "*/*.txt") {
		source := "email/" + filepath.Base(filepath.Dir(path))
		start := time.Now()
		m, err := mime.Parse(read(t, path), mime.Limits{})
		if len(bytes.TrimSpace(read(t, path))) == 0 {
			b.check(source, filepath.Base(path), "refuses empty", errors.Is(err, mime.ErrEmpty), fmt.Sprint(err))
			continue
		}
		ok := err == nil && time.Since(start) < 20*time.Second && !strings.ContainsRune(m.Text+m.HTML+m.Subject, 0)
		for i := 0; ok && i < len(m.Parts); i++ {
			ok = m.Parts[i].Name != "" && !strings.ContainsAny(m.Parts[i].Name, "/\\\x00")
		}
		b.check(source, filepath.Base(path), "parses", ok, fmt.Sprint(err))
	}
}

// expectation is the union of what php-imap, ruby-mail, mimekit and postal-mime
// assert.
type expectation struct {
	Subject     *string         `json:"subject"`
	Text        *string         `json:"text"`
	Body        *string         `json:"body_decoded"`
	HTML        *string         `json:"html"`
	From        json.RawMessage `json:"from"`
	FromName    *string         `json:"from_name"`
	To          json.RawMessage `json:"to"`
	Cc          json.RawMessage `json:"cc"`
	Sender      *string         `json:"sender"`
	MessageID   *string         `json:"message_id"`
	Date        *string         `json:"date_utc"`
	Attachments *int            `json:"attachments"`
	Names       []string        `json:"attachment_names_seen"`
	SHA256      []string        `json:"attachment_sha256_seen"`
	HasText     *bool           `json:"hasTextBody"`
	HasHTML     *bool           `json:"hasHTMLBody"`
}

func asserted(t *testing.T, b *board) {
	root := corpus.Dir(t, "email")
	for _, path := range files(t, root, "php-imap/*.expected.json", "ruby-mail/*.expected.json", "mimekit/*.expected.json", "postal-mime/*.expected.json") {
		source := "email/" + filepath.Base(filepath.Dir(path))
		name := strings.TrimSuffix(filepath.Base(path), ".expected.json")
		var want expectation
		if err := json.Unmarshal(read(t, path), &want); err != nil {
			t.Fatal(err)
		}
		mails := files(t, filepath.Dir(path), name+".eml", name+".txt")
		assertMail(b, source, name, want, parse(t, mails[0]))
	}
}

func assertMail(b *board, source, name string, want expectation, m *mime.Mail) {
	str := func(question string, w *string, got string) {
		if w != nil {
			b.equal(source, name, question, strings.TrimSpace(*w), strings.TrimSpace(got))
		}
	}
	loose := func(question string, w *string, got string) {
		if w != nil {
			b.check(source, name, question, sameButLost(*w, got), fmt.Sprintf("want %.400q\n     got  %.400q", *w, got))
		}
	}
	str("subject", want.Subject, m.Subject)
	loose("text", want.Text, m.Text)
	loose("text", want.Body, m.Text)
	if want.HTML != nil && *want.HTML != "" {
		loose("html", want.HTML, m.HTML)
	}
	addresses(b, source, name, "from", want.From, m.From)
	addresses(b, source, name, "to", want.To, m.To)
	addresses(b, source, name, "to", want.Cc, m.Cc)
	str("from", want.FromName, firstAddress(m.From).Name)
	str("from", want.Sender, firstAddress(m.Sender).Addr)
	str("message-id", want.MessageID, m.MessageID)
	if want.Date != nil {
		b.equal(source, name, "date", *want.Date, m.Date.UTC().Format("2006-01-02 15:04:05"))
	}
	if want.Attachments != nil {
		b.equal(source, name, "attachments", fmt.Sprint(*want.Attachments), fmt.Sprint(len(m.Parts)))
	}
	attachmentsSeen(b, source, name, want, m)
	if want.HasText != nil {
		b.equal(source, name, "text", fmt.Sprint(*want.HasText), fmt.Sprint(!m.TextDerived && strings.TrimSpace(m.Text) != ""))
	}
	if want.HasHTML != nil {
		b.equal(source, name, "html", fmt.Sprint(*want.HasHTML), fmt.Sprint(m.HTML != ""))
	}
}

func firstAddress(list []mime.Address) mime.Address {
	if len(list) == 0 {
		return mime.Address{}
	}
	return list[0]
}

// addresses compares a list of addresses, or one in the form Name <addr>.
func addresses(b *board, source, name, question string, raw json.RawMessage, got []mime.Address) {
	if raw == nil {
		return
	}
	var list []string
	var one string
	if json.Unmarshal(raw, &one) == nil {
		list = []string{one}
	} else if err := json.Unmarshal(raw, &list); err != nil {
		b.check(source, name, question, false, err.Error())
		return
	}
	var have []string
	for i, a := range got {
		if i < len(list) && strings.Contains(list[i], "<") {
			have = append(have, a.Name+" <"+a.Addr+">")
		} else {
			have = append(have, a.Addr)
		}
	}
	b.equal(source, name, question, strings.Join(list, ", "), strings.Join(have, ", "))
}

func attachmentsSeen(b *board, source, name string, want expectation, m *mime.Mail) {
	names, sums := map[string]bool{}, map[string]bool{}
	for _, p := range m.Parts {
		names[p.Name] = true
		// The sums were taken from mails with CRLF, without the last line end;
		// the copies have LF.
		crlf := bytes.ReplaceAll(p.Data, []byte("\n"), []byte("\r\n"))
		for _, data := range [][]byte{p.Data, crlf, bytes.TrimRight(crlf, "\r\n")} {
			sum := sha256.Sum256(data)
			sums[hex.EncodeToString(sum[:])] = true
		}
	}
	for i, n := range want.Names {
		b.check(source, fmt.Sprintf("%s#%d", name, i+1), "att. name", names[n], fmt.Sprintf("want %q, got %q", n, sortedKeys(names)))
	}
	for i, s := range want.SHA256 {
		b.check(source, fmt.Sprintf("%s#%d", name, i+1), "att. bytes", sums[s], "no attachment with this sum")
	}
}

// zbateson compares with the assertions of mail-mime-parser.
func zbateson(t *testing.T, b *board) {
	type person struct{ Name, Email string }
	dir := corpus.Dir(t, "email/zbateson-mail-mime-parser")
	for _, path := range files(t, dir, "*.expected.json") {
		var want struct {
			From, To    *person
			Subject     *string
			MessageID   *string `json:"Message-ID"`
			Attachments *int    `json:"attachments"`
			Text        *string `json:"text_content"`
			HTML        *string `json:"html_content"`
		}
		if err := json.Unmarshal(read(t, path), &want); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".expected.json")
		source := "email/zbateson-mail-mime-parser"
		m := parse(t, filepath.Join(dir, name+".eml"))
		for q, pair := range map[string]struct {
			want *person
			got  []mime.Address
		}{"from": {want.From, m.From}, "to": {want.To, m.To}} {
			if pair.want != nil {
				a := firstAddress(pair.got)
				b.equal(source, name, q, pair.want.Name+" <"+pair.want.Email+">", a.Name+" <"+a.Addr+">")
			}
		}
		if want.Subject != nil {
			b.equal(source, name, "subject", *want.Subject, m.Subject)
		}
		if want.MessageID != nil {
			b.equal(source, name, "message-id", *want.MessageID, m.MessageID)
		}
		if want.Attachments != nil {
			b.equal(source, name, "attachments", fmt.Sprint(*want.Attachments), fmt.Sprint(len(m.Parts)))
		}
		if want.Text != nil {
			b.check(source, name, "text", sameButLost(*want.Text, m.Text), fmt.Sprintf("want %.300q\n     got  %.300q", *want.Text, m.Text))
		}
		if want.HTML != nil {
			b.check(source, name, "html", sameButLost(*want.HTML, withoutTags(m.HTML)), fmt.Sprintf("want %.3000q\n     got  %.3000q", *want.HTML, squeeze(withoutTags(m.HTML))))
		}
	}
}

// headerVectors decodes encoded words.
func headerVectors(t *testing.T, b *board) {
	dir := corpus.Dir(t, "email/header-vectors")
	var vectors []struct {
		Input, Decoded string
		Agreed         bool `json:"second_decoder_agrees"`
	}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "encoded-words.json")), &vectors); err != nil {
		t.Fatal(err)
	}
	for i, v := range vectors {
		m, err := mime.Parse([]byte("X-Vector: "+v.Input+"\nFrom: a@example.com\n\nbody\n"), mime.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		question := "word"
		if !v.Agreed {
			question = "word (disputed)"
		}
		b.equal("email/header-vectors", fmt.Sprintf("%03d", i), question, strings.TrimSpace(v.Decoded), m.Header.Get("X-Vector"))
	}
}

// tnefNames unpacks TNEF files and compares the names inside.
func tnefNames(t *testing.T, b *board) {
	dir := corpus.Dir(t, "email/winmail-tnef")
	for _, path := range files(t, dir, "*.tnef") {
		var raw bytes.Buffer
		raw.WriteString("From: a@example.com\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: binary\n\n")
		raw.Write(read(t, path))
		m, err := mime.Parse(raw.Bytes(), mime.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".tnef")
		lists, err := filepath.Glob(filepath.Join(dir, name+".list"))
		if err != nil {
			t.Fatal(err)
		}
		if len(lists) == 0 {
			b.check("email/winmail-tnef", name, "unpacks", len(m.Parts) > 0 || m.Text != "", "nothing came out")
			continue
		}
		var got []string
		for _, p := range m.Parts {
			got = append(got, p.Name)
		}
		// Bodies are no attachments here: they become the text of the mail.
		var want []string
		for _, n := range strings.FieldsFunc(string(read(t, lists[0])), func(r rune) bool { return r == '\n' || r == '\r' }) {
			if strings.HasPrefix(n, "body.") {
				b.check("email/winmail-tnef", name, "text", strings.TrimSpace(m.Text) != "", "no text")
				continue
			}
			want = append(want, n)
		}
		b.equal("email/winmail-tnef", name, "att. names", strings.Join(want, " | "), strings.Join(got, " | "))
	}
}

var reTag = regexp.MustCompile(`(?s)<!--.*?-->|<(?:head|style|title).*?</(?:head|style|title)>|<[^>]*>`)

// withoutTags is the text of HTML as the source of the assertions takes it.
func withoutTags(s string) string { return html.UnescapeString(reTag.ReplaceAllString(s, "")) }
