package conversation_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the long histories few enough for every run; -rapid.checks
// asks for more.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "8"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
