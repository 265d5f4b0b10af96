// Package voice is the channel to people who call a telephone number, over
// Twilio. A call is answered by a machine: it greets, takes a message or a wish
// to be called back, and every call that brings neither is shown as missed.
// Agents call back by telephone; nothing is sent from here.
//
// Invariants: Parse is pure and reads one call of Twilio's; a recording is never
// taken for anything else and never kept from the desk; of the other ends of a
// telephone call (missed, call back) only the first counts, as they share a key.
package voice
