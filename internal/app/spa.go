package app

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// page is one built file of the agent application, compressed once.
type page struct {
	body, zipped, dense []byte // plain, gzip, brotli
	kind, etag          string
}

// spa serves the agent application: hashed files for ever, index.html for every
// other path, so that a page can be reloaded anywhere.
type spa struct{ pages map[string]page }

func newSPA(dist fs.FS) (*spa, error) {
	s := &spa{pages: map[string]page{}}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") || path.Ext(name) == denseExt {
			return err
		}
		b, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		p, err := newPage(name, b)
		if dense, none := fs.ReadFile(dist, name+denseExt); none == nil {
			p.dense = dense
		}
		s.pages[name] = p
		return err
	})
	return s, err
}

// denseExt marks what the build has compressed as well as it can be.
const denseExt = ".br"

func newPage(name string, b []byte) (page, error) {
	p := page{body: b, kind: mime.TypeByExtension(path.Ext(name)), etag: fmt.Sprintf(`"%x-%x"`, len(b), checksum(b))}
	if p.kind == "" {
		p.kind = http.DetectContentType(b)
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return p, err
	}
	if _, err := w.Write(b); err != nil {
		return p, err
	}
	if err := w.Close(); err != nil {
		return p, err
	}
	if z.Len() < len(b)*9/10 {
		p.zipped = z.Bytes()
	}
	return p, nil
}

func checksum(b []byte) uint64 {
	h := uint64(14695981039346656037) // FNV-1a, enough to tell builds apart
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// ServeHTTP implements http.Handler.
func (s *spa) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	p, ok := s.pages[name]
	if !ok {
		if strings.HasPrefix(name, "assets/") || strings.HasPrefix(name, "api/") {
			http.NotFound(w, r)
			return
		}
		name = "index.html"
		if p, ok = s.pages[name]; !ok {
			http.Error(w, "The user interface has not been built. Run `make build`, then start the program again.", http.StatusServiceUnavailable)
			return
		}
	}
	h := w.Header()
	h.Set("Content-Type", p.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", p.etag)
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		if ext := path.Ext(name); ext == ".js" || ext == ".css" || ext == ".woff2" { // no documents: what holds for those is weight here
			for _, name := range []string{"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy"} {
				h.Del(name)
			}
		}
	}
	if r.Header.Get("If-None-Match") == p.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body, accepts := p.body, r.Header.Get("Accept-Encoding")
	switch {
	case p.dense != nil && strings.Contains(accepts, "br"):
		h.Set("Content-Encoding", "br")
		body = p.dense
	case p.zipped != nil && strings.Contains(accepts, "gzip"):
		h.Set("Content-Encoding", "gzip")
		body = p.zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a client that went away needs nothing more
	}
}
