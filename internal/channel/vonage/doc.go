// Package vonage is the channel to people by text messages, over Vonage's SMS API.
//
// Invariants: Parse is pure and reads one call of Vonage's; a call is believed
// only with a signature by the account's signature secret; a message's key is its
// id, a report's its id with its state. Vonage hands over the parts of a long
// message one by one: each is a message here, and says which part it is.
package vonage
