//go:build race

package hostile

// raced tells that the race detector watches, which takes several times the memory.
const raced = true
