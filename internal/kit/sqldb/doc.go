// Package sqldb opens the product's database, embedded SQLite or PostgreSQL,
// and hands out transactions. One SQL text runs on both; what differs stands
// in dialect.go and nowhere else.
//
// Write runs a function in one transaction that carries a fixed Now, and may
// run it again after a serialisation failure: the function must have no effect
// but on its Tx. Effects outside the database are registered with AfterCommit,
// run only after the commit, and must not matter (a lost hint is found again by
// polling); everything that matters is a row.
//
// SQLite has one writer connection and a pool of read-only ones, in WAL mode
// with synchronous=FULL: a committed transaction survives power loss.
// On PostgreSQL transactions run at READ COMMITTED; a command that reads before
// it writes takes Tx.Lock on the row, or Tx.Serialize on a name, first.
package sqldb
