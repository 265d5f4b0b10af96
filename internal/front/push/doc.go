// Package push tells visitors of a chat who are away that there is an answer: their
// browsers by web push, and the server of a company's own app by a signed call,
// from which it can push by whatever service it uses.
//
// What is sent has no words of the conversation. It is sent a moment after an
// answer has left, if it is still unread and no page of the visitor is connected;
// a browser is told once, and again only after the visitor has looked.
//
// Invariants:
//   - where a browser is reached is kept sealed, and every connection goes by the
//     product's rules for outgoing ones, as a page chooses the address;
//   - a browser that is gone (404, 410) is forgotten;
//   - only who is addressed by an unread message is told of it.
//
// Facts in: message.delivered (OnDelivered).
package push
