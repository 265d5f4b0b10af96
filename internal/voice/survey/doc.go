// Package survey asks customers how satisfied they are and keeps what they answer.
//
// Words. A Policy says for one inbox whether and when to ask. An Invitation is
// one request to one customer after one resolution, or the reason why there was
// none. A Response is what came back; every version of it is kept.
//
// An invitation is planned when a conversation is resolved, and looked at again
// when its time has come: only what still holds is sent. It goes out as a letter
// of the outbox, in the customer's language, with five links. A link opens a
// page and records nothing; the page's form does. So a mail scanner that follows
// every link leaves no score. Where customers read the thread itself (the chat)
// they are asked and answer in it, under the same rules, and get no letter.
//
// Invariants.
//   - At most one invitation exists for a resolution of a conversation, and at
//     most one response for an invitation.
//   - The link's token is kept here only as a hash; the outbox keeps the letter.
//   - Agent, team and brand of an invitation are those at the time of sending;
//     its response repeats them and never changes them.
//   - A response can be changed for ChangeFor after the first answer. Each
//     version is a row of its history.
//   - Other packages may have a customer asked (AskTx); what they give as Link
//     is opaque here and comes back in every fact.
//
// Facts in: conversation.resolved, delivery.changed, customer.merged,
// customer.parted.
// Facts out: see event.go.
package survey
