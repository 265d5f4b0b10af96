// Package inbox keeps the endpoints at which customers reach us: each inbox has
// an address, belongs to a brand, and knows how its channel receives and sends.
//
// Words: Settings are what a channel needs to work, Secrets the credentials
// among them; secrets are sealed when they are written and come out only by
// Secrets, for the channel itself. Health says how the last contacts went, receiving and
// sending each by itself. A
// Position says how far a folder was read.
//
// Invariants:
//   - an address, main or alias, belongs to one inbox;
//   - at most one inbox catches what is addressed to none;
//   - passwords go in the clear only to this very machine;
//   - a stored password is never used for another server or user name than the
//     one it was entered for;
//   - an inbox that has conversations is not deleted.
//
// Facts out: inbox.changed (whoever listens at inboxes reopens them),
// inbox.health (only when one direction turns from good to bad or back).
package inbox
