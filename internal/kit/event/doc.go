// Package event keeps the journal of facts: what happened, in one order, as
// rows written in the same transaction as the state they report.
//
// Emit stages a fact on a transaction. Just before the commit all staged facts
// get their numbers, one after the other without gaps, and for every listener
// of a fact one duty is added. So a listener runs if and only if the fact was
// committed, its effects in the database happen exactly once, and whoever reads
// the journal after a number misses nothing.
//
// Facts come up: a package emits its own facts and never knows who listens. The
// list of listeners is one table in package app.
package event
