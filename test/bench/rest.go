package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func restLines() []line {
	return []line{
		{name: "start", work: "cold start to ready", target: "≤ 300 ms", run: runStart},
		{name: "memory", work: "memory at rest, half a minute after the start", target: "≤ 60 MB", run: runMemory},
		{name: "browser", work: "the inbox in Chromium", target: "first rows ≤ 1.0 s, ≤ 250 kB, reload ≤ 20 kB, script ≤ 120 kB, a key ≤ 1 frame", once: true, run: runBrowser},
		{name: "size", work: "the program", target: "≤ 40 MB", once: true, run: runSize},
	}
}

func runStart(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.seeded(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	other := *d // beside the one that may run already, when the database allows it
	if engine == "sqlite" {
		b.retire(d)
	}
	took, err := b.start(ctx, &other)
	other.stop()
	return []figure{{value: float64(took.Microseconds()) / 1000, unit: "ms", limit: 300}}, err
}

// retire stops the running desk on the same data; SQLite is served by one
// process at a time.
func (b *bench) retire(d *desk) {
	for name, running := range b.desks {
		if running.data == d.data {
			running.stop()
			running.sink.close()
			delete(b.desks, name)
		}
	}
}

func runMemory(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.seeded(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	b.retire(d)
	if d, err = b.open(ctx, engine, b.base); err != nil {
		return nil, err
	}
	defer b.retire(d)
	if _, err := d.signIn(bossEmail, bossPass); err != nil {
		return nil, err
	}
	time.Sleep(30 * time.Second)
	kb, err := resident(d.process.Process.Pid)
	return []figure{{value: float64(kb) / 1024, unit: "MB", limit: 60}}, err
}

func runSize(_ context.Context, b *bench, _ string) ([]figure, error) {
	info, err := os.Stat(b.program)
	if err != nil {
		return nil, err
	}
	return []figure{{value: float64(info.Size()) / 1e6, unit: "MB", limit: 40}}, nil
}

// runBrowser lets a script of the web application's tools look at the inbox.
func runBrowser(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	here, err := filepath.Abs("test/bench/browser.mjs")
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, "node", here, "http://"+d.web, d.agent, b.chromium)
	c.Dir, c.Stderr = "web", os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	var seen struct{ Cold, Wire, Reload, Script, Key float64 }
	if err := json.Unmarshal(out, &seen); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return []figure{{name: "first rows", value: seen.Cold / 1000, unit: "s", limit: 1}, {value: seen.Wire, unit: "kB", limit: 250},
		{name: "reload", value: seen.Reload, unit: "kB", limit: 20}, {name: "script", value: seen.Script, unit: "kB", limit: 120},
		{name: "key", value: seen.Key, unit: "frames", limit: 1}}, nil
}
