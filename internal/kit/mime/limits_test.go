package mime_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// patience allows for a busy machine and the race detector; work that grows
// with the square of these sizes takes many minutes.
const patience = time.Minute

// within fails the test when reading raw takes too long: a mail server must
// not be held up by one mail.
func within(t *testing.T, name string, raw []byte) *mime.Mail {
	t.Helper()
	start := time.Now()
	m, err := mime.Parse(raw, mime.Limits{})
	if took := time.Since(start); took > patience {
		t.Errorf("%s: %d bytes took %v", name, len(raw), took)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m
}

// TestBombs reads mails made to cost time or memory.
func TestBombs(t *testing.T) {
	var nested, siblings strings.Builder
	for i := range 200 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	nested.WriteString("Content-Type: text/plain\n\ndeep\n" + strings.Repeat("filler line\n", 100_000))
	siblings.WriteString("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n")
	for i := range 5000 {
		fmt.Fprintf(&siblings, "--b\nContent-Type: application/pdf; name=%d.pdf\n\nx\n", i)
	}
	for name, raw := range map[string]string{
		"200 levels":       nested.String(),
		"5,000 parts":      siblings.String() + "--b--\n",
		"one huge header":  "X: " + strings.Repeat("y", 8<<20) + "\nSubject: s\n\nbody",
		"a million fields": strings.Repeat("X: y\n", 1_000_000) + "\nbody",
		"words":            "Subject: " + strings.Repeat("=?utf-8?q?a?= ", 15_000) + "\n\nbody",
		"half words":       "Subject: " + strings.Repeat("=?utf-8?q?", 20_000) + "\n\nbody",
		"addresses":        "To: " + strings.Repeat("a@b.c, ", 30_000) + "\n\nbody",
		"open quotes":      "To: " + strings.Repeat(`"`, 100_001) + "\n\nbody",
		"open brackets":    "To: " + strings.Repeat(`<(`, 100_000) + "\n\nbody",
		"references":       "References: " + strings.Repeat("<a@b> ", 40_000) + "\n\nbody",
		"parameters":       "Content-Type: text/plain; " + strings.Repeat("a*1*=b; ", 30_000) + "\n\nbody",
		"dashes":           "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--\n", 3_000_000),
		"closings":         "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n" + strings.Repeat("--b--\n", 1_000_000) + "--b\n\nlast\n",
		"uu":               "\n" + strings.Repeat("begin 644 a\n", 300_000),
		"escapes":          "Content-Type: text/plain; charset=iso-2022-jp\n\n" + strings.Repeat("\x1b$B", 1_000_000),
		"high bytes":       "\n" + strings.Repeat("\x8f\xa1", 2_000_000),
		"nul":              "Subject: a\x00b\n\n" + strings.Repeat("\x00", 1<<20) + "body",
		"html":             "Content-Type: text/html\n\n" + strings.Repeat("<div>", 500_000) + "body",
		"plus":             "Content-Type: text/plain; charset=utf-7\n\n" + strings.Repeat("+", 1<<20),
		"zero-width":       "Content-Type: text/plain; charset=utf-8\n\n" + strings.Repeat("\u200b", 1<<20),
		"flowed":           "Content-Type: text/plain; format=flowed; delsp=yes\n\n" + strings.Repeat("a \n", 500_000),
	} {
		m := within(t, name, []byte(raw))
		if len(m.Parts) > 1000 || len(m.Text) > 4<<20 || len(m.Header.Fields) > 4000 {
			t.Errorf("%s: %d parts, %d bytes of text, %d fields", name, len(m.Parts), len(m.Text), len(m.Header.Fields))
		}
	}
}

func TestLimitsAreSaid(t *testing.T) {
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
	for i := range 30 {
		fmt.Fprintf(&b, "--b\nContent-Type: application/pdf; name=%d.pdf\n\nx\n", i)
	}
	b.WriteString("--b--\n")
	deep := "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b--\n--a--\n"
	for _, c := range []struct {
		raw     string
		limits  mime.Limits
		problem string
	}{
		{b.String(), mime.Limits{MaxParts: 10}, mime.ProblemParts},
		{deep, mime.Limits{MaxDepth: 1}, mime.ProblemDepth},
		{"A: b\nC: " + strings.Repeat("x", 200) + "\nE: f\n\nbody", mime.Limits{MaxHeaderBytes: 100}, mime.ProblemHeaders},
		{"A: b\n\n" + strings.Repeat("日本", 100), mime.Limits{MaxTextBytes: 100}, mime.ProblemTextBytes},
	} {
		m, err := mime.Parse([]byte(c.raw), c.limits)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(m.Problems, c.problem) {
			t.Errorf("problems %v, want %s", m.Problems, c.problem)
		}
		if !utf8.ValidString(m.Text) {
			t.Errorf("text is cut inside a character: %q", m.Text)
		}
	}
	m, err := mime.Parse([]byte(deep), mime.Limits{MaxDepth: 1})
	if err != nil || len(m.Parts) != 1 || !bytes.Contains(m.Parts[0].Data, []byte("text")) {
		t.Errorf("what is too deep must be kept as an attachment: %v %v", m, err)
	}
}

// TestBigAttachment: memory stays a small multiple of the mail.
func TestBigAttachment(t *testing.T) {
	if testing.Short() {
		t.Skip("25 MB")
	}
	data := bytes.Repeat([]byte("0123456789abcdef"), 25<<20/16)
	var raw bytes.Buffer
	raw.WriteString("From: a@b.c\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/pdf; name=big.pdf\nContent-Transfer-Encoding: base64\n\n")
	encoded := base64.StdEncoding.EncodeToString(data)
	for i := 0; i < len(encoded); i += 76 {
		raw.WriteString(encoded[i:min(i+76, len(encoded))] + "\r\n")
	}
	raw.WriteString("--b--\n")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := within(t, "25 MB", raw.Bytes())
	runtime.ReadMemStats(&after)
	if !bytes.Equal(m.Parts[0].Data, data) {
		t.Error("the attachment is damaged")
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4*uint64(raw.Len()) {
		t.Errorf("%d MB allocated for a mail of %d MB", used>>20, raw.Len()>>20)
	}
}

// FuzzParse asks of any bytes: an answer, valid text, safe names.
func FuzzParse(f *testing.F) {
	fixtures, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range fixtures {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, raw := range corpus.Seeds(f, "email", ".eml", 150, 8<<10) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		kept := bytes.Clone(raw)
		m, err := mime.Parse(raw, mime.Limits{MaxParts: 50, MaxDepth: 8})
		if !bytes.Equal(raw, kept) {
			t.Fatal("the raw mail was changed")
		}
		if err != nil {
			return
		}
		for what, s := range map[string]string{"text": m.Text, "html": m.HTML, "subject": m.Subject} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("%s is not text: %q", what, s)
			}
		}
		if strings.ContainsAny(m.Subject, "\r\n") {
			t.Errorf("subject of two lines: %q", m.Subject)
		}
		for _, p := range m.Parts {
			if p.Name == "" || strings.ContainsAny(p.Name, "/\\\x00\r\n") || !utf8.ValidString(p.Name) || p.Size != len(p.Data) {
				t.Errorf("part %q of %d bytes", p.Name, p.Size)
			}
		}
		for _, list := range [][]mime.Address{m.From, m.To, m.Cc, m.ReplyTo} {
			for _, a := range list {
				if strings.ContainsAny(a.Addr+a.Name, "\r\n\x00") {
					t.Errorf("address %q", a)
				}
			}
		}
		mime.BaseSubject(m.Subject)
	})
}
