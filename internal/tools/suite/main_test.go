package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestReadGo(t *testing.T) {
	o := readGo(strings.NewReader(`{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: no corpus here\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: want 1, got 2\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
{"ImportPath":"q","Action":"build-output","Output":"q.go:1: undefined: x\n"}
{"ImportPath":"q","Action":"build-fail"}
not json at all
`))
	if o.passed != 1 || o.skipped != 1 || o.failed != 1 || o.reasons["no corpus here"] != 1 {
		t.Errorf("%+v", o)
	}
	for _, want := range []string{"want 1, got 2", "undefined: x", "not json at all"} {
		if !strings.Contains(o.details, want) {
			t.Errorf("%q is missing in %s", want, o.details)
		}
	}
}

func TestReadText(t *testing.T) {
	for text, want := range map[string][3]int{
		" Test Files  12 passed (12)\n      Tests  \x1b[32m123 passed\x1b[39m (123)\n":   {123, 0, 0},
		" Test Files  1 failed | 2 passed (3)\n      Tests  2 failed | 40 passed (42)\n": {40, 2, 0},
		"  1 failed\n    a.spec.ts\n  3 skipped\n  17 passed (30.1s)\n":                  {17, 1, 3},
		"nothing": {},
	} {
		o := readText(strings.NewReader(text), true)
		if got := [3]int{o.passed, o.failed, o.skipped}; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestReport(t *testing.T) {
	var b strings.Builder
	report(&b, "go", outcome{passed: 812, skipped: 4, reasons: map[string]int{"no corpus": 4}, took: 192 * time.Second})
	if want := "ok    go                                            812 tests  4 skipped  3m12s\n      skipped 4: no corpus\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	b.Reset()
	report(&b, "web", outcome{details: "boom\nbang\n", err: errors.New("no such program"), took: time.Second})
	for _, want := range []string{"FAIL  web", "      boom\n      bang", "no such program"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in %q", want, b.String())
		}
	}
}
