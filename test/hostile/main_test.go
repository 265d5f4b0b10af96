package hostile

import (
	"os"
	"testing"
)

// TestMain lets the test binary be a server as well: what a process may use is
// measured from outside.
func TestMain(m *testing.M) {
	if dir := os.Getenv(serveDir); dir != "" {
		os.Exit(serveForever(dir))
	}
	os.Exit(m.Run())
}
