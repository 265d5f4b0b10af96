// Package handout gives files to the other sides of channels, which fetch what
// we send them by address: /f/{token}/{name}. The token names the bytes and the
// end of its life, and is signed: nobody can guess one, change one, or keep one
// for long. It is an address of one file, not of a person's rights.
package handout

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

// Base is the path below which files are handed out.
const Base = "/f/"

// life is how long an address works: vendors fetch within minutes, and some
// again when the customer opens the picture.
const life = 7 * 24 * time.Hour

const purpose = "handout"

// Files hands out files.
type Files struct {
	Key    *seal.Key
	Clock  clock.Clock
	Origin string // the address under which others reach us, without a slash at the end
	Get    func(ctx context.Context, blobKey string) (io.ReadSeekCloser, error)

	making sync.Mutex // previews: one picture is unfolded at a time
}

// File is what an address leads to.
type File struct {
	BlobKey     string `json:"b"`
	ContentType string `json:"t"`
	Name        string `json:"n"`
	Until       int64  `json:"u"`           // Unix seconds
	Preview     bool   `json:"p,omitempty"` // a small picture of it, see Preview
}

// Link returns an address of a file; "" where nobody outside can reach us by
// TLS, which vendors ask for.
func (f *Files) Link(file File) string {
	if !strings.HasPrefix(f.Origin, "https://") && !strings.HasPrefix(f.Origin, "http://127.") && !strings.HasPrefix(f.Origin, "http://localhost") {
		return ""
	}
	file.Until = f.Clock.Now().Add(life).Unix()
	b, err := json.Marshal(file)
	if err != nil {
		return ""
	}
	text := base64.RawURLEncoding.EncodeToString(b)
	return f.Origin + Base + text + "." + f.Key.Sign(purpose, text) + "/" + url.PathEscape(file.Name)
}

// ServeHTTP implements http.Handler.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "private, max-age=3600")
	file, ok := f.read(r.URL.Path)
	if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "there is nothing here, or not any more", http.StatusNotFound)
		return
	}
	content, err := f.Get(r.Context(), file.BlobKey)
	if err != nil {
		http.Error(w, "there is nothing here, or not any more", http.StatusNotFound)
		return
	}
	defer func() { _ = content.Close() }() // it was only read
	if file.Preview {
		f.preview(w, r, file, content)
		return
	}
	h.Set("Content-Type", file.ContentType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	http.ServeContent(w, r, "", time.Time{}, content)
}

func (f *Files) read(path string) (file File, ok bool) {
	token, _, _ := strings.Cut(strings.TrimPrefix(path, Base), "/")
	text, signature, _ := strings.Cut(token, ".")
	if !f.Key.Verify(purpose, text, signature) {
		return file, false
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(b, &file) != nil {
		return file, false
	}
	return file, f.Clock.Now().Unix() < file.Until
}
