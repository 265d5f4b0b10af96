// Package place keeps what carries printed codes, the codes, and what people say
// where they stand.
//
// Words. A Place is a shop, an asset such as a lift, or a product. A Sticker is one
// printed code of a place; its short link leads to a page with five faces. A Rating
// is what was tapped and said on one visit of that page, or on a device at the
// counter (a kiosk).
//
// A code is twelve characters without look-alikes, half of them a signature: one
// that was not issued here is turned away before the database is asked.
//
// A first tap is kept at once, as it is what somebody said. Words to a low score,
// a complaint, and whoever wants an answer go through intake like an entry of a
// form: they are in the ledger before they are understood, are a conversation of
// the place's inbox, and open a case. A place is to package desk/form a form that
// nobody designed (Form), which gives receipt, number and the page of the matter.
//
// Invariants.
//   - A visit has at most one rating, however often it is sent.
//   - Scans, starts, submits and scores are counted by sticker and local day of the
//     brand in the transaction that makes them; what comes late from a kiosk is
//     counted on the day it was tapped. There is no row for a scan.
//   - A replaced sticker goes on leading to its place; a retired one leads to words.
//     When either was last scanned is kept, so that one that was to be taken down
//     is found.
//   - A kiosk is heard while its sticker is active and its pass is the sticker's
//     latest. What it keeps when it is shut stays on the device, which says so, and
//     is taken from there once a pass that is good is opened on it.
//
// Facts out: place.updated, sticker.updated, place.rated.
package place
