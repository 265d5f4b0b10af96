package chat

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"strings"
)

// scripts are the two files that pages load.
type scripts struct{ first, second asset }

type asset struct {
	body, zipped []byte
	etag         string
}

// The built files.
const (
	loaderFile = "loader.js"
	panelFile  = "panel.js"
)

func newScripts(built fs.FS) (*scripts, error) {
	var s scripts
	for name, at := range map[string]*asset{loaderFile: &s.first, panelFile: &s.second} {
		b, err := fs.ReadFile(built, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // not built: it says so when it is asked for
		}
		if err != nil {
			return nil, err
		}
		var z bytes.Buffer
		w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(b); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		*at = asset{body: b, zipped: z.Bytes(), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	return &s, nil
}

func (s *scripts) loader(w http.ResponseWriter, r *http.Request) { s.first.serve(w, r) }
func (s *scripts) panel(w http.ResponseWriter, r *http.Request)  { s.second.serve(w, r) }

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	if a.body == nil {
		http.Error(w, "The chat panel has not been built. Run `make build`, then start the program again.", http.StatusServiceUnavailable)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Access-Control-Allow-Origin", "*") // pages may check what they load by its hash
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", a.etag)
	h.Set("Cache-Control", "public, max-age=300")
	if r.Header.Get("If-None-Match") == a.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	_, _ = w.Write(body) // who went away needs nothing more
}
