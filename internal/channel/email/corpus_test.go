package email_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

// expectations end the names of files that are no mail but say what one holds.
var expectations = []string{".json", ".xml", ".list", ".ics", ".tnef", ".expected.json", ".trimmed.txt", ".elided.txt", ".dat", ".signature.txt", ".sender.txt"}

// noMail lists the only inputs of the corpus that may be refused, with the reason.
var noMail = map[string]string{
	"spamassassin-spam/bsmtpnull.eml": "the file is empty",
}

// slowest is how long one mail of the corpus may take, with room for the race
// detector on a busy machine.
const slowest = 10 * time.Second

// TestCorpus puts every mail of the corpus through Parse: none crashes it, none
// is refused but those listed, and none is understood as nothing.
func TestCorpus(t *testing.T) {
	for _, sub := range []string{"email", "bounce", "reply-quote"} {
		t.Run(sub, func(t *testing.T) {
			root := corpus.Dir(t, sub)
			var mails, bounces, automatic, spam int
			err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || slices.ContainsFunc(expectations, func(end string) bool { return strings.HasSuffix(path, end) }) {
					return err
				}
				raw, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				name, err := filepath.Rel(root, path)
				if err != nil {
					return err
				}
				start := time.Now()
				msg, err := email.Parse(raw)
				if took := time.Since(start); took > slowest {
					t.Errorf("%s takes %s", name, took)
				}
				if _, listed := noMail[filepath.ToSlash(name)]; listed != (err != nil) {
					t.Errorf("%s: error %v, listed %v", name, err, listed)
				}
				if err != nil {
					return nil
				}
				mails++
				if msg.Bounce != nil {
					bounces++
				}
				if msg.Auto != "" {
					automatic++
				}
				if msg.Spam != "" {
					spam++
				}
				if msg.Visible == "" && strings.TrimSpace(msg.Text) != "" {
					t.Errorf("%s: there is text and none of it is visible", name)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d mails understood, %d reports, %d automatic, %d marked as spam", sub, mails, bounces, automatic, spam)
		})
	}
}
