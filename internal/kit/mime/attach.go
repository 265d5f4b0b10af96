package mime

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// attach makes a Part of a leaf.
func (c *collector) attach(n *node) {
	if len(c.mail.Parts) >= c.p.limits.MaxParts {
		c.p.problem(ProblemParts)
		return
	}
	data := c.p.body(n)
	encoding := n.header.raw("Content-Transfer-Encoding")
	if n.is("multipart/") || n.ctype == "application/octet-stream" && strings.HasPrefix(headerType(n), "multipart/") {
		encoding = "" // a multipart that was too deep is kept as it is
	}
	data = c.p.decodeTransfer(data, encoding)
	part := Part{
		Name:        n.fileName(),
		ContentType: n.ctype,
		ContentID:   strings.Trim(strings.TrimSpace(n.header.raw("Content-Id")), "<> "),
		Inline:      n.disposition == "inline" || n.disposition == "" && n.header.Has("Content-Id") && n.is("image/"),
	}
	if n.ctype == "message/rfc822" || n.ctype == "message/global" {
		part.Name = nestedName(part.Name, data)
	}
	if isTNEF(n.ctype, part.Name) {
		if c.unpackTNEF(data) {
			return
		}
		c.p.problem(ProblemTNEF)
	}
	c.add(part, data)
	if n.ctype == "text/calendar" || n.ctype == "application/ics" {
		c.mail.Calendar = append(c.mail.Calendar, c.mail.Parts[len(c.mail.Parts)-1])
	}
}

func headerType(n *node) string {
	return strings.ToLower(strings.TrimSpace(n.header.raw("Content-Type")))
}

// add appends a part that owns its bytes.
func (c *collector) add(part Part, data []byte) {
	part.Data = bytes.Clone(data)
	part.Size = len(part.Data)
	c.mail.Parts = append(c.mail.Parts, part)
}

func (c *collector) attachUU(files []uuFile) {
	for _, f := range files {
		if len(c.mail.Parts) >= c.p.limits.MaxParts {
			c.p.problem(ProblemParts)
			return
		}
		c.add(Part{Name: c.p.decodeHeader(f.name), ContentType: typeByName(f.name)}, f.data)
	}
}

// nestedName calls a message by its file name, else by its subject.
func nestedName(name string, data []byte) string {
	if name == "" {
		inner := &parser{limits: Limits{}.withDefaults()}
		h, _, _ := inner.splitHeader(unixEnds(data[:min(len(data), inner.limits.MaxHeaderBytes)]), true)
		name = strings.NewReplacer("/", "_", "\\", "_").Replace(collapse(inner.decodeHeader(h.raw("Subject"))))
	}
	if name == "" {
		name = "message"
	}
	if !strings.HasSuffix(strings.ToLower(name), ".eml") && !strings.HasSuffix(strings.ToLower(name), ".msg") {
		name = strings.TrimRight(name, ". ") + ".eml"
	}
	return name
}

// maxName is how many bytes a file name may have, as on most file systems.
const maxName = 200

// rename makes every name safe to show and to save.
func (c *collector) rename() {
	for i := range c.mail.Parts {
		part := &c.mail.Parts[i]
		part.Name = fileName(part.Name)
		if part.Name == "" && part.ContentType == "text/calendar" {
			part.Name = "invite.ics"
		}
		if part.Name == "" {
			part.Name = "attachment-" + strconv.Itoa(i+1) + extensionOf(part.ContentType)
		}
	}
	for i := range c.mail.Calendar {
		part := &c.mail.Calendar[i]
		if part.Name = fileName(part.Name); part.Name == "" {
			part.Name = "invite.ics"
		}
	}
}

// fileName drops path, control and direction-changing characters.
func fileName(name string) string {
	name = tidy(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 && i+1 < len(name) {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '/' || r == '\\':
			return '_'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff', r == '\u200b':
			return -1
		}
		return r
	}, name)
	name = strings.Trim(strings.TrimSpace(name), "\"")
	if strings.Trim(name, ". ") == "" {
		return ""
	}
	return shorten(name)
}

// shorten keeps the extension of a name that is too long.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 12 {
		ext = name[i:]
	}
	cut := maxName - len(ext)
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + ext
}

// extensions name the parts that came without a name.
var extensions = map[string]string{
	"text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/calendar": ".ics", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
	"text/rfc822-headers": ".txt", "text/rtf": ".rtf", "application/rtf": ".rtf", "text/xml": ".xml", "application/xml": ".xml", "application/json": ".json",
	"image/jpeg": ".jpg", "image/jpg": ".jpg", "image/pjpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/svg+xml": ".svg",
	"image/heic": ".heic", "image/bmp": ".bmp", "image/tiff": ".tiff", "application/pdf": ".pdf", "application/zip": ".zip",
	"application/x-zip-compressed": ".zip", "application/gzip": ".gz", "application/msword": ".doc", "application/vnd.ms-excel": ".xls",
	"application/vnd.ms-powerpoint": ".ppt", "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	"application/pgp-signature": ".asc", "application/pgp-encrypted": ".asc", "application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s",
	"application/pkcs7-mime": ".p7m", "application/x-pkcs7-mime": ".p7m", "message/rfc822": ".eml", "message/global": ".eml",
	"message/delivery-status": ".txt", "message/disposition-notification": ".txt", "message/feedback-report": ".txt",
	"audio/mpeg": ".mp3", "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/amr": ".amr", "audio/mp4": ".m4a", "audio/ogg": ".ogg",
	"video/mp4": ".mp4", "video/quicktime": ".mov", "video/3gpp": ".3gp", "application/ics": ".ics", "application/ms-tnef": ".dat",
}

func extensionOf(ctype string) string {
	if ext, ok := extensions[ctype]; ok {
		return ext
	}
	switch {
	case strings.HasPrefix(ctype, "text/"):
		return ".txt"
	case strings.HasPrefix(ctype, "message/"):
		return ".eml"
	}
	return ".bin"
}

// typeByName is the type of a file that came without one.
func typeByName(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "application/octet-stream"
	}
	ext := strings.ToLower(name[i:])
	best := "application/octet-stream"
	for ctype, e := range extensions {
		// Of several types with one extension take the first by name, so that
		// the answer is always the same.
		if e == ext && (best == "application/octet-stream" || ctype < best) {
			best = ctype
		}
	}
	return best
}
