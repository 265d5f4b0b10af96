// Package web carries the agent application and the message catalogue inside
// the program. The application is built by make and is not committed; a fresh
// clone compiles with an empty dist folder and the server says so in words.
package web

import (
	"embed"
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

// sub cannot fail: the folders are named by the embed directives above, so an
// error would be a mistake of this file and not a state of the program.
func sub(root embed.FS, dir string) fs.FS {
	inner, err := fs.Sub(root, dir)
	if err != nil {
		panic(err)
	}
	return inner
}
