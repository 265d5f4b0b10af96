// Command bench measures what Kintsugi promises about speed and cost. It builds
// data with kintsugi seed, drives the real program over HTTP, SMTP and
// WebSocket from outside, and prints one table:
//
//	go run ./test/bench                    every line, small data
//	go run ./test/bench -list              the names of the lines
//	go run ./test/bench -only list,thread  some of them
//	go run ./test/bench -base 100000 -large 1000000
//
// Data is kept in a folder (-dir) and used again. PostgreSQL is a cluster of its
// own in that folder, with its durability in place. Every figure is the median
// of several runs; what is compared is measured in turn, in one run.
package main
