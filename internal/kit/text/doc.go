// Package text holds the pure rules for words that people write: folding for
// keys, language by script, tokens for full-text search, snippets, clipping,
// and the split of a reply into what is new and what is quoted.
//
// Everything here is a function of its arguments: no clock, no database, no
// network. Every function accepts any byte string, valid UTF-8 or not.
package text
