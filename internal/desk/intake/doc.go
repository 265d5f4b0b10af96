// Package intake is the door through which all mail comes in, and the ledger of
// everything that ever came.
//
// The order is: bytes to the blob store; one transaction with the ledger row,
// the customer, the conversation, the message, the facts and their duties; only
// then may the source be told that the mail is safe. What a crash interrupts is
// delivered again and falls on the same row.
//
// Invariants:
//   - one source key of an inbox is one row, whatever happens;
//   - every row is in one visible state with its reason: linked, duplicate,
//     auto-reply, bounce, spam or quarantined;
//   - the same mail by another way (same Message-ID, same content) is a duplicate;
//     the same Message-ID with other content is kept, and so is a mail without
//     a Message-ID;
//   - the same mail to two inboxes arrives in both;
//   - our own mail coming back never becomes a conversation by itself;
//   - the raw bytes are kept, so that a mail can be understood again later.
//
// Facts out: mail.quarantined.
package intake
