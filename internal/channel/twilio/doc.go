// Package twilio is what the channels over Twilio share: text messages and calls
// are one account, one HTTP interface and one way of calling us.
//
// Invariants: a call is believed only with a signature by the account's token
// over the address that was called and everything in it; credentials travel to
// Twilio's hosts only, and stand in no error.
package twilio
