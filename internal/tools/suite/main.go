// Command suite runs one test suite and prints one line about it:
//
//	ok    go (race, sqlite and postgres)   812 tests   4 skipped   3m12s
//
// Details follow only when it fails; what it printed is kept in bin/log. It
// understands `go test -json`, and finds "N passed" in what others print.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

func main() {
	name := flag.String("name", "", "how the suite is called")
	kind := flag.String("kind", "text", "go: go test -json; text: looks for \"N passed\"; check: counts nothing")
	flag.Parse()
	if *name == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	os.Exit(run(*name, *kind, flag.Args()))
}

// outcome is what is known of a suite when it has ended.
type outcome struct {
	err  error
	took time.Duration

	passed, skipped, failed int
	reasons                 map[string]int // why tests were skipped
	details                 string         // of failures
}

func run(name, kind string, command []string) int {
	start := time.Now()
	log, err := os.Create(logFile(name))
	if err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
		return 1
	}
	defer func() { _ = log.Close() }() // what it holds is for people
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "FORCE_COLOR=0", "CI=1")
	read := reader(kind)
	out, err := cmd.StdoutPipe()
	if err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
		return 1
	}
	cmd.Stderr = cmd.Stdout
	err = cmd.Start()
	var o outcome
	if err == nil {
		o = read(io.TeeReader(out, log))
		err = cmd.Wait()
	}
	o.err, o.took = err, time.Since(start)
	report(os.Stdout, name, o)
	if err != nil || o.failed > 0 {
		fmt.Printf("      all of it: %s\n", logFile(name))
		return 1
	}
	return 0
}

func logFile(name string) string {
	dir := filepath.Join("bin", "log")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return os.DevNull
	}
	return filepath.Join(dir, regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "-")+".log")
}

func report(w io.Writer, name string, o outcome) {
	err := o.err
	word := "ok  "
	if err != nil || o.failed > 0 {
		word = "FAIL"
	}
	line := fmt.Sprintf("%s  %-42s", word, name)
	if o.passed+o.failed > 0 {
		line += fmt.Sprintf("  %5d tests", o.passed+o.failed)
	}
	if o.failed > 0 {
		line += fmt.Sprintf("  %d failed", o.failed)
	}
	if o.skipped > 0 {
		line += fmt.Sprintf("  %d skipped", o.skipped)
	}
	_, _ = fmt.Fprintf(w, "%s  %s\n", line, o.took.Round(time.Second/10)) // nobody is there to hear of a broken terminal
	var reasons []string
	for r, n := range o.reasons {
		reasons = append(reasons, fmt.Sprintf("      skipped %d: %s", n, r))
	}
	sort.Strings(reasons)
	for _, r := range reasons {
		_, _ = fmt.Fprintln(w, r)
	}
	if word == "FAIL" {
		_, _ = fmt.Fprintln(w, indent(o.details))
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			_, _ = fmt.Fprintln(w, "      "+err.Error())
		}
	}
}

func indent(s string) string {
	return "      " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n      ")
}

func reader(kind string) func(io.Reader) outcome {
	if kind == "go" {
		return readGo
	}
	return func(r io.Reader) outcome { return readText(r, kind == "text") }
}

// tail is how much of a text suite's output is shown when it fails.
const tail = 12_000

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

func readText(r io.Reader, count bool) (o outcome) {
	b, _ := io.ReadAll(r) // a broken pipe ends the output; the exit code tells the rest
	text := string(ansi.ReplaceAll(b, nil))
	if count {
		o.passed = last(text, `(?m)^\s*(?:Tests\s.*?)?(\d+) passed`)
		o.failed = last(text, `(?m)^\s*(?:Tests\s+)?(\d+) failed`)
		o.skipped = last(text, `(?m)^\s*(?:Tests\s.*?)?(\d+) skipped`)
	}
	if len(text) > tail {
		text = "…" + text[len(text)-tail:]
	}
	o.details = text
	return o
}

func last(text, pattern string) int {
	all := regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return 0
	}
	n, err := strconv.Atoi(all[len(all)-1][1])
	if err != nil {
		return 0
	}
	return n
}

// happened is one line of go test -json.
type happened struct {
	Action, Package, Test, Output, ImportPath string
}

func readGo(r io.Reader) (o outcome) {
	o.reasons = map[string]int{}
	said := map[string]*bytes.Buffer{} // by package and test
	var failed []string
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		var h happened
		if json.Unmarshal(sc.Bytes(), &h) != nil { // the compiler's words, and such
			o.details += sc.Text() + "\n"
			continue
		}
		key := h.Package + h.ImportPath + " " + h.Test
		switch h.Action {
		case "output", "build-output":
			if said[key] == nil {
				said[key] = &bytes.Buffer{}
			}
			said[key].WriteString(h.Output)
		case "pass":
			if h.Test != "" {
				o.passed++
			}
			delete(said, key)
		case "skip":
			if h.Test != "" {
				o.skipped++
				o.reasons[reason(said[key])]++
			}
			delete(said, key)
		case "fail", "build-fail":
			if h.Test != "" {
				o.failed++
			}
			failed = append(failed, key)
		}
	}
	for _, key := range failed {
		o.details += "--- " + key + "\n"
		if said[key] != nil {
			o.details += clip(said[key].String())
		}
	}
	return o
}

// clip keeps the beginning and the end of what one test printed.
func clip(s string) string {
	if len(s) <= tail {
		return s
	}
	return s[:tail/2] + "\n…\n" + s[len(s)-tail/2:]
}

var where = regexp.MustCompile(`(?m)^\s+\S+\.go:\d+: (.*)$`)

// reason is the words with which a test was skipped.
func reason(said *bytes.Buffer) string {
	if said == nil {
		return "without a reason"
	}
	if m := where.FindStringSubmatch(said.String()); m != nil {
		return m[1]
	}
	return "without a reason"
}
