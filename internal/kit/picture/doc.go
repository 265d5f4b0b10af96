// Package picture makes small pictures of large ones: what the other sides of
// channels show before somebody opens the whole. It is pure, and bounded in what
// it reads, in what it unfolds and in what it writes.
package picture
