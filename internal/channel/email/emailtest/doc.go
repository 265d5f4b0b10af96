// Package emailtest holds real mail servers that live inside a test: a post
// office that speaks IMAP and SMTP (Office), an SMTP server that fails on
// purpose (Faulty), and a wire that can be cut or altered (Wire). They listen on
// loopback ports and keep everything in memory.
package emailtest
