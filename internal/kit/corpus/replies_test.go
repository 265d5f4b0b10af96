package corpus_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// TestReplyConformance compares the visible part of replies with what other
// parsers are asserted to find.
func TestReplyConformance(t *testing.T) {
	corpus.Dir(t, "reply-quote")
	b := newBoard()
	trimmed(t, b)
	fragments(t, b)
	talon(t, b)
	talonSignatures(t, b)
	table := b.print(t, replyMisses)
	t.Log("\n" + table)
	corpus.Golden(t, "testdata/reply.golden", table)
}

// sameReply compares visible replies. The sources disagree on whether a
// signature is visible, so both readings are accepted.
func sameReply(want string, r text.Reply) bool {
	norm := func(s string) string {
		var lines []string
		for _, l := range strings.Split(s, "\n") {
			lines = append(lines, strings.TrimRight(l, " \t\r"))
		}
		return strings.TrimSpace(strings.Join(lines, "\n"))
	}
	return norm(want) == norm(r.Visible) || norm(want) == norm(r.Visible+"\n\n"+r.Signature) || squeeze(want) == squeeze(r.Visible+r.Signature)
}

func trimmed(t *testing.T, b *board) {
	dir := corpus.Dir(t, "reply-quote/discourse-trimmer")
	for _, path := range files(t, dir, "*.input.txt") {
		name := strings.TrimSuffix(filepath.Base(path), ".input.txt")
		want := string(read(t, filepath.Join(dir, name+".trimmed.txt")))
		r := text.Split(string(read(t, path)))
		b.check("reply-quote/discourse-trimmer", name, "visible", sameReply(want, r), fmt.Sprintf("want %q\n     got  %q sig %q", want, r.Visible, r.Signature))
	}
}

type fragmentsExpected struct {
	Visible *string             `json:"visible_reply"`
	Quoted  []bool              `json:"quoted"`
	Hidden  []bool              `json:"hidden"`
	Equals  map[string]string   `json:"fragment_equals"`
	Trimmed map[string]string   `json:"fragment_equals_after_trim"`
	Matches map[string][]string `json:"fragment_matches_regexp"`
	Count   int                 `json:"fragments"`
}

// fragments asks three things: the visible reply where one is given; that the
// visible text begins with the first fragment; that what must be quoted is.
func fragments(t *testing.T, b *board) {
	root := corpus.Dir(t, "reply-quote")
	for _, path := range files(t, root, "*-erp/*.expected.json") {
		var want fragmentsExpected
		if err := json.Unmarshal(read(t, path), &want); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".expected.json")
		source := "reply-quote/" + filepath.Base(filepath.Dir(path))
		r := text.Split(string(read(t, filepath.Join(filepath.Dir(path), name+".txt"))))
		detail := fmt.Sprintf("got  %q\n     sig  %q\n     quoted %q", r.Visible, r.Signature, r.Quoted)
		if want.Visible != nil {
			b.check(source, name, "visible", sameReply(*want.Visible, r), fmt.Sprintf("want %q\n     ", *want.Visible)+detail)
		}
		for _, m := range []map[string]string{want.Equals, want.Trimmed} {
			if first, ok := m["0"]; ok {
				b.check(source, name, "visible", sameStart(first, want.Count, r), fmt.Sprintf("want %q\n     ", first)+detail)
			}
		}
		for _, index := range sortedKeys(want.Matches) {
			n, err := strconv.Atoi(index)
			if err != nil {
				t.Fatal(err)
			}
			ok, question := fragmentMatches(n, want.Matches[index], r)
			b.check(source, name+"#"+index, question, ok, fmt.Sprintf("want %q\n     ", want.Matches[index])+detail)
		}
	}
}

// sameStart compares the first fragment, which ends where a quote or signature
// begins, with the visible text: all of it, or its first lines when more of
// the writer follows below a quote.
func sameStart(first string, count int, r text.Reply) bool {
	if sameReply(first, r) {
		return true
	}
	return count > 2 && strings.HasPrefix(squeeze(r.Visible), squeeze(first))
}

// fragmentMatches looks for the text of a pattern where it belongs: fragment 0
// in the visible text, one that begins with ">" or an introduction in the
// quote, one that begins with "--" or "_" in the signature.
func fragmentMatches(n int, patterns []string, r text.Reply) (bool, string) {
	where, question := r.Quoted, "quoted"
	switch p := strings.TrimLeft(patterns[0], "^"); {
	case n == 0 || strings.HasPrefix(p, "You can"):
		where, question = r.Visible, "visible"
	case strings.HasPrefix(p, "--"), strings.HasPrefix(p, "_"):
		where, question = r.Signature, "signature"
	}
	for _, p := range patterns {
		re, err := regexp.Compile("(?m)" + strings.ReplaceAll(p, `\/`, "/"))
		if err != nil || !re.MatchString(where) {
			return false, question
		}
	}
	return true, question
}

// talon has plain and HTML replies.
func talon(t *testing.T, b *board) {
	dir := corpus.Dir(t, "reply-quote/talon")
	for name, want := range map[string]string{"apple_mail_2": "Hello", "gmail": "Hello", "sparrow": "Hello \n\n-- \nxxx\nSent with Sparrow (http://www.sparrowmailapp.com/?sig)"} {
		m := parse(t, filepath.Join(dir, name+".eml"))
		r := text.Split(m.Text)
		b.check("reply-quote/talon", name, "visible", sameReply(want, r), fmt.Sprintf("want %q\n     got  %q sig %q", want, r.Visible, r.Signature))
		if m.HTML != "" {
			visible, _ := rich.Visible(m.HTML)
			// The expectation is of the plain part; HTML text writes links <so>.
			want := strings.NewReplacer("(", "<", ")", ">").Replace(want)
			b.check("reply-quote/talon", name, "visible html", squeeze(rich.Text(visible)) == squeeze(want), fmt.Sprintf("want %q\n     got  %q", want, rich.Text(visible)))
		}
	}
	for _, path := range files(t, dir, "html-*.html") {
		visible, _ := rich.Visible(string(read(t, path)))
		b.equal("reply-quote/talon", strings.TrimSuffix(filepath.Base(path), ".html"), "visible html", "Hi.Iamfine.Thanks,Alex", squeeze(rich.Text(visible)))
	}
}

func talonSignatures(t *testing.T, b *board) {
	dir := corpus.Dir(t, "reply-quote/talon-signature")
	for _, path := range files(t, dir, "*.body.txt") {
		name := strings.TrimSuffix(filepath.Base(path), ".body.txt")
		// "#sig#" marks the lines of the signature in the source.
		clean := func(b []byte) string { return strings.ReplaceAll(string(b), "#sig#", "") }
		want := clean(read(t, filepath.Join(dir, name+".signature.txt")))
		r := text.Split(clean(read(t, path)))
		b.equal("reply-quote/talon-signature", name, "signature", squeeze(want), squeeze(r.Signature))
	}
}

// TestReplyInputsWithoutExpectation asks of the rest that nothing is lost.
func TestReplyInputsWithoutExpectation(t *testing.T) {
	root := corpus.Dir(t, "reply-quote")
	all := files(t, root, "willdurand-erp/*.txt", "crisp-erp/*.txt", "quotequail/*.html", "talon/*.html")
	sort.Strings(all)
	for _, path := range all {
		body := string(read(t, path))
		if strings.HasSuffix(path, ".html") {
			visible, _ := rich.Visible(body)
			if rich.Text(body) != "" && rich.Text(visible) == "" {
				t.Errorf("%s: nothing visible", path)
			}
			continue
		}
		r := text.Split(body)
		if r.Visible == "" {
			t.Errorf("%s: nothing visible", path)
		}
	}
}
