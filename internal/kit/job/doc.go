// Package job keeps the product's duties: things to be done now or at a later
// time, as rows that are written in the same transaction as the state that
// calls for them.
//
// There are two sorts of duty.
//
// Do runs inside one transaction together with the removal of its row. The row's
// lock is its lease: a crash rolls everything back, so its effects in the
// database happen exactly once.
//
// Call runs outside any transaction, for what touches the world (sending a
// mail). Its row is marked with the member that runs it, and is free again when
// that member is no longer alive, so it runs at least once and never twice at
// the same time. No lease depends on a clock.
//
// A duty that fails is tried again after a growing pause and, after too many
// failures, lies dead, visible, until somebody revives it. Nothing is lost.
package job
