// Package web carries the agent application and the message catalogue inside
// the program. The application is built by make and is not committed; a fresh
// clone compiles with an empty dist folder and the server says so in words.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"io"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed messages/en/*.json messages/ja/*.json
var messages embed.FS

// Dist returns the built single page application with index.html at its root.
// Before the first build it holds a placeholder only, so callers must expect
// index.html to be missing.
func Dist() fs.FS { return sub(dist, "dist") }

// Messages returns the catalogue: one folder a language ("en", "ja"), one JSON
// file of flat keys an area.
func Messages() fs.FS { return sub(messages, "messages") }

// Font returns the typeface in which stickers are printed; none in a program that
// was built without its pages.
func Font() ([]byte, error) {
	packed, err := dist.ReadFile("dist/.label.ttf.gz")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// sub cannot fail: the folders are named by the embed directives above, so an
// error would be a mistake of this file and not a state of the program.
func sub(root embed.FS, dir string) fs.FS {
	inner, err := fs.Sub(root, dir)
	if err != nil {
		panic(err)
	}
	return inner
}
