// Package rich turns the HTML that strangers send into HTML, text and
// documents that are safe to show.
//
// Sanitize keeps what a mail needs to look like itself (layout tables, inline
// styles, lists, links) and takes out everything that runs, submits, frames or
// phones home. The result is still only shown inside a sandboxed iframe, as
// Document: two locks, either of which would do.
//
// Everything works on the token stream in one pass, so that time and memory
// grow with the size of the input and never with its nesting.
package rich
