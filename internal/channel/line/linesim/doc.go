// Package linesim plays LINE for tests and for the demonstration: the Messaging
// API as its public reference describes it, and the people who write to an
// account. What they do calls the account's webhook with a real signature; what
// the account sends is on their screens.
package linesim
