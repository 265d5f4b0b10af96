// Package page is what the pages of customers have in common: their frame, style
// and headers, and the counts by which an address that tries around is slowed
// down. The pages themselves are public (surveys), forms, and scan (stickers).
//
// A page is plain HTML that works without scripts, cookies or any further
// request, at 320 px and in dark surroundings. Its content security policy names
// its own style and script by their hashes and allows nothing else.
package page
