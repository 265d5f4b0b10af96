// Package webpush encrypts a message for a browser's push service (RFC 8291) and
// proves to the service who sends it (VAPID, RFC 8292). It makes no connection:
// Request returns what to ask for, and who asks decides where it may connect.
//
// The service sees to whom and when, never what.
package webpush
