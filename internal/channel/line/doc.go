// Package line is the channel to LINE, by its Messaging API.
//
// What it holds to:
//
//   - A call is believed only with LINE's signature over its exact bytes. Each
//     event becomes a delivery of its own, named by LINE's id of the event, so
//     that a redelivered event is the same delivery again.
//   - What people say to us alone becomes a message. What happens in groups,
//     where nobody can be answered alone, and what nobody said (a video that was
//     watched to its end, a linked account) is kept as an event and begins no
//     conversation.
//   - An answer goes by the reply token, which costs nothing, as long as that is
//     young; else it is pushed. Every push carries a key made of the message's
//     own id: a push whose answer was lost is made again with the same key, and
//     LINE carries it out once. For a reply there is no such key: its lost answer
//     is an AmbiguousError.
//   - LINE accepts messages to people who have blocked the account and shows them
//     to nobody. That they are blocked is known from the event of it alone.
//   - The channel access token goes to the address of the interface and nowhere
//     else; it is in no error and no log.
package line
