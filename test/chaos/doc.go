// Package chaos does harm to the running product – kills, dropped connections,
// a database that stops, a disk that is full, nodes that are cut off – and then
// looks for what was lost, done twice or stuck.
//
// The victim is the real program, in a process of its own; the world around it
// (mail servers, proxies, databases) is real, too, and only as unreliable as the
// test wants it. A short run is part of `make test`; `make chaos` does all of it
// and prints one table.
package chaos
