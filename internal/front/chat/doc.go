// Package chat is the outlet through which visitors of web pages and apps talk
// with the desk: the script that a page includes (/chat.js), the panel it opens,
// and the protocol behind both (/chat/{inbox}/…), which docs/CHAT.md describes.
//
// What a visitor writes goes through intake.Door like any other message; what
// agents answer is read from the conversation. Words have one way out, history.go,
// which asks of every message, beside its conversation, that it was said by this
// visitor or to them. Everything else – the WebSocket, typing, the badge – only
// says that there is something to read.
//
// Invariants:
//   - a page of a site that the inbox does not name reads and writes nothing;
//   - a visitor reads messages, never notes, entries or other inboxes, and no
//     message before its letter has left the hold;
//   - what was accepted with 200 is committed, and the same client id again is the
//     same message;
//   - who a visitor is follows from a session token that only the page and we know
//     (here as a hash), or from a signature of the site, never from an address;
//   - nothing of a visitor is kept before they begin.
package chat
