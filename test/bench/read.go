package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"
)

func readLines() []line {
	return []line{
		{name: "list", work: "a page of a list, worst of all views and orders", target: "p50 ≤ 1.5 ms, p95 ≤ 4 ms", run: runList},
		{name: "list-large", work: "the same with very many conversations", target: "≤ 1.5 times", run: runListLarge},
		{name: "list-page40", work: "page 40 of a list against page 1", target: "≤ 1.5 times", run: runPage40},
		{name: "list-16", work: "lists for 16 clients at once", target: "≥ 1500 requests/s", run: runSixteen},
		{name: "thread", work: "open a thread of 50 messages", target: "p50 ≤ 1.5 ms", run: runThread},
		{name: "key", work: "a list by API key against one by session", target: "≤ 1.1 times", run: runKey},
		{name: "loop", work: "the Loop page and reports", target: "p95 ≤ 30 ms", run: runLoop},
	}
}

// asked is how often each list is asked for in one run, after a warming-up.
const (
	asked  = 25
	warmup = 3
)

// lists are the lists that the page offers: every view with every order, and
// every way of narrowing them.
func (d *desk) lists(ctx context.Context) ([]string, error) {
	var out []string
	sorts := []string{"newest", "oldest", "waiting", "priority"}
	add := func(q url.Values) {
		for _, sort := range sorts {
			q.Set("sort", sort)
			out = append(out, "/conversations?"+q.Encode())
		}
	}
	for _, view := range []string{"all", "mine", "unassigned", "mentions"} {
		for _, status := range []string{"open", "pending", "snoozed", "resolved", "closed", "any"} {
			add(url.Values{"view": {view}, "status": {status}})
		}
	}
	var tags, inboxes struct{ Items []struct{ ID string } }
	if err := d.call(ctx, "GET", "/tags", nil, &tags); err != nil {
		return nil, err
	}
	if err := d.call(ctx, "GET", "/inboxes", nil, &inboxes); err != nil {
		return nil, err
	}
	for _, status := range []string{"open", "resolved", "any"} {
		add(url.Values{"status": {status}, "tagId": {tags.Items[1].ID}})
		add(url.Values{"status": {status}, "inboxId": {inboxes.Items[0].ID}})
		add(url.Values{"status": {status}, "inboxId": {inboxes.Items[0].ID}, "view": {"mine"}})
		add(url.Values{"status": {status}, "assigneeId": {d.agentID}})
		add(url.Values{"status": {status}, "priority": {"high"}})
	}
	return out, nil
}

func runList(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	used := busy(d.process.Process.Pid)
	medians, p50, p95, all, err := d.everyList(ctx, b.verbose)
	used = (busy(d.process.Process.Pid) - used) / float64(max(len(medians), 1)*(asked+warmup))
	return []figure{{name: "p50", value: p50, unit: "ms", limit: 1.5}, {name: "p95", value: p95, unit: "ms", limit: 4},
		{name: "usual", value: all, unit: "ms"}, {name: "processor", value: used, unit: "ms each"}}, err
}

// everyList asks for every list and returns the median of each, the worst
// median, the worst 95th percentile, and the median of all requests.
func (d *desk) everyList(ctx context.Context, verbose bool) (medians map[string]float64, p50, p95, usual float64, err error) {
	paths, err := d.lists(ctx)
	if err != nil {
		return nil, 0, 0, 0, err
	}
	c, err := d.dial(d.agent)
	if err != nil {
		return nil, 0, 0, 0, err
	}
	defer c.close()
	medians = map[string]float64{}
	var all []float64
	for _, path := range paths {
		if _, err := c.time(path, warmup); err != nil {
			return nil, 0, 0, 0, err
		}
		took, err := c.time(path, asked)
		if err != nil {
			return nil, 0, 0, 0, err
		}
		all = append(all, took...)
		medians[path] = quantile(took, 0.5)
		p50, p95 = max(p50, medians[path]), max(p95, quantile(took, 0.95))
	}
	if verbose {
		slices.SortFunc(paths, func(a, b string) int { return int(1e6 * (medians[b] - medians[a])) })
		for _, path := range paths[:8] {
			fmt.Fprintf(os.Stderr, "    %.2f ms %s\n", medians[path], path)
		}
	}
	return medians, p50, p95, quantile(all, 0.5), nil
}

// runListLarge compares list by list, and says how much slower the slowest got,
// and the usual one.
func runListLarge(ctx context.Context, b *bench, engine string) ([]figure, error) {
	small, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	large, err := b.open(ctx, engine, b.large)
	if err != nil {
		return nil, err
	}
	_, was, _, usualWas, err := small.everyList(ctx, false)
	if err != nil {
		return nil, err
	}
	_, is, p95, usual, err := large.everyList(ctx, b.verbose)
	return []figure{{name: "slowest", value: is / was, unit: "×", limit: 1.5}, {name: "usual", value: usual / usualWas, unit: "×", limit: 1.5},
		{name: "p50", value: is, unit: "ms"}, {name: "p95", value: p95, unit: "ms"}}, err
}

func runPage40(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	c, err := d.dial(d.agent)
	if err != nil {
		return nil, err
	}
	defer c.close()
	worst, late := 0.0, 0.0
	for _, sort := range []string{"newest", "oldest", "waiting", "priority"} {
		path := "/conversations?status=any&limit=50&sort=" + sort
		deep := path
		for range 39 {
			raw, err := c.get(deep)
			if err != nil {
				return nil, err
			}
			var page struct{ Next string }
			if err := json.Unmarshal(raw, &page); err != nil {
				return nil, err
			}
			if page.Next == "" {
				break
			}
			deep = path + "&cursor=" + url.QueryEscape(page.Next)
		}
		var first, fortieth []float64
		for range asked {
			for _, x := range []struct {
				path string
				into *[]float64
			}{{path, &first}, {deep, &fortieth}} {
				took, err := c.time(x.path, 1)
				if err != nil {
					return nil, err
				}
				*x.into = append(*x.into, took...)
			}
		}
		worst, late = max(worst, quantile(fortieth, 0.5)/quantile(first, 0.5)), max(late, quantile(fortieth, 0.5))
	}
	return []figure{{value: worst, unit: "×", limit: 1.5}, {name: "p50", value: late, unit: "ms"}}, nil
}

func runSixteen(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	paths, err := d.lists(ctx)
	if err != nil {
		return nil, err
	}
	rate, err := d.together(d.agent, 16, 3*time.Second, func(client, n int) string { return paths[(client*7+n)%len(paths)] })
	return []figure{{value: rate, unit: "requests/s", limit: 1500, least: true}}, err
}

func runThread(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	if d.fifty == "" {
		if d.fifty, err = d.longThread(ctx, 50); err != nil {
			return nil, err
		}
	}
	c, err := d.dial(d.agent)
	if err != nil {
		return nil, err
	}
	defer c.close()
	path := "/conversations/" + d.fifty + "/messages"
	if _, err := c.time(path, warmup); err != nil {
		return nil, err
	}
	used := busy(d.process.Process.Pid)
	took, err := c.time(path, 200)
	if err != nil {
		return nil, err
	}
	used = (busy(d.process.Process.Pid) - used) / float64(len(took))
	return []figure{{name: "p50", value: quantile(took, 0.5), unit: "ms", limit: 1.5}, {name: "p95", value: quantile(took, 0.95), unit: "ms"},
		{name: "processor", value: used, unit: "ms each"}}, nil
}

func runKey(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	session, err := d.dial(d.boss)
	if err != nil {
		return nil, err
	}
	defer session.close()
	key, err := d.dial("Authorization: Bearer " + d.key)
	if err != nil {
		return nil, err
	}
	defer key.close()
	const path = "/conversations?status=open"
	var bySession, byKey []float64
	for range 200 {
		a, err := session.time(path, 1)
		if err != nil {
			return nil, err
		}
		b, err := key.time(path, 1)
		if err != nil {
			return nil, err
		}
		bySession, byKey = append(bySession, a...), append(byKey, b...)
	}
	k, s := quantile(byKey, 0.5), quantile(bySession, 0.5)
	return []figure{{value: k / s, unit: "×", limit: 1.1}, {name: "key", value: k, unit: "ms"}, {name: "session", value: s, unit: "ms"}}, nil
}

// reports are what the Loop page asks for: the figures of the usual period and
// of two years, and the rows of figures.
func reports(brand string) []string {
	return []string{
		"/reports/loop?to=" + seedUntil,
		"/reports/loop?from=2024-12-01&to=" + seedUntil,
		"/reports/loop?from=2024-12-01&to=" + seedUntil + "&brandId=" + brand,
		"/reports/loop/rows?number=csat&to=" + seedUntil,
		"/reports/loop/rows?number=first-response&from=2024-12-01&to=" + seedUntil,
		"/reports/loop/rows?number=resolution&from=2024-12-01&to=" + seedUntil,
		"/reports/loop/rows?number=cases-open&to=" + seedUntil,
		"/reports/loop/rows?number=recovery&from=2024-12-01&to=" + seedUntil,
	}
}

func runLoop(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.large)
	if err != nil {
		return nil, err
	}
	var brands struct{ Items []struct{ ID string } }
	if err := d.call(ctx, "GET", "/brands", nil, &brands); err != nil {
		return nil, err
	}
	c, err := d.dial(d.boss)
	if err != nil {
		return nil, err
	}
	defer c.close()
	worst, median := 0.0, 0.0
	for _, path := range reports(brands.Items[0].ID) {
		if _, err := c.time(path, 1); err != nil {
			return nil, err
		}
		used := busy(d.process.Process.Pid)
		took, err := c.time(path, 20)
		if err != nil {
			return nil, err
		}
		used = (busy(d.process.Process.Pid) - used) / float64(len(took))
		worst, median = max(worst, quantile(took, 0.95)), max(median, quantile(took, 0.5))
		if b.verbose {
			fmt.Fprintf(os.Stderr, "    p50 %.2f p95 %.2f ms, %.2f ms of a processor: %s\n", quantile(took, 0.5), quantile(took, 0.95), used, path)
		}
	}
	return []figure{{name: "p95", value: worst, unit: "ms", limit: 30}, {name: "p50", value: median, unit: "ms"}}, nil
}
