package recovery

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// maxText is how long a text in a case may be, in characters.
const maxText = 4000

func checkText(c *fault.Check, path, s string, required bool) {
	if required {
		c.Require(s != "", path)
	}
	c.That(utf8.RuneCountInString(s) <= maxText, path, "error.text.long", "max", maxText)
}

// normal trims the evidence and checks it.
func (e Evidence) normal(path string) (Evidence, error) {
	e = Evidence{Text: strings.TrimSpace(e.Text), MessageID: strings.TrimSpace(e.MessageID), Link: strings.TrimSpace(e.Link)}
	var c fault.Check
	c.That(!e.empty(), path, "error.recovery.evidence")
	checkText(&c, path+".text", e.Text, false)
	if e.Link != "" {
		u, err := url.Parse(e.Link)
		ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(e.Link) <= maxText
		c.That(ok, path+".link", "error.recovery.link")
	}
	return e, c.Err()
}

func itoa(n int) string { return strconv.Itoa(n) }

func itemPath(path string, i int) string { return path + "[" + itoa(i) + "]" }

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }
