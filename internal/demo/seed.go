package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// SeedOptions say how much made-up data is written.
type SeedOptions struct {
	Conversations int
	Seed          uint64
	Until         time.Time // the present of the data; the same seed and Until give the same data
}

// Limits of seeding.
const (
	MaxSeed      = 20_000_000
	seedChunk    = 2_000 // conversations in one transaction
	shortHistory = Span  // of up to 5,000 conversations
	longHistory  = 2 * 365 * 24 * time.Hour
)

// Seed writes made-up conversations of the two companies into an empty instance:
// customers, threads of about six messages, deliveries, survey answers, the
// cases of the dissatisfied, and the search index, in the shape the product
// itself gives them, but in bulk. The journal gets no facts.
func Seed(ctx context.Context, in app.Inside, o SeedOptions) (messages int, err error) {
	if o.Conversations < 1 || o.Conversations > MaxSeed {
		return 0, fault.New(fault.Invalid, "error.seed.size", "max", MaxSeed)
	}
	if err := empty(ctx, in); err != nil {
		return 0, err
	}
	s := &sower{options: o, dialect: in.DB.Dialect(), rng: rand.New(rand.NewPCG(o.Seed, 1))}
	for _, c := range companies() {
		st, err := build(ctx, in, c, o.Until)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", c.Name, err)
		}
		s.stages = append(s.stages, st)
	}
	if err := in.DB.Write(ctx, func(tx *sqldb.Tx) error { return s.recipe(ctx, tx) }); err != nil {
		return 0, err
	}
	if err := s.write(ctx, in.DB); err != nil {
		return s.messages, err
	}
	return s.messages, in.DB.Write(ctx, func(tx *sqldb.Tx) error { return s.finish(ctx, tx) })
}

// write makes everything up and writes it: one chunk is made while the one before
// it is written.
func (s *sower) write(ctx context.Context, db *sqldb.DB) error {
	g, ctx := errgroup.WithContext(ctx)
	made := make(chan *tables)
	g.Go(func() error {
		defer close(made)
		for t := range s.sow {
			select {
			case made <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for t := range made {
			if err := db.Write(ctx, func(tx *sqldb.Tx) error { return t.write(ctx, tx) }); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

func empty(ctx context.Context, in app.Inside) error {
	return in.DB.Read(ctx, func(tx *sqldb.Tx) error {
		var n int
		err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM conversation) + (SELECT COUNT(*) FROM brand)`).Scan(&n)
		if err == nil && n > 0 {
			err = errors.New("seed writes into an empty instance; this one has data")
		}
		return err
	})
}

// sower makes data up.
type sower struct {
	options  SeedOptions
	dialect  sqldb.Dialect
	rng      *rand.Rand
	stages   []*stage
	people_  [][]person // by stage
	messages int
	docs     int64
	cases    int64
	serial   uint64
	playbook string
	t        *tables // the chunk under way
}

type person struct{ id, name, address string }

// sow makes everything, a chunk at a time.
func (s *sower) sow(yield func(*tables) bool) {
	s.t = newTables(s.dialect)
	s.people()
	if !yield(s.t) {
		return
	}
	span := s.options.Until.Sub(s.begin())
	for from := 0; from < s.options.Conversations; from += seedChunk {
		s.t = newTables(s.dialect)
		for i := from; i < min(from+seedChunk, s.options.Conversations); i++ {
			at := s.begin().Add(time.Duration(float64(span) * (float64(i) + s.rng.Float64()) / float64(s.options.Conversations)))
			s.conversation(i, at.Truncate(time.Millisecond))
		}
		if !yield(s.t) {
			return
		}
	}
}

// people makes the customers: six for every ten conversations.
func (s *sower) people() {
	for i, st := range s.stages {
		var list []person
		n := max(20, s.options.Conversations*3/10)
		for k := range n {
			p := person{id: s.id("cust", s.begin()), name: st.invented(k)}
			p.address = fmt.Sprintf("customer%d.%d@people.example", i, k)
			list = append(list, p)
			at := s.begin().UnixMilli()
			s.t.customer.add(p.id, p.name, text.Fold(p.name), st.Lang, "", "", at, s.options.Until.UnixMilli(), 1)
			s.t.point.add(s.id("pt", s.begin()), p.id, "email", p.address, p.address, at)
			s.index("customer", p.id, nil, p.name+"\n"+p.address+" 0kindcustomer")
		}
		s.people_ = append(s.people_, list)
	}
}

// begin is when the history starts.
func (s *sower) begin() time.Time {
	if s.options.Conversations <= 5_000 {
		return s.options.Until.Add(-shortHistory)
	}
	return s.options.Until.Add(-longHistory)
}

// finish sets the counters behind what was written.
func (s *sower) finish(ctx context.Context, tx *sqldb.Tx) error {
	const counterSQL = `INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	if _, err := tx.Exec(ctx, counterSQL, "conversation.ref", firstRef+s.options.Conversations); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, counterSQL, "case", s.cases); err != nil {
		return err
	}
	if err := search.GatherTx(ctx, tx); err != nil {
		return err
	}
	if tx.Dialect() == sqldb.Postgres {
		var n int64
		return tx.QueryRow(ctx, `SELECT setval(pg_get_serial_sequence('search_doc', 'n'), $1)`, max(s.docs, 1)).Scan(&n) // arch:postgres-only
	}
	return nil
}
