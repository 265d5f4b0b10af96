// Package webchat is the product's own channel: people talk with the desk from a
// panel on a web page or in an app. There is no other side that somebody else
// runs: the outlet front/chat takes messages in and shows answers, and this
// package says what such a message looks like and which settings there are.
//
// A message is a small JSON document (Said) that the outlet writes. Its files are
// in the product's store before it is handed over, so the document names them by
// their keys and nothing is kept twice.
//
// Sending has nobody to call: what the visitor reads is the conversation itself.
// A letter is accepted when it passes the point of no return, and the outlet shows
// it from then on. So nothing is shown that may still be taken back, and nothing
// can be lost on a way that does not exist.
//
// A visitor is a point of kind "webchat". Its address names, and proves nothing:
// what lets somebody read is the session of front/chat.
package webchat
