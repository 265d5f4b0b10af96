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

// scripts are the files that pages load: the loader under a name that stays, and
// the parts it loads under names of what they hold.
type scripts struct {
	loader asset
	parts  map[string]asset // by part
	names  scriptNames
}

// scriptNames are the names of the parts at present, below Base.
type scriptNames struct {
	Panel  string `json:"panel"`
	More   string `json:"more"`
	Prompt string `json:"prompt"`
}

type asset struct {
	body, zipped []byte
	hash         string
}

// The loader, and the parts.
const (
	loaderPart = "loader"
	panelPart  = "panel"
	morePart   = "more"
	promptPart = "prompt"
	pushPart   = "push" // what a site's service worker imports, by this name
	scriptType = ".js"
)

// How long browsers keep a script.
const (
	keepShort   = "public, max-age=300"
	keepForever = "public, max-age=31536000, immutable"
	keepNever   = "no-store"
)

func newScripts(built fs.FS) (*scripts, error) {
	s := &scripts{parts: map[string]asset{}}
	var err error
	if s.loader, err = readAsset(built, loaderPart); err != nil {
		return nil, err
	}
	var unnamed string
	for part, name := range map[string]*string{pushPart: &unnamed, panelPart: &s.names.Panel, morePart: &s.names.More, promptPart: &s.names.Prompt} {
		a, err := readAsset(built, part)
		if err != nil {
			return nil, err
		}
		s.parts[part], *name = a, part+"-"+a.hash+scriptType
	}
	return s, nil
}

// readAsset reads a file of the build. One that is not there says so when it is
// asked for.
func readAsset(built fs.FS, part string) (a asset, err error) {
	a.body, err = fs.ReadFile(built, part+scriptType)
	if errors.Is(err, fs.ErrNotExist) {
		return asset{hash: "none"}, nil
	}
	if err != nil {
		return a, err
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return a, err
	}
	if _, err := w.Write(a.body); err != nil {
		return a, err
	}
	if err := w.Close(); err != nil {
		return a, err
	}
	sum := sha256.Sum256(a.body)
	a.zipped, a.hash = z.Bytes(), hex.EncodeToString(sum[:8])
	return a, nil
}

func (s *scripts) first(w http.ResponseWriter, r *http.Request) { s.loader.serve(w, r, keepShort) }

// part serves a part. The name of another release, which a page still knows that
// was opened before an upgrade, gives the part as it is now, and is not kept: all
// releases mount the panel alike.
func (s *scripts) part(w http.ResponseWriter, r *http.Request) {
	part, hash, named := strings.Cut(strings.TrimSuffix(r.PathValue("script"), scriptType), "-")
	a, ok := s.parts[part]
	if !ok || !strings.HasSuffix(r.PathValue("script"), scriptType) {
		http.NotFound(w, r)
		return
	}
	keep := keepShort // the name of the releases before
	if named {
		keep = keepNever
	}
	if named && hash == a.hash {
		keep = keepForever
	}
	a.serve(w, r, keep)
}

func (a asset) serve(w http.ResponseWriter, r *http.Request, keep string) {
	if a.body == nil {
		http.Error(w, "The chat panel has not been built. Run `make build`, then start the program again.", http.StatusServiceUnavailable)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Access-Control-Allow-Origin", "*") // pages may check what they load by its hash
	h.Set("Vary", "Accept-Encoding")
	etag := `"` + a.hash + `"`
	h.Set("ETag", etag)
	h.Set("Cache-Control", keep)
	if r.Header.Get("If-None-Match") == etag {
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
