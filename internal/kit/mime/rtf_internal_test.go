package mime

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestRTFText(t *testing.T) {
	for _, c := range []struct{ rtf, want string }{
		{`{\rtf1\ansi\ansicpg932{\fonttbl{\f0 MS;}}\pard\'93\'fa\par\u26412?}`, "日\n本"},
		{`{\rtf1\uc2\u-10179\'83\'84x\tab y\line z\{\}\~\bullet}`, "\uFFFDx\ty\nz{} •"},
		{`{\rtf1{\*\generator x}{\info{\author y}}a{\b b}c}`, "abc"},
		{`{\rtf1{\*\htmltag <p>}Hello\htmlrtf \par\htmlrtf0 world{\*\htmltag </p>}}`, "Helloworld"},
		{`{\rtf1\ldblquote a\rdblquote\endash\emdash\lquote}`, `"a"–—'`},
		{`{\rtf1 broken \`, "broken"},
		{`}}}`, ""},
		{"", ""},
	} {
		if got := rtfText([]byte(c.rtf)); got != c.want {
			t.Errorf("rtfText(%q) = %q, want %q", c.rtf, got, c.want)
		}
	}
}

func TestInflateRTF(t *testing.T) {
	packed := func(kind uint32, body []byte) []byte {
		head := make([]byte, 16)
		binary.LittleEndian.PutUint32(head[8:], kind)
		return append(head, body...)
	}
	if got := inflateRTF(packed(0x414c454d, []byte("plain"))); string(got) != "plain" {
		t.Errorf("stored: %q", got)
	}
	// Two literals, then a reference to the seven bytes {\rtf1\ at the start of
	// the dictionary, then the end mark.
	end := uint16(len(rtfDictionary)+2+7) << 4
	if got := inflateRTF(packed(0x75465a4c, []byte{0b1100, 'a', 'b', 0x00, 0x05, byte(end >> 8), byte(end)})); string(got) != `ab{\rtf1\` {
		t.Errorf("packed: %q", got)
	}
	for _, bad := range [][]byte{nil, {1, 2}, packed(7, []byte("x")), packed(0x75465a4c, bytes.Repeat([]byte{0xff}, 100_000))} {
		inflateRTF(bad) // must come back
	}
}
