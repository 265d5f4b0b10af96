// Package claim keeps mail addresses that customers told us on another channel,
// until whoever reads mail there confirms that they are that customer.
//
// Invariants:
//   - a claim recognises nobody and is written to only with the question;
//   - the question has a link that works once, for a while, and not by being
//     opened alone: programs that look at mail open links, too;
//   - what comes of it, also that somebody has the address already, is told to the
//     agents and not to who confirms.
//
// Facts out: claim.changed. A confirmed claim is a point of its customer; one who
// has the address already and this one become one customer, by proof.
package claim
