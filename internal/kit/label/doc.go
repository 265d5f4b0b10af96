// Package label draws QR codes and prints them on sheets of stickers.
//
// A link in capitals is packed tighter and drawn coarser, so callers give links in
// capitals where those mean the same. The strongest correction is taken that costs
// no further module. The quiet zone is four modules on every side, as the standard
// asks, and part of what is drawn.
//
// Sizes are those of papers that are sold; all lengths are millimetres. The typeface
// is the caller's: what a PDF holds of it are the letters that it uses.
package label
