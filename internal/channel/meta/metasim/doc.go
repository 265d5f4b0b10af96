// Package metasim is what the simulators of Meta's channels share: it answers as
// the Graph API does, from our own reading of its public reference, calls us with
// real signatures, and fails when it is told to.
package metasim
