// Package corpus finds the test corpus and keeps the golden tables of the
// tests that read it.
//
// The corpus is thousands of real mails, payloads and tables that live beside
// the repository, never inside it: a clone alone must pass every test. Only
// tests import this package.
package corpus

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// EnvDir names the environment variable that points at the corpus.
const EnvDir = "KINTSUGI_CORPUS"

// Dir returns the corpus folder sub (slash-separated, "" for the whole corpus).
// When there is no corpus the test is skipped with the places that were tried.
func Dir(t testing.TB, sub string) string {
	t.Helper()
	root, tried := find()
	if root == "" {
		t.Skipf("no test corpus: set %s or put it at %s", EnvDir, tried)
	}
	dir := filepath.Join(root, filepath.FromSlash(sub))
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("test corpus %s has no folder %s: %v", root, sub, err)
	}
	return dir
}

// find returns the corpus root, or "" and the place it should be at.
func find() (root, tried string) {
	if dir := os.Getenv(EnvDir); dir != "" {
		return existing(dir), dir
	}
	wd, err := os.Getwd()
	if err != nil {
		return "", err.Error()
	}
	module := moduleRoot(wd)
	tried = filepath.Join(filepath.Dir(module), "shared", "corpus")
	return existing(tried), tried
}

// moduleRoot walks up from dir to the folder that holds go.mod.
func moduleRoot(dir string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir
		}
		dir = up
	}
}

func existing(dir string) string {
	if st, err := os.Stat(dir); err == nil && st.IsDir() {
		return dir
	}
	return ""
}

// updating tells whether the test binary was given a -update flag of its own.
// This package registers none, so that importing it changes no command line.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}
