// Package meta is what the channels of Meta share: WhatsApp, Messenger and
// Instagram are one Graph API with one way of calling us.
//
// Invariants: a call is believed only with a signature by the app's secret; a
// token travels in a header, to the API and to the hosts that keep its media,
// and stands in no error; whatever is read is bounded.
package meta
