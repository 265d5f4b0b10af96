// Command have prints where a program is that tests need (postgres, chromium),
// after installing it if it must and can be.
package main

import (
	"fmt"
	"os"

	"github.com/kintsugi-desk/kintsugi/internal/tools/need"
)

func main() {
	programs := map[string]need.Program{"postgres": need.Postgres(), "chromium": need.Chromium()}
	if len(os.Args) != 2 || programs[os.Args[1]].Name == "" {
		fmt.Fprintln(os.Stderr, "usage: have postgres|chromium")
		os.Exit(2)
	}
	path, err := programs[os.Args[1]].Path()
	if err != nil {
		fmt.Fprintln(os.Stderr, "have:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}
