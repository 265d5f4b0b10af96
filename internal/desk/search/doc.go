// Package search finds messages, conversations (by subject) and customers (by
// name and address), in Japanese and English, newest first.
//
// The words are cut in Go (package text): pairs of characters for Japanese, so
// that words of two characters are found, and whole words for the rest. The
// same tokens feed a contentless FTS5 table on SQLite and a tsvector on
// PostgreSQL, so both find the same. Documents are numbered as they come, and
// results are ordered by that number: to look at the newest fifty of a million
// matches, fifty are read.
//
// Facts in: message.received, message.posted, note.added, conversation.opened,
// conversation.updated, customer.created, customer.updated, customer.merged.
// Facts out: none.
//
// This package reads the tables of its neighbours, as insight does, and writes
// only its own.
package search
