// Package sms is the channel to people by text messages, over Twilio.
//
// Invariants: Parse is pure and reads one call of Twilio's; a message's key is
// its SID, a report's its SID with its state; STOP and START say who may be
// written to and stay messages; files travel as addresses, theirs fetched after
// the message is safe, ours given out for a while.
package sms
