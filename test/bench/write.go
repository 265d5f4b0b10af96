package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

func writeLines() []line {
	return []line{
		{name: "mail", work: "mail in by SMTP: parsed, threaded, durable (16 connections)", target: "≥ 400/s SQLite, ≥ 300/s PostgreSQL", run: runMail},
		{name: "mail-1", work: "the same over one connection", target: "", run: runMailOne},
		{name: "reply", work: "post a reply to queued", target: "p95 ≤ 10 ms", run: runReply},
	}
}

// post is the mail of one connection: every other mail answers the one before.
func post(n int) []letter {
	var out []letter
	for i := range n {
		m := letter{from: fresh() + "@mail.example", id: fresh() + "@mail.example", subject: "急須の注ぎ口", text: words}
		if i%2 == 1 {
			m.from, m.answers, m.subject = out[i-1].from, out[i-1].id, "Re: "+m.subject
		}
		out = append(out, m)
	}
	return out
}

func (b *bench) mailRate(ctx context.Context, engine string, connections, each int) (rate, processor float64, err error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return 0, 0, err
	}
	sacks := make([][]letter, connections)
	for i := range sacks {
		sacks[i] = post(each)
	}
	errs := make([]error, connections)
	var wg sync.WaitGroup
	used, started := busy(d.process.Process.Pid), time.Now()
	for i, mails := range sacks {
		wg.Go(func() { errs[i] = d.carry(mails) })
	}
	wg.Wait()
	took := time.Since(started).Seconds()
	for _, err := range errs {
		if err != nil {
			return 0, 0, err
		}
	}
	n := float64(connections * each)
	return n / took, (busy(d.process.Process.Pid) - used) / n, nil
}

func runMail(ctx context.Context, b *bench, engine string) ([]figure, error) {
	limit := 400.0
	if engine == "postgres" {
		limit = 300
	}
	rate, used, err := b.mailRate(ctx, engine, 16, 100)
	return []figure{{value: rate, unit: "mails/s", limit: limit, least: true}, {name: "processor", value: used, unit: "ms each"}}, err
}

func runMailOne(ctx context.Context, b *bench, engine string) ([]figure, error) {
	rate, used, err := b.mailRate(ctx, engine, 1, 200)
	return []figure{{value: rate, unit: "mails/s"}, {name: "processor", value: used, unit: "ms each"}}, err
}

func runReply(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	c, err := d.dial(d.boss)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := d.carry(post(40)); err != nil {
		return nil, err
	}
	var page struct{ Items []struct{ ID string } }
	if err := d.call(ctx, "GET", fmt.Sprintf("/conversations?limit=20&inboxId=%s", d.inboxID), nil, &page); err != nil {
		return nil, err
	}
	time.Sleep(time.Second) // let the mails' own duties end
	var took []float64
	body := reply()
	for i := range 100 {
		path := "/conversations/" + page.Items[i%len(page.Items)].ID + "/messages"
		started := time.Now()
		if _, err := c.ask("POST", path, body); err != nil {
			return nil, err
		}
		took = append(took, milliseconds(started))
	}
	return []figure{{name: "p95", value: quantile(took, 0.95), unit: "ms", limit: 10}, {name: "p50", value: quantile(took, 0.5), unit: "ms"}}, nil
}
