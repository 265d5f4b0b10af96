// Package team keeps those who serve: agents with their roles, passwords and
// sessions, the teams they stand in, and the API keys that act beside them.
//
// Words: an Agent signs in with a mail address and a password and works in a
// Session; a Role is a fixed set of Permissions; a Key is a program's way in.
//
// Invariants:
//   - once there is an administrator, at least one active administrator remains;
//   - a password, a session's token, a key's token and the set-up token are
//     stored only as hashes;
//   - an agent who is not active has no session and cannot get one;
//   - the answer to a wrong sign-in is the same, and takes the same time,
//     whether the address is known or not.
//
// Facts out: the constants ending in Fact. They are the audit trail of the
// settings; nothing in here listens to facts.
package team
