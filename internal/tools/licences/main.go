// Command licences lists the licence of every Go module and npm package that
// the product is made of, found by reading their licence files, and fails when
// one is missing, unknown, or asks for more than may be promised here.
//
// What ships in the program must be permissive. What only builds or tests it may
// also be under the MPL, whose terms end at its own files.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// part is something that others wrote.
type part struct {
	system, name, version, dir string
	ships                      bool
	licence                    string
	text                       []byte
}

func main() {
	texts := flag.String("texts", "", "also write the licences of what ships into this file")
	flag.Parse()
	if err := run(*texts, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(texts string, out io.Writer) error {
	parts, err := modules()
	if err != nil {
		return err
	}
	npm, err := packages("web")
	if err != nil {
		return err
	}
	parts = append(parts, npm...)
	var wrong []string
	counts := map[string]int{}
	for i := range parts {
		p := &parts[i]
		if p.text, err = licenceText(p.dir); err != nil {
			return err
		}
		if p.licence = identify(p.text); p.licence == "" {
			p.licence = declared(p)
		}
		counts[p.licence]++
		if why := refuse(*p); why != "" {
			wrong = append(wrong, p.system+" "+p.name+" "+p.version+": "+why)
		}
		use := "build, test"
		if p.ships {
			use = "ships"
		}
		if _, err := fmt.Fprintf(out, "%-4s %-12s %-14s %s %s\n", p.system, use, p.licence, p.name, p.version); err != nil {
			return err
		}
	}
	var sums []string
	for l, n := range counts {
		sums = append(sums, fmt.Sprintf("%s %d", l, n))
	}
	sort.Strings(sums)
	if _, err := fmt.Fprintf(out, "\n%d parts: %s\n", len(parts), strings.Join(sums, ", ")); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%d parts may not be used:\n  %s", len(wrong), strings.Join(wrong, "\n  "))
	}
	if texts == "" {
		return nil
	}
	return write(texts, parts)
}

func write(file string, parts []part) error {
	var b bytes.Buffer
	b.WriteString("Kintsugi contains the following works of others, under the licences that follow each.\n")
	for _, p := range parts {
		if p.ships {
			fmt.Fprintf(&b, "\n%s\n%s %s\n\n%s\n", strings.Repeat("=", 80), p.name, p.version, p.text)
		}
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// refuse says why a part may not be used, "" if it may.
func refuse(p part) string {
	switch p.licence {
	case "MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "0BSD", "Unlicense", "CC0-1.0", "BlueOak-1.0.0", "OFL-1.1", "Zlib", "Python-2.0", "CC-BY-4.0", "MIT-0":
		return ""
	case "MPL-2.0":
		if p.ships {
			return "the MPL may not ship"
		}
		return ""
	case "":
		return "no licence file that could be recognised"
	}
	return "licence " + p.licence
}

// modules returns the Go modules of the program and of everything that builds
// and tests it.
func modules() ([]part, error) {
	all, err := listed("-test", "./...")
	if err != nil {
		return nil, err
	}
	shipped, err := listed("./cmd/...")
	if err != nil {
		return nil, err
	}
	var out []part
	for name, p := range all {
		_, p.ships = shipped[name]
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out, nil
}

func listed(args ...string) (map[string]part, error) {
	cmd := exec.Command("go", append([]string{"list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`}, args...)...)
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	out := map[string]part{}
	for _, line := range strings.Split(string(b), "\n") {
		if f := strings.Fields(line); len(f) == 3 {
			out[f[0]] = part{system: "go", name: f[0], version: f[1], dir: f[2]}
		}
	}
	return out, nil
}

// packages returns the npm packages that the lock file names and this machine has.
func packages(dir string) ([]part, error) {
	b, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version  string
			Dev      bool
			Optional bool
		}
	}
	if err := json.Unmarshal(b, &lock); err != nil {
		return nil, err
	}
	var out []part
	for at, p := range lock.Packages {
		if at == "" {
			continue
		}
		where := filepath.Join(dir, filepath.FromSlash(at))
		if _, err := os.Stat(where); os.IsNotExist(err) && p.Optional {
			continue // for another kind of machine
		} else if err != nil {
			return nil, fmt.Errorf("%w: run make web first", err)
		}
		_, name, _ := cutLast(at, "node_modules/")
		out = append(out, part{system: "npm", name: name, version: p.Version, dir: where, ships: !p.Dev})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense|notice\.licen[cs]e|mit-licen[cs]e)([-._].*)?$`)

// licenceText returns the licence files of a folder, or of the nearest folder
// above within its module that has one.
func licenceText(dir string) ([]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, e := range entries {
		if e.IsDir() || !licenceName.MatchString(e.Name()) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		text = append(text, b...)
	}
	return text, nil
}

// declared is the licence that a package without a licence file names in its
// package.json.
func declared(p *part) string {
	if p.system != "npm" {
		return ""
	}
	b, err := os.ReadFile(filepath.Join(p.dir, "package.json"))
	if err != nil {
		return ""
	}
	var about struct{ License, Author any }
	if json.Unmarshal(b, &about) != nil {
		return ""
	}
	name, _ := about.License.(string)
	if len(p.text) == 0 {
		p.text = []byte("Declared in its package.json: " + name + "\n")
	}
	return path.Clean(name)
}

// identify names the licence whose characteristic words a text holds. Those
// that ask for more are known by their title, as others mention them.
func identify(text []byte) string {
	t := strings.Join(strings.Fields(strings.ToLower(string(text))), " ")
	has := func(words ...string) bool {
		for _, w := range words {
			if !strings.Contains(t, w) {
				return false
			}
		}
		return true
	}
	title := t[:min(len(t), 300)]
	switch {
	case strings.Contains(title, "mozilla public license"):
		return "MPL-2.0"
	case strings.Contains(title, "gnu affero general public license"):
		return "AGPL-3.0"
	case strings.Contains(title, "gnu lesser general public license"):
		return "LGPL"
	case strings.Contains(title, "gnu general public license"):
		return "GPL"
	case has("server side public license"), has("business source license"), has("commons clause"):
		return "source-available"
	case has("python software foundation license version 2"):
		return "Python-2.0"
	case has("apache license", "version 2.0"):
		return "Apache-2.0"
	case has("sil open font license"):
		return "OFL-1.1"
	case has("redistribution and use in source and binary forms", "neither the name"), has("redistribution and use in source and binary forms", "may not be used to endorse"):
		return "BSD-3-Clause"
	case has("redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case has("permission is hereby granted, free of charge, to any person obtaining"):
		return "MIT"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose with or without fee", "above copyright notice"):
		return "ISC"
	case has("permission to use, copy, modify, and distribute this software for any purpose with or without fee", "above copyright notice"),
		has("permission to use, copy, modify, and distribute this software", "copyright notice"):
		return "ISC"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose"):
		return "0BSD"
	case has("this is free and unencumbered software"):
		return "Unlicense"
	case has("cc0 1.0 universal"), has("creative commons zero"):
		return "CC0-1.0"
	case has("blue oak model license"):
		return "BlueOak-1.0.0"
	case has("creative commons attribution 4.0"):
		return "CC-BY-4.0"
	}
	return ""
}
