package chat

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Limits of files.
const (
	fileLife    = 24 * time.Hour // how long an address of a file works; reading again gives a new one
	sniffed     = 512            // bytes that tell a type
	filePurpose = "chat.file"
)

// Uploads reports whether a path is one that files are sent to.
func Uploads(urlPath string) bool {
	return strings.HasPrefix(urlPath, Base) && strings.HasSuffix(urlPath, "/files")
}

// uploaded is the answer to a file: it is kept until a message takes it along.
type uploaded struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// upload keeps a file. Its name comes in the query, its bytes are the body, and
// its type is what the bytes are.
func (c mouth) upload(v *visit) (any, error) {
	if err := c.slower(files, v.who.Address); err != nil {
		return nil, err
	}
	if c.pace.full(megabytes, c.Client(v.Request)) {
		return nil, tooMany(megabytes.every)
	}
	in := bufio.NewReaderSize(http.MaxBytesReader(v.w, v.Body, conversation.MaxUpload+1), sniffed)
	head, err := in.Peek(sniffed)
	if err != nil && err != io.EOF {
		return nil, err
	}
	name := v.URL.Query().Get("name")
	a, err := c.Files.Upload(v.Context(), owner(v.who), conversation.Attachment{Name: name, ContentType: contentType(name, head)}, in)
	c.pace.charge(megabytes, c.Client(v.Request), int(a.Size>>20)+1)
	return uploaded{ID: a.ID, Name: a.Name, Type: a.ContentType, Size: a.Size}, err
}

// finer are types that bytes alone do not tell apart, by what they look like and
// the end of the name.
var finer = [...]struct{ looks, ext, is string }{
	{"application/zip", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{"application/zip", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{"application/zip", ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	{"text/plain", ".csv", "text/csv"},
	{"application/octet-stream", ".doc", "application/msword"},
	{"application/octet-stream", ".xls", "application/vnd.ms-excel"},
	{"application/octet-stream", ".heic", "image/heic"},
	{"application/octet-stream", ".mov", "video/quicktime"},
}

// contentType is what bytes look like; the name only tells apart what looks alike.
func contentType(name string, head []byte) string {
	looks := http.DetectContentType(head)
	base, _, _ := strings.Cut(looks, ";")
	for _, f := range finer {
		if base == f.looks && strings.EqualFold(path.Ext(name), f.ext) {
			return f.is
		}
	}
	return looks
}

const filesSQL = `SELECT message_id, id, name, content_type, size, state FROM attachment WHERE message_id IN (`

// files reads the files of lines. at tells which line a message is.
func (c archive) files(ctx context.Context, tx *sqldb.Tx, list []line, at map[string]int) error {
	var ids []string
	for _, l := range list {
		ids = append(ids, l.ID)
	}
	marks, args := sqldb.In(1, ids)
	return tx.Each(ctx, func(r rowScanner) error {
		var message, file, state string
		var s shown
		err := r.Scan(&message, &file, &s.Name, &s.Type, &s.Size, &state)
		if err != nil {
			return err
		}
		if conversation.FileState(state) == conversation.FileReady {
			s.URL = c.fileURL(file, s.Name)
		}
		i := at[message]
		list[i].Files = append(list[i].Files, s)
		return nil
	}, filesSQL+marks+`) ORDER BY message_id, position`, args...)
}

// fileURL returns a path of a file here that works for a while, for whoever has it.
func (c archive) fileURL(file, name string) string {
	// Whole hours, so that a page that reads twice loads a picture once.
	until := c.Clock.Now().Add(fileLife).Truncate(time.Hour).Unix()
	claim := fmt.Sprintf("%s.%d", file, until)
	token := base64.RawURLEncoding.EncodeToString([]byte(claim)) + "." + c.Key.Sign(filePurpose, claim)
	return Base + "f/" + token + "/" + url.PathEscape(name)
}

func (c archive) readLink(token string) (file string, ok bool) {
	head, signature, _ := strings.Cut(token, ".")
	claim, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil || !c.Key.Verify(filePurpose, string(claim), signature) {
		return "", false
	}
	file, until, _ := strings.Cut(string(claim), ".")
	end, err := strconv.ParseInt(until, 10, 64)
	return file, err == nil && c.Clock.Now().Unix() < end && id.Is("att", file)
}

// download gives a file to whoever has its address. Pictures are shown, everything
// else is saved: nothing of a visitor's or an agent's runs here.
func (c archive) download(w http.ResponseWriter, r *http.Request) {
	if err := c.slow(r, perAddress); err != nil {
		c.fail(w, r, err)
		return
	}
	file, ok := c.readLink(r.PathValue("token"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	a, content, err := c.Files.Open(r.Context(), owner(session{}), file)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	defer func() { _ = content.Close() }() // it was only read
	how := "attachment"
	if picture(a.ContentType) {
		how = "inline"
	}
	h := w.Header()
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("Content-Type", a.ContentType)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": a.Name}))
	http.ServeContent(w, r, "", time.Time{}, content)
}

// picture reports whether a type is one that every browser shows and that cannot
// hold a script.
func picture(contentType string) bool {
	switch contentType {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}
