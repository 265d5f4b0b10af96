// Package vonagesim plays Vonage's SMS API and the telephones behind it, from our
// own reading of the public reference, for tests and the demonstration.
package vonagesim
