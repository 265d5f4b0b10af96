// Package mime reads mail as it really arrives: any charset of Japan and the
// rest of the world, labelled, mislabelled or not labelled; headers in raw
// 8-bit; boundaries that are missing, wrong or never closed; TNEF; nested
// messages.
//
// The rule is that a mail is never refused for being broken. Parse returns an
// error only when there is nothing that could be a mail; everything else comes
// out as a Mail with Problems that say what was repaired.
//
// The part tree is walked here and not by a library because two things could
// not be added from outside: a bound on the work an attacker can cause (nested
// unclosed multiparts made the usual parser take time exponential in their
// depth), and a say in how bytes without an honest label become text.
// Boundaries are looked up in one list of candidate lines, so the work is
// proportional to the size of the mail times its (bounded) depth.
package mime
