package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/demo"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

type seedCmd struct {
	Conversations int    `help:"How many." default:"1000"`
	Seed          uint64 `help:"The same seed and --until give the same data." default:"1"`
	Until         string `help:"The day at whose end the data is at its present, 2026-11-21; without it, today." placeholder:"DATE"`
}

// Run implements the command.
func (c *seedCmd) Run(r *run) (err error) {
	if c.Conversations < 1 || c.Conversations > demo.MaxSeed {
		return usage("--conversations %d: want a number from 1 to %d", c.Conversations, demo.MaxSeed)
	}
	now := clock.System{}.Now
	until := now().Truncate(24 * time.Hour)
	if c.Until != "" {
		if until, err = time.Parse(time.DateOnly, c.Until); err != nil {
			return usage("--until %q: want a date such as 2026-11-21", c.Until)
		}
	}
	cfg, err := r.prepared()
	if err != nil {
		return err
	}
	cfg.Relaxed = true // what a loss of power takes can be written again
	a, err := app.New(r.ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	started := now()
	n, err := demo.Seed(r.ctx, a.Inside(), demo.SeedOptions{Conversations: c.Conversations, Seed: c.Seed, Until: until})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.stdout, "%d conversations, %d messages in %.1f s\n", c.Conversations, n, now().Sub(started).Seconds())
	return err
}
