package corpus_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/bounce"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// BenchmarkMail takes the mails of one folder through all that intake does
// with them.
func BenchmarkMail(b *testing.B) {
	dir := corpus.Dir(b, "email/chatwoot")
	paths, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(paths) == 0 {
		b.Fatal(err)
	}
	raws := make([][]byte, len(paths))
	mails := make([]*mime.Mail, len(paths))
	for i, p := range paths {
		if raws[i], err = os.ReadFile(p); err != nil {
			b.Fatal(err)
		}
		if mails[i], err = mime.Parse(raws[i], mime.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
	for name, step := range map[string]func(i int){
		"parse":    func(i int) { mime.Parse(raws[i], mime.Limits{}) },
		"detect":   func(i int) { bounce.Detect(mails[i], raws[i]) },
		"split":    func(i int) { text.Split(mails[i].Text) },
		"tokens":   func(i int) { text.Tokens(mails[i].Text) },
		"sanitize": func(i int) { rich.Sanitize(mails[i].HTML, rich.Options{}) },
		"visible":  func(i int) { rich.Visible(mails[i].HTML) },
	} {
		b.Run(name, func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				step(n % len(paths))
			}
		})
	}
}
