// Package scan serves the pages behind the codes of stickers: five faces to tap,
// a few words if somebody has any, and a kiosk for a device at the counter.
//
// The pages are plain HTML that works without scripts and cookies; only a kiosk
// needs a script, as it goes on without a network: it keeps what is tapped in the
// browser, and sends it, in order and once, when the network is back. A kiosk is
// opened by a pass that the desk shows; who only scans a sticker does not have it.
//
// Opening a page counts a scan, and nothing is remembered of who it was: that the
// same browser opens it again within half an hour is told by a keyed hash that
// only this process's memory holds. Previews and machines that say what they are
// do not count.
//
// A tap may follow in a second, so there is no least time before it. What opens a
// matter for the desk is bounded by address and by sticker, and whatever is wrong,
// the page comes back with what was typed.
package scan
