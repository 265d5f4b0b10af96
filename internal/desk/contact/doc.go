// Package contact keeps the registry of contact points: every way in which
// customers reach a brand, with its hours, what it costs them, the languages that
// are spoken there, what makes it accessible, and where it is printed.
//
// A contact point is ours. The address of a customer is a Point of package
// customer.
//
// What a telephone number costs its caller follows from the number, see Classify.
//
// Facts out: contact-point.updated, contact-point.deleted.
package contact
