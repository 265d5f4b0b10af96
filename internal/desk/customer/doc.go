// Package customer keeps the people we serve: each Customer has Points, the
// addresses at which they can be reached and by which they are recognised.
//
// Invariants:
//   - a point belongs to exactly one customer, and an address of one kind is
//     one point;
//   - a customer who was merged into another stays as a sign to that other:
//     ByID follows it, and never more than one step is needed;
//   - what a merge brought is noted, so that PartTx can give it back;
//   - a name that an agent wrote is never overwritten by a mail's header.
//
// Facts out: customer.created, customer.updated, customer.merged, customer.parted.
// Whoever keeps a customer's id moves its references when it hears of
// customer.merged, and back with their conversation when it hears of
// customer.parted.
package customer
