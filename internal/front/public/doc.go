// Package public serves the pages that customers see: the survey behind the
// links of a survey mail, and stopping such mail.
//
// The pages are plain HTML that works without scripts, cookies or any further
// request, at 320 px and in dark surroundings. A GET writes nothing at all; only
// a form's POST does. The token in the address is the only authority, so a
// forged POST could do no more than its sender could do with the link itself;
// posts that a browser marks as coming from another site are refused anyway.
//
// An unknown token gets the same answer as a mistyped one, and an address that
// keeps trying is slowed down.
package public
