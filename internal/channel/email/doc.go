// Package email is the channel that reads and writes mail.
//
//   - Parse understands a raw mail (kit/mime, kit/bounce, kit/text do the work).
//   - An Endpoint is one configured place to read or send: it listens on IMAP, submits over
//     SMTP, checks its settings and reconciles what arrived with the server.
//   - A Receiver is the built-in SMTP or LMTP server for installations whose
//     mail is delivered straight to the product.
//
// Invariants:
//
//   - Nothing at the source is changed: folders are opened with EXAMINE, bodies
//     are read with BODY.PEEK, no flag is set, nothing is deleted. Flags that
//     others set are not looked at either.
//   - The cursor of a folder moves only past messages that deliver has taken, or
//     that the server has confirmed to be gone. Delivering twice is allowed,
//     passing over is not: a message that cannot be read is delivered as a
//     report of itself (see Incomplete).
//   - A submission is "not sent" until the moment before the final dot of DATA,
//     "ambiguous" from there until the server's answer, and decided after it.
//   - No field of an outgoing message can carry a line break.
//   - Passwords travel only over TLS, or in the clear to a loopback address.
package email
