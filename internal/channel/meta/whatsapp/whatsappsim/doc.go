// Package whatsappsim plays WhatsApp's Cloud API and the phones behind it, from
// our own reading of the public reference, for tests and the demonstration.
//
// It keeps the rules that a business runs into: the token, the time for answers,
// people who block, sizes of texts. It sends events as the vendor does, with a
// real signature.
package whatsappsim
