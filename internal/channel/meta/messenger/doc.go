// Package messenger is two channels that the vendor builds alike: Messenger, to
// people who write to a Facebook page, and Instagram, to people who write to a
// professional account. Comments below posts arrive as well.
//
// Invariants: Parse is pure and reads one event in the vendor's own form; a call
// is cut into events that keep every member the vendor sent; what the business
// said itself is never taken for a customer's word; files are fetched without
// credentials from the addresses that came with the message.
//
// An answer to a comment goes to its writer in private. The vendor takes one such
// answer a comment, within seven days.
package messenger
