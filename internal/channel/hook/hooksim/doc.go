// Package hooksim plays the other side of the open door for tests and for the
// demonstration: an application that takes our signed calls, and people who
// write to us through it.
package hooksim
