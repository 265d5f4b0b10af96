package channel

import (
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Can is what fits through a channel. The zero value is a channel without any
// limit: mail.
type Can struct {
	Text      int           // units of text in one message; 0: any number
	Unit      Unit          // what is counted; "" is Characters
	Parts     int           // messages that one answer may become; 0: one
	Media     []Media       // files that can be sent; nil: any, unless NoMedia
	NoMedia   bool          // no file at all
	Files     int           // files in one answer; 0: any number
	Plain     bool          // no formatting
	OneToOne  bool          // no subject, no copies to others
	Window    time.Duration // how long after the customer's last message we may write; 0: always
	Templates bool          // outside the window a template may be sent
	Receipts  bool          // the other side says when it was delivered or read
	Typing    bool          // the other side can be shown that somebody writes
	Choices   int           // quick replies that can be offered below a text, each of MaxChoice characters; 0: none
	Public    bool          // a comment can be answered below it, for all to see
	Cost      string        // "", "message" (each costs), "quota" (so many a month)
}

// MaxChoice is how long the words of a quick reply may be, in characters: what
// every channel that has them takes.
const MaxChoice = 20

// Unit is what a channel counts when it limits text.
type Unit string

// The units.
const (
	Characters Unit = ""      // Unicode characters
	UTF16      Unit = "utf16" // as JavaScript and most vendors count
	Bytes      Unit = "bytes"
)

// Media is one sort of file that can be sent.
type Media struct {
	Name  string   // "image", "video", "audio", "document", …
	Types []string // media types, "image/*" for all of a family; nil: any
	Max   int64    // bytes; 0: the product's own limit
}

// Takes returns the sort under which a file can be sent; false if it cannot.
func (c Can) Takes(contentType string, size int64) (Media, bool) {
	if c.NoMedia {
		return Media{}, false
	}
	if c.Media == nil {
		return Media{Name: "document"}, true
	}
	for _, m := range c.Media {
		if m.is(contentType) && (m.Max == 0 || size <= m.Max) {
			return m, true
		}
	}
	return Media{}, false
}

// Largest returns the most bytes that a file of a type may have: 0 if none fits,
// negative if there is no limit.
func (c Can) Largest(contentType string) int64 {
	if c.NoMedia {
		return 0
	}
	if c.Media == nil {
		return -1
	}
	var most int64
	for _, m := range c.Media {
		if !m.is(contentType) {
			continue
		}
		if m.Max == 0 {
			return -1
		}
		most = max(most, m.Max)
	}
	return most
}

func (m Media) is(contentType string) bool {
	contentType, _, _ = strings.Cut(strings.ToLower(contentType), ";")
	contentType = strings.TrimSpace(contentType)
	for _, t := range m.Types {
		if family, any := strings.CutSuffix(t, "*"); t == contentType || any && strings.HasPrefix(contentType, family) {
			return true
		}
	}
	return m.Types == nil
}

// Count returns how long a text is in the channel's units.
func (c Can) Count(s string) int {
	switch c.Unit {
	case UTF16:
		return len(utf16.Encode([]rune(s)))
	case Bytes:
		return len(s)
	}
	return utf8.RuneCountInString(s)
}

// Room returns how long a text may be altogether; 0: as long as it likes.
func (c Can) Room() int { return c.Text * max(c.Parts, 1) }

// Split cuts a text into messages that fit, at the end of a paragraph, a line, a
// sentence or a word where there is one in the last half, else between
// characters. What fits is returned whole.
func (c Can) Split(s string) []string {
	if c.Text <= 0 || c.Count(s) <= c.Text {
		return []string{s}
	}
	var out []string
	for c.Count(s) > c.Text {
		at := c.cut(s)
		if head := strings.TrimRight(s[:at], " \n\u3000"); head != "" {
			out = append(out, head)
		}
		s = strings.TrimLeft(s[at:], " \n\u3000")
	}
	if s != "" {
		out = append(out, s)
	}
	return out
}

// cut returns where in s the first message ends, in bytes.
func (c Can) cut(s string) int {
	end, used := 0, 0
	for i, r := range s {
		n := c.Count(string(r))
		if used+n > c.Text {
			break
		}
		used, end = used+n, i+utf8.RuneLen(r)
	}
	if end == 0 { // one character is more than the channel takes at all
		_, end = utf8.DecodeRuneInString(s)
	}
	for _, mark := range []string{"\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "、", " "} {
		if at := strings.LastIndex(s[:end], mark); at >= end/2 {
			return at + len(mark)
		}
	}
	return end
}
