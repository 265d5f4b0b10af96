package email

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// entity is one node of the MIME tree: a multipart with children or a leaf with
// a body. Exactly one of parts, text and file is set.
type entity struct {
	fields   []string // Content-… lines, without the transfer encoding
	boundary string
	parts    []*entity
	text     *string
	file     *channel.OutgoingPart
}

// body builds the tree: mixed(related(alternative(text, html), inline…), attachments…)
// with every level left out that would hold only one part.
func (c *composer) body() *entity {
	main := c.text("text/plain", c.out.Text)
	if c.out.HTML != "" {
		main = c.multipart("alternative", []*entity{main, c.text("text/html", c.out.HTML)})
		var inline []*entity
		for i := range c.out.Parts {
			if p := &c.out.Parts[i]; p.Inline && p.ContentID != "" {
				inline = append(inline, leaf(p, "inline"))
			}
		}
		main = c.multipart("related", append([]*entity{main}, inline...))
	}
	all := []*entity{main}
	for i := range c.out.Parts {
		if p := &c.out.Parts[i]; !p.Inline || p.ContentID == "" || c.out.HTML == "" {
			all = append(all, leaf(p, "attachment"))
		}
	}
	return c.multipart("mixed", all)
}

func (c *composer) multipart(kind string, parts []*entity) *entity {
	if len(parts) == 1 {
		return parts[0]
	}
	c.made++
	// "=_" occurs in no base64 and in no quoted-printable text, so no body can
	// hold the boundary.
	boundary := fmt.Sprintf("=_%s_%d", c.seed, c.made)
	param := ""
	if kind == "related" {
		param = ` type="multipart/alternative";`
	}
	return &entity{
		fields:   []string{"Content-Type: multipart/" + kind + ";" + param + "\r\n boundary=\"" + boundary + `"`},
		boundary: boundary,
		parts:    parts,
	}
}

func (c *composer) text(kind, body string) *entity {
	return &entity{fields: []string{"Content-Type: " + kind + "; charset=utf-8"}, text: &body}
}

func leaf(p *channel.OutgoingPart, kind string) *entity {
	name := fileName(p.Name)
	e := &entity{file: p, fields: []string{
		"Content-Type: " + partType(p.ContentType, name),
		"Content-Disposition: " + disposition(kind, name),
	}}
	if id := strings.Trim(p.ContentID, "<>"); validID(id) {
		e.fields = append(e.fields, "Content-ID: <"+id+">")
	}
	return e
}

// write writes the entity's fields, the empty line and its body.
func (e *entity) write(ctx context.Context, w io.Writer) error {
	if e.text != nil {
		return e.writeText(w)
	}
	head := strings.Join(e.fields, "\r\n") + "\r\n"
	if e.file != nil {
		if _, err := io.WriteString(w, head+"Content-Transfer-Encoding: base64\r\n\r\n"); err != nil {
			return err
		}
		return writeFile(ctx, w, e.file)
	}
	if _, err := io.WriteString(w, head+"\r\n"); err != nil {
		return err
	}
	for _, p := range e.parts {
		if _, err := io.WriteString(w, "--"+e.boundary+"\r\n"); err != nil {
			return err
		}
		if err := p.write(ctx, w); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\r\n"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "--"+e.boundary+"--\r\n")
	return err
}

// writeText writes a text body as readable as it can be: as it is when it is
// ASCII in short lines, quoted-printable when it is mostly ASCII, else base64.
func (e *entity) writeText(w io.Writer) error {
	body := crlf(*e.text)
	wide, long := 0, 0
	for line := range strings.SplitSeq(body, "\r\n") {
		long = max(long, len(line))
	}
	for _, r := range body {
		if r > '~' || r < ' ' && r != '\r' && r != '\n' && r != '\t' {
			wide++
		}
	}
	var encoding string
	var encoder io.WriteCloser
	switch {
	case wide == 0 && long <= lineWidth+2 && !strings.Contains(body, "=_"):
		encoding, encoder = "7bit", nopCloser{w}
	case wide*6 <= len(body):
		encoding, encoder = "quoted-printable", quotedprintable.NewWriter(w)
	default:
		encoding, encoder = "base64", newBase64(w)
	}
	head := strings.Join(e.fields, "\r\n") + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n"
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	if _, err := io.WriteString(encoder, body); err != nil {
		return err
	}
	return encoder.Close()
}

// writeFile streams a file in base64.
func writeFile(ctx context.Context, w io.Writer, p *channel.OutgoingPart) (err error) {
	if p.Open == nil {
		return unsendable("the attachment %q cannot be read", fileName(p.Name))
	}
	r, err := p.Open(ctx)
	if err != nil {
		return fmt.Errorf("attachment %q: %w", fileName(p.Name), err)
	}
	defer func() {
		if e := r.Close(); err == nil && e != nil {
			err = fmt.Errorf("attachment %q: %w", fileName(p.Name), e)
		}
	}()
	b := newBase64(w)
	if _, err := io.Copy(b, r); err != nil {
		return fmt.Errorf("attachment %q: %w", fileName(p.Name), err)
	}
	return b.Close()
}

// crlf writes every line end as CR LF and ends the text with one.
func crlf(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	s = strings.TrimRight(s, "\n") + "\n"
	return strings.ReplaceAll(s, "\n", "\r\n")
}

type nopCloser struct{ io.Writer }

// Close implements io.Closer.
func (nopCloser) Close() error { return nil }

// base64Lines encodes in lines of 76 characters.
type base64Lines struct {
	io.WriteCloser
	lines *lineBreaker
}

func newBase64(w io.Writer) *base64Lines {
	lines := &lineBreaker{w: w}
	return &base64Lines{WriteCloser: base64.NewEncoder(base64.StdEncoding, lines), lines: lines}
}

// Close writes what is left and ends the last line.
func (b *base64Lines) Close() error {
	if err := b.WriteCloser.Close(); err != nil {
		return err
	}
	if b.lines.at == 0 {
		return nil
	}
	_, err := io.WriteString(b.lines.w, "\r\n")
	return err
}

// lineBreaker breaks a stream into lines of lineWidth bytes.
type lineBreaker struct {
	w  io.Writer
	at int
}

// Write implements io.Writer.
func (l *lineBreaker) Write(p []byte) (int, error) {
	n := 0
	for len(p) > 0 {
		k := min(len(p), lineWidth-l.at)
		if _, err := l.w.Write(p[:k]); err != nil {
			return n, err
		}
		n, p, l.at = n+k, p[k:], l.at+k
		if l.at < lineWidth {
			continue
		}
		if _, err := io.WriteString(l.w, "\r\n"); err != nil {
			return n, err
		}
		l.at = 0
	}
	return n, nil
}
