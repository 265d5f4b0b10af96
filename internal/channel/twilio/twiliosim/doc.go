// Package twiliosim plays Twilio and the telephones behind it, from our own
// reading of the public reference, for tests and the demonstration: text messages
// with their reports, and calls, which it leads through the answers it is given
// as a caller would hear them.
package twiliosim
