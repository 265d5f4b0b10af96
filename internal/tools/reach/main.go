// Command reach ends well if an address answers, https or file, and otherwise
// says why not. It decides about what needs something outside, such as the list
// of known vulnerabilities.
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"
)

// patience is how long an answer may take.
const patience = 10 * time.Second

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: reach URL")
		os.Exit(2)
	}
	if err := reach(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func reach(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.Scheme == "file" {
		_, err := os.Stat(u.Path)
		return err
	}
	res, err := (&http.Client{Timeout: patience}).Get(address)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // only its status counts
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, res.Status)
	}
	return nil
}
