package mime

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
)

// TNEF is how Outlook wraps a mail when it believes that the other side is
// Outlook: one file winmail.dat with the attachments and the body inside.

func isTNEF(ctype, name string) bool {
	return ctype == "application/ms-tnef" || ctype == "application/vnd.ms-tnef" || strings.EqualFold(name, "winmail.dat")
}

const tnefSignature = 0x223e9f78

// Attributes of a TNEF stream (the low half of their ids).
const (
	tnefBody        = 0x800c
	tnefAttachData  = 0x800f
	tnefAttachTitle = 0x8010
	tnefAttachRend  = 0x9002
	tnefMessageMAPI = 0x9003
	tnefAttachMAPI  = 0x9005
	tnefCodepage    = 0x9007
)

// MAPI properties inside.
const (
	mapiBody         = 0x1000
	mapiRTF          = 0x1009
	mapiHTML         = 0x1013
	mapiAttachData   = 0x3701
	mapiFileName     = 0x3704
	mapiLongFileName = 0x3707
	mapiMimeTag      = 0x370e
	mapiContentID    = 0x3712
	mapiDisplayName  = 0x3001
)

// tnef is an unpacked stream.
type tnef struct {
	text, html string
	files      []Part
	codepage   string
	whole      bool // false when the stream ends in the middle
}

// unpackTNEF adds what a TNEF stream holds to the mail; false when it is no
// TNEF stream or nothing came out of it.
func (c *collector) unpackTNEF(data []byte) bool {
	t, ok := readTNEF(data)
	if !ok || len(t.files) == 0 && t.text == "" && t.html == "" {
		return false
	}
	if !t.whole {
		c.p.problem(ProblemTNEF)
	}
	for _, f := range t.files {
		if len(c.mail.Parts) >= c.p.limits.MaxParts {
			c.p.problem(ProblemParts)
			break
		}
		if f.Name == "" {
			f.Name = "attachment" + extensionOf(f.ContentType)
		}
		if f.ContentType == "" {
			f.ContentType = typeByName(f.Name)
		}
		c.add(f, f.Data)
	}
	c.tnefBody(t)
	return true
}

// tnefBody takes the body of the stream when the mail itself has none.
func (c *collector) tnefBody(t tnef) {
	for _, u := range c.units {
		if strings.TrimSpace(u.text) != "" || strings.TrimSpace(rich.Text(u.html)) != "" {
			return
		}
	}
	u := bodyUnit{}
	if strings.TrimSpace(t.text) != "" {
		u.add(c.clip(strings.ReplaceAll(t.text, "\r\n", "\n"), false), false)
	}
	if strings.TrimSpace(t.html) != "" {
		u.add(c.clip(t.html, true), true)
	}
	c.units = append(c.units, u)
}

// readTNEF walks the attributes. A wrong checksum is forgiven.
func readTNEF(data []byte) (tnef, bool) {
	t := tnef{codepage: "windows-1252"}
	if len(data) < 6 || binary.LittleEndian.Uint32(data) != tnefSignature {
		return t, false
	}
	r := &reader{data: data[6:]}
	var current *Part
	for r.left() > 0 {
		r.byte()
		id := r.uint16()
		r.uint16()
		value := r.bytes(int(r.uint32()))
		r.uint16()
		if r.failed {
			break
		}
		switch id {
		case tnefCodepage:
			if len(value) >= 4 {
				t.codepage = codepageName(binary.LittleEndian.Uint32(value))
			}
		case tnefBody:
			t.text = t.decode(value)
		case tnefMessageMAPI:
			t.messageProperties(value)
		case tnefAttachRend:
			t.files = append(t.files, Part{})
			current = &t.files[len(t.files)-1]
		case tnefAttachTitle, tnefAttachData, tnefAttachMAPI:
			if current != nil {
				t.attachment(current, id, value)
			}
		}
	}
	t.whole = !r.failed
	t.dropEmpty()
	return t, true
}

func (t *tnef) attachment(part *Part, id uint16, value []byte) {
	switch id {
	case tnefAttachTitle:
		if part.Name == "" {
			part.Name = t.decode(value)
		}
	case tnefAttachData:
		part.Data = value
	case tnefAttachMAPI:
		t.attachProperties(part, value)
	}
}

func (t *tnef) dropEmpty() {
	kept := t.files[:0]
	for _, f := range t.files {
		if len(f.Data) > 0 || f.Name != "" {
			kept = append(kept, f)
		}
	}
	t.files = kept
}

// decode reads a string of the stream's code page.
func (t *tnef) decode(value []byte) string {
	s, _ := convert(bytes.TrimRight(value, "\x00"), t.codepage, "")
	return s
}

func (t *tnef) messageProperties(data []byte) {
	for _, prop := range readMAPI(data) {
		switch prop.id {
		case mapiBody:
			t.text = t.propText(prop)
		case mapiHTML:
			t.html = t.propText(prop)
		case mapiRTF:
			if t.text == "" && t.html == "" {
				t.text = rtfText(inflateRTF(prop.value))
			}
		}
	}
}

func (t *tnef) attachProperties(part *Part, data []byte) {
	for _, prop := range readMAPI(data) {
		switch prop.id {
		case mapiLongFileName:
			part.Name = t.propText(prop)
		case mapiFileName, mapiDisplayName:
			if part.Name == "" {
				part.Name = t.propText(prop)
			}
		case mapiMimeTag:
			part.ContentType = strings.ToLower(t.propText(prop))
		case mapiContentID:
			part.ContentID = strings.Trim(t.propText(prop), "<> ")
		case mapiAttachData:
			// An object begins with the id of its interface.
			if prop.kind == mapiObject && len(prop.value) > 16 {
				part.Data = prop.value[16:]
			} else if len(prop.value) > 0 {
				part.Data = prop.value
			}
		}
	}
	if len(part.Data) > 4 && binary.LittleEndian.Uint32(part.Data) == tnefSignature {
		part.ContentType = "application/ms-tnef"
	}
}

func (t *tnef) propText(p mapiProperty) string {
	if p.kind == mapiUnicode {
		return utf16Text(p.value)
	}
	return t.decode(p.value)
}

func utf16Text(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(b[i:]))
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

// Types of MAPI properties that have a length of their own.
const (
	mapiObject  = 0x0d
	mapiString  = 0x1e
	mapiUnicode = 0x1f
	mapiBinary  = 0x102
	mapiMulti   = 0x1000
)

type mapiProperty struct {
	id, kind uint16
	value    []byte // of several values the first
}

// readMAPI reads a property list up to the first thing it does not know.
func readMAPI(data []byte) []mapiProperty {
	r := &reader{data: data}
	var out []mapiProperty
	for n := int(r.uint32()); n > 0 && r.left() > 0 && !r.failed; n-- {
		kind := r.uint16()
		id := r.uint16()
		if id >= 0x8000 {
			r.bytes(16)
			if r.uint32() == 0 {
				r.uint32()
			} else {
				r.padded(int(r.uint32()))
			}
		}
		value, ok := r.property(kind)
		if !ok || r.failed {
			break
		}
		out = append(out, mapiProperty{id, kind &^ mapiMulti, value})
	}
	return out
}

// property reads the value or values of one property.
func (r *reader) property(kind uint16) (value []byte, ok bool) {
	base := kind &^ mapiMulti
	count := 1
	size, fixed := mapiSizes[base]
	if !fixed && base != mapiObject && base != mapiString && base != mapiUnicode && base != mapiBinary {
		return nil, false
	}
	if kind&mapiMulti != 0 || !fixed {
		count = int(r.uint32())
	}
	for i := 0; i < count && !r.failed; i++ {
		var v []byte
		if fixed {
			v = r.bytes(size)
		} else {
			v = r.padded(int(r.uint32()))
		}
		if i == 0 {
			value = v
		}
	}
	return value, true
}

// mapiSizes are the types of fixed size, padded to four bytes.
var mapiSizes = map[uint16]int{
	0x00: 4, 0x01: 4, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16,
}

// reader reads little-endian values and remembers that it ran out.
type reader struct {
	data   []byte
	at     int
	failed bool
}

func (r *reader) left() int { return len(r.data) - r.at }

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > r.left() {
		r.failed = true
		return nil
	}
	b := r.data[r.at : r.at+n]
	r.at += n
	return b
}

// padded reads n bytes and what fills them up to four.
func (r *reader) padded(n int) []byte {
	b := r.bytes(n)
	if rest := n % 4; rest != 0 && !r.failed && r.left() >= 4-rest {
		r.at += 4 - rest
	}
	return b
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// codepageName is the charset of a Windows code page number.
func codepageName(n uint32) string {
	switch n {
	case 932:
		return "shift_jis"
	case 936:
		return "gb18030"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258:
		return "windows-" + strconv.Itoa(int(n))
	case 874:
		return "windows-874"
	case 65001:
		return "utf-8"
	case 50220, 50221, 50222:
		return "iso-2022-jp"
	case 20932, 51932:
		return "euc-jp"
	case 20866:
		return "koi8-r"
	}
	return "windows-1252"
}
