// Package tag keeps the words that agents put on conversations. A tag may mean
// a complaint: putting it on a conversation calls for a recovery case.
//
// Invariants: no two tags have the same name, whatever its case or width.
//
// Facts out: tag.updated, also for a new tag; tag.deleted.
package tag
