// Package flows plays the product's scenarios, each on both databases: files
// *.flow in a small language that people who run support desks can read, against
// the whole application with real mail servers and a clock that stands still
// until it is moved. README.md describes the language.
package flows
