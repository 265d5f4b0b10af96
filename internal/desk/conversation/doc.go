// Package conversation keeps threads with customers: their messages, notes, drafts and status.
package conversation
