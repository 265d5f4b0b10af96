package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// line is one row of the table.
type line struct {
	name   string
	work   string
	target string
	once   bool // has nothing to do with the database
	run    func(ctx context.Context, b *bench, engine string) ([]figure, error)
}

// figure is one number of a line. Limit 0 means that none is promised; Least
// that the limit is the least that is promised.
type figure struct {
	name  string
	value float64
	unit  string
	limit float64
	least bool
}

func (f figure) ok() bool {
	return f.limit == 0 || f.least && f.value >= f.limit || !f.least && f.value <= f.limit
}

func (f figure) String() string {
	digits := 2
	if f.value >= 100 {
		digits = 0
	} else if f.value >= 10 {
		digits = 1
	}
	return strings.TrimSpace(f.name + " " + strconv.FormatFloat(f.value, 'f', digits, 64) + " " + f.unit)
}

// bench is what all lines share.
type bench struct {
	dir         string
	program     string
	base, large int
	chromium    string
	verbose     bool
	desks       map[string]*desk
	cluster     *cluster
}

func lines() []line {
	return slices.Concat(readLines(), searchLines(), writeLines(), liveLines(), restLines())
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx)
	stop()
	os.Exit(code)
}

func run(ctx context.Context) int {
	b := &bench{desks: map[string]*desk{}}
	flag.StringVar(&b.dir, "dir", env("KINTSUGI_BENCH_DIR", filepath.Join(os.TempDir(), "kintsugi-bench")), "folder in which the data is kept")
	flag.StringVar(&b.program, "program", "", "the program to measure; without it, it is built")
	flag.StringVar(&b.chromium, "chromium", os.Getenv("CHROMIUM"), "browser")
	flag.IntVar(&b.base, "base", number("KINTSUGI_BENCH_BASE", 1000), "conversations of the lines that need many")
	flag.IntVar(&b.large, "large", number("KINTSUGI_BENCH_LARGE", 5000), "conversations of the lines that need very many")
	flag.BoolVar(&b.verbose, "v", false, "print every run")
	only := flag.String("only", "", "names of lines, separated by commas")
	engines := flag.String("db", "sqlite,postgres", "databases")
	runs := flag.Int("runs", 3, "how often each line is measured")
	list := flag.Bool("list", false, "print the names of the lines")
	flag.Parse()
	if *list {
		for _, l := range lines() {
			fmt.Printf("%-12s %s\n", l.name, l.work)
		}
		return 0
	}
	defer b.close()
	if err := b.prepare(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return b.table(ctx, strings.Split(*engines, ","), strings.Split(*only, ","), *runs)
}

// table measures the lines and prints them.
func (b *bench) table(ctx context.Context, engines, only []string, runs int) (code int) {
	fmt.Printf("| work | target | %s | ok |\n|---|---|%s---|\n", strings.Join(engines, " | "), strings.Repeat("---|", len(engines)))
	for _, l := range lines() {
		if only[0] != "" && !slices.Contains(only, l.name) {
			continue
		}
		var cells []string
		verdict := "yes"
		for i, engine := range engines {
			if l.once && i > 0 {
				cells = append(cells, "")
				continue
			}
			figures, err := b.measure(ctx, l, engine, runs)
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s, %s: %v\n", l.name, engine, err)
				cells, verdict = append(cells, "failed"), "no"
				continue
			}
			var words []string
			for _, f := range figures {
				words = append(words, f.String())
				if !f.ok() {
					verdict = "no"
				}
			}
			cells = append(cells, strings.Join(words, " · "))
		}
		if verdict == "no" {
			code = 1
		}
		fmt.Printf("| %s | %s | %s | %s |\n", l.work, l.target, strings.Join(cells, " | "), verdict)
	}
	return code
}

// measure runs a line several times and returns the median of each figure.
func (b *bench) measure(ctx context.Context, l line, engine string, runs int) ([]figure, error) {
	var all [][]figure
	for range runs {
		started := time.Now()
		figures, err := l.run(ctx, b, engine)
		if err != nil {
			return nil, err
		}
		all = append(all, figures)
		if b.verbose {
			fmt.Fprintf(os.Stderr, "  %s, %s: %v (%.1f s)\n", l.name, engine, figures, time.Since(started).Seconds())
		}
	}
	out := all[0]
	for i := range out {
		var values []float64
		for _, figures := range all {
			values = append(values, figures[i].value)
		}
		out[i].value = quantile(values, 0.5)
	}
	return out, nil
}

// quantile returns the value below which a share of the values lies.
func quantile(values []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return s[min(int(q*float64(len(s))), len(s)-1)]
}

// milliseconds is how long it is since a moment.
func milliseconds(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

func env(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}
