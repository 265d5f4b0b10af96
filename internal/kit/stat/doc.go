// Package stat holds the arithmetic behind every figure the product shows:
// intervals for scores and rates, control charts with run rules, survival
// curves, percentiles and their mergeable sketch, and ranking of causes.
//
// It is pure: no clock, no database, no randomness; every function may be
// called from several goroutines. It keeps four promises.
//
//   - A figure travels as an [Estimate]: value, unit, n, numerator,
//     denominator and interval. Without a denominator there is no value;
//     zero is never shown for "unknown".
//   - Rates pool counts; nothing here averages rates, and percentiles are
//     merged as sketches, never averaged.
//   - Out-of-range answers are refused with an error and not squeezed into
//     the nearest bucket.
//   - Nothing is rounded before it is shown ([Round]).
//
// Errors come back where data may be wrong. Where only a programmer can be
// wrong (a count larger than its total, a confidence level of 2) the functions
// panic, as an index out of range does.
package stat
