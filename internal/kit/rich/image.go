package rich

import (
	"encoding/base64"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// image settles the address of an img; false drops the element.
func (w *rewriter) image(t *html.Token) bool {
	src, at := "", -1
	for i, a := range t.Attr {
		if a.Key == "src" {
			src, at = strings.TrimSpace(a.Val), i
		}
	}
	if at < 0 {
		return false
	}
	scheme, rest, _ := strings.Cut(src, ":")
	switch strings.ToLower(scheme) {
	case "http", "https":
		w.clean.RemoteImages++
		if !w.opt.RemoteImages {
			t.Attr[at].Val = Placeholder
			t.Attr = append(t.Attr, html.Attribute{Key: "data-remote-src", Val: src})
		}
		return true
	case "cid":
		return w.cid(&t.Attr[at], rest)
	case "data":
		return isRaster(rest)
	}
	return false
}

func (w *rewriter) cid(attr *html.Attribute, escaped string) bool {
	id, err := url.PathUnescape(escaped)
	if err != nil {
		id = escaped
	}
	id = strings.Trim(id, "<> ")
	if !w.seen[id] {
		w.seen[id] = true
		w.clean.CIDs = append(w.clean.CIDs, id)
	}
	if w.opt.CID == nil {
		return false
	}
	address, ok := w.opt.CID(id)
	attr.Val = address
	return ok
}

// isRaster accepts data addresses (without "data:") that hold a picture of a
// type that cannot carry script, by its label and by its first bytes.
func isRaster(s string) bool {
	if len(s) > MaxDataURI {
		return false
	}
	label, data, ok := strings.Cut(s, ",")
	if !ok {
		return false
	}
	label = strings.ToLower(strings.ReplaceAll(label, " ", ""))
	kind, params, _ := strings.Cut(label, ";")
	if !strings.HasSuffix(params, "base64") {
		return false
	}
	magic, known := rasterMagic[kind]
	if !known {
		return false
	}
	head := strings.NewReplacer("\n", "", "\r", "", " ", "", "\t", "").Replace(data)
	raw, err := base64.StdEncoding.DecodeString(head)
	return err == nil && strings.HasPrefix(string(raw), magic)
}

// rasterMagic gives the first bytes of each picture type that may stand in a
// data address.
var rasterMagic = map[string]string{
	"image/gif":  "GIF8",
	"image/png":  "\x89PNG",
	"image/jpeg": "\xff\xd8",
	"image/jpg":  "\xff\xd8",
	"image/webp": "RIFF",
}

// protectCIDs escapes cid: addresses that the URL parser of the sanitiser would
// refuse: Content-IDs hold blanks, percent signs and Japanese file names.
func protectCIDs(source string) string {
	var b strings.Builder
	for {
		i := indexFold(source, "cid:")
		if i < 0 {
			b.WriteString(source)
			return b.String()
		}
		i += len("cid:")
		b.WriteString(source[:i])
		source = source[i:]
		if prev := b.String(); len(prev) < 5 || !strings.ContainsAny(prev[len(prev)-5:len(prev)-4], `"'`) {
			continue
		}
		quote := b.String()[b.Len()-5]
		end := strings.IndexByte(source, quote)
		if end < 0 || end > 512 {
			continue
		}
		b.WriteString(escapeCID(source[:end]))
		source = source[end:]
	}
}

func escapeCID(id string) string {
	id = html.UnescapeString(id)
	if raw, err := url.PathUnescape(id); err == nil {
		id = raw
	}
	return url.PathEscape(id)
}

// indexFold finds an ASCII needle without regard to case.
func indexFold(s, needle string) int {
	for at := 0; ; {
		i := strings.IndexAny(s[at:], needle[:1]+strings.ToUpper(needle[:1]))
		if i < 0 || at+i+len(needle) > len(s) {
			return -1
		}
		if strings.EqualFold(s[at+i:at+i+len(needle)], needle) {
			return at + i
		}
		at += i + 1
	}
}
