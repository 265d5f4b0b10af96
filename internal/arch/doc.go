// Package arch keeps the house rules as tests: which floor may import which,
// how long a file may grow, what carries a comment, which words the catalogue
// must know, and that every SQL text is understood by both engines.
//
// Each rule is a function over parsed source, tried on a small bad example
// beside it, so that a rule that catches nothing cannot go unnoticed. An
// exception is a line in exceptions_test.go with its reason; an exception that
// no longer applies fails too.
package arch
