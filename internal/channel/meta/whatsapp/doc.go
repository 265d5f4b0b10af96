// Package whatsapp is the channel to people on WhatsApp, by the Cloud API.
//
// Invariants: Parse is pure and reads one event in the vendor's own form; a call
// is cut into events that keep every member the vendor sent, known or not; the
// key of an event is the vendor's id where it has one, else a hash; files come
// and go by their ids, fetched only after their message is safe; nothing is sent
// before every file of the message is uploaded.
package whatsapp
