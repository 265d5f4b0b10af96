package forms

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	sent "github.com/kintsugi-desk/kintsugi/internal/channel/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of a request.
const (
	// maxBody is how much is read at all. It is more than what is taken, so that
	// who chose too large a file is told so and keeps what they typed.
	maxBody   = 4 * form.MaxAll
	maxFields = 100       // texts
	maxField  = 128 << 10 // bytes of one text: the longest answer, four bytes a character
	maxParts  = 200
)

// post is what a page sent.
type post struct {
	values  url.Values
	files   []sent.File
	trouble string // a phrase key about the files, "" for none
	verdict verdict
}

// errUnreadable says that a request is no form.
var errUnreadable = errors.New("no form")

// receive reads a post. Texts come before files; before the first file is stored
// the attempt is judged, so that nobody fills the disk who would be refused.
func (p *Pages) receive(r *http.Request, scope string) (post, error) {
	in := post{values: url.Values{}}
	judged := false
	judge := func() {
		if !judged {
			in.verdict, judged = p.judge(attempt{scope: scope, ticket: in.values.Get("ticket"), work: in.values.Get("work"),
				trap: in.values.Get("reference"), address: p.ClientAddress(r)}), true
		}
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/x-www-form-urlencoded" {
		if err := r.ParseForm(); err != nil {
			return in, unreadable(err)
		}
		in.values = r.PostForm
		judge()
		return in, nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return in, errUnreadable
	}
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			judge()
			return in, nil
		}
		if err != nil {
			return in, unreadable(err)
		}
		if part.FileName() == "" {
			if err := in.text(part); err != nil {
				return in, err
			}
			continue
		}
		judge()
		if err := p.file(r, &in, part); err != nil {
			return in, err
		}
	}
	return in, errUnreadable
}

func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return errUnreadable
}

func (in *post) text(part *multipart.Part) error {
	b, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return unreadable(err)
	}
	if len(in.values) >= maxFields || len(b) > maxField {
		return errUnreadable
	}
	if part.FormName() != "files" { // an empty choice of files
		in.values.Add(part.FormName(), string(b))
	}
	return nil
}

// file stores a file, or reads past it if it is not wanted.
func (p *Pages) file(r *http.Request, in *post, part *multipart.Part) error {
	var had int64
	for _, f := range in.files {
		had += f.Size
	}
	switch {
	case in.verdict.why != "":
		in.trouble = "form.again.files"
	case len(in.files) >= form.MaxFiles:
		in.trouble = "error.form.files"
	}
	if in.trouble != "" {
		_, err := io.Copy(io.Discard, part)
		return unread(err)
	}
	key, size, err := p.Keep(r.Context(), io.LimitReader(part, form.MaxFile+1))
	if err != nil {
		return unread(err)
	}
	switch {
	case size > form.MaxFile:
		in.trouble = "error.form.fileLarge"
	case had+size > form.MaxAll:
		in.trouble = "error.form.filesLarge"
	case size == 0:
		in.trouble = "error.form.fileEmpty"
	}
	if in.trouble != "" {
		_, err := io.Copy(io.Discard, part)
		return unread(err)
	}
	in.files = append(in.files, sent.File{Name: fileName(part.FileName()), Type: typeOf(part.Header.Get("Content-Type")), Size: size, Key: key})
	return nil
}

// unread keeps the kinds of errors that a reader can cause apart from ours.
func unread(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errUnreadable
	}
	return err
}

// maxFileName is how much of a file's name is kept, in characters.
const maxFileName = 150

func fileName(s string) string {
	name := filepath.Base(strings.ReplaceAll(text.Line(s), `\`, "/"))
	if r := []rune(name); len(r) > maxFileName {
		name = string(r[len(r)-maxFileName:]) // the end says what it is
	}
	return name
}

func typeOf(header string) string {
	kind, _, err := mime.ParseMediaType(header)
	if err != nil || len(kind) > 100 {
		return "application/octet-stream"
	}
	return kind
}
