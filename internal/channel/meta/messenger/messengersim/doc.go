// Package messengersim plays Messenger and Instagram and the people who use them,
// from our own reading of the public reference, for tests and the demonstration.
//
// It keeps the rules that a business runs into: the token, the time for answers,
// people who block, lengths of texts, one private answer a comment.
package messengersim
