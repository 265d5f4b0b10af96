package insight

import (
	"context"
	"errors"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// Durations is one kind of waiting, as the clock goes and in business time.
type Durations struct{ Clock, Business Spread }

// Spread tells the median and the 90th percentile in seconds; nil without data.
type Spread struct {
	P50, P90 *float64
	N        int
}

// exactUpTo is how many values percentiles are computed from exactly, as long as
// no single day has more than dayExact; beyond, a sketch answers within one
// percent.
const exactUpTo = 10_000

// pool gathers durations of a period.
type pool struct {
	n      int
	values []float64 // all of them, or nil once there are too many
	rough  bool      // there are too many
	sketch stat.Sketch
}

// add takes one duration in seconds.
func (p *pool) add(v float64) error {
	p.n++
	if p.rough {
		return p.sketch.Add(v)
	}
	if p.values = append(p.values, v); p.n > exactUpTo {
		return p.blur()
	}
	return nil
}

// merge takes a day of which only the sketch is kept.
func (p *pool) merge(n int, s *stat.Sketch) error {
	p.n += n
	err := p.blur()
	p.sketch.Merge(s)
	return err
}

// blur puts the single values into the sketch.
func (p *pool) blur() error {
	for _, v := range p.values {
		if err := p.sketch.Add(v); err != nil {
			return err
		}
	}
	p.values, p.rough = nil, true
	return nil
}

func (p *pool) spread() Spread {
	s := Spread{N: p.n}
	slices.Sort(p.values)
	at := func(q float64) *float64 {
		v, ok := stat.Percentile(p.values, q, stat.Type7)
		if p.rough {
			v, ok = p.sketch.Quantile(q)
		}
		if !ok {
			return nil
		}
		return &v
	}
	s.P50, s.P90 = at(0.5), at(0.9)
	return s
}

// waiting puts the days of a kind of waiting together.
func (l *Loop) waiting(kind int) (Durations, error) {
	var clock, business pool
	for _, t := range l.tallies {
		w := &t.waits[kind]
		if w.n > dayExact {
			if err := errors.Join(clock.merge(w.n, &w.sketches[0]), business.merge(w.n, &w.sketches[1])); err != nil {
				return Durations{}, err
			}
			continue
		}
		for _, p := range []struct {
			into   *pool
			values []int64
		}{{&clock, w.clock}, {&business, w.business}} {
			for _, v := range p.values {
				if err := p.into.add(seconds(v)); err != nil {
					return Durations{}, err
				}
			}
		}
	}
	return Durations{Clock: clock.spread(), Business: business.spread()}, nil
}

func (l *Loop) durations(context.Context, *sqldb.Tx) error {
	for kind, into := range [waitKinds]*Durations{&l.FirstResponse, &l.Resolution, &l.FirstResolution} {
		var err error
		if *into, err = l.waiting(kind); err != nil {
			return err
		}
	}
	return nil
}
