package recovery_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// many opens cases of severity 1, 3, 4 in turn, one minute apart.
func (s *shop) many(n int) (ids []recovery.ID) {
	s.Helper()
	for i := range n {
		c := s.mail(fmt.Sprintf("many%d@example.jp", i))
		opened, err := s.Cases.Open(s.ctx, s.hana, recovery.ManualOpening{ConversationID: string(c.ID), Harm: []int{5, 3, 1}[i%3], Reason: "it broke"})
		s.must(err)
		ids = append(ids, opened.ID)
		s.clock.Advance(60_000_000_000)
	}
	return ids
}

func TestListPagesThroughEverything(t *testing.T) {
	each(t, func(s *shop) {
		ids := s.many(10)
		walk := func(f recovery.Filter) (out []recovery.ID) {
			f.Limit = 3
			for {
				var p recovery.Page
				s.read(func(tx *sqldb.Tx) (err error) {
					p, err = recovery.List(s.ctx, tx, f)
					return err
				})
				for _, c := range p.Items {
					out = append(out, c.ID)
				}
				if p.Next == "" {
					return out
				}
				f.Cursor = p.Next
			}
		}
		at := func(order ...int) (out []recovery.ID) {
			for _, i := range order {
				out = append(out, ids[i])
			}
			return out
		}
		for name, c := range map[string]struct {
			f    recovery.Filter
			want []recovery.ID
		}{
			"all, newest first":        {recovery.Filter{}, at(9, 8, 7, 6, 5, 4, 3, 2, 1, 0)},
			"open, most severe first":  {recovery.Filter{State: recovery.AnyOpen}, at(0, 3, 6, 9, 1, 4, 7, 2, 5, 8)},
			"a state":                  {recovery.Filter{State: recovery.Detected, Severity: 3}, at(1, 4, 7)},
			"closed":                   {recovery.Filter{State: recovery.Closed}, nil},
			"an owner":                 {recovery.Filter{OwnerID: s.mori.ID, Severity: 1}, at(9, 6, 3, 0)},
			"without an owner":         {recovery.Filter{Nobody: true}, nil},
			"a brand that has no case": {recovery.Filter{BrandID: "brn_none"}, nil},
			"overdue":                  {recovery.Filter{Overdue: true, Severity: 1}, nil},
		} {
			if got := walk(c.f); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		s.pass(15 * 60_000_000_000)
		if got := walk(recovery.Filter{Overdue: true}); !slices.Equal(got, at(0, 3, 6, 9)) {
			t.Errorf("overdue: %v", got)
		}
		s.read(func(tx *sqldb.Tx) error {
			for _, cursor := range []string{"?", "e30x", strings.Repeat("A", 300)} {
				if _, err := recovery.List(s.ctx, tx, recovery.Filter{Cursor: cursor}); !fault.Is(err, fault.Invalid) {
					t.Errorf("cursor %q: %v", cursor, err)
				}
			}
			return nil
		})
	})
}

func TestBoard(t *testing.T) {
	each(t, func(s *shop) {
		ids := s.many(4)
		s.complete(s.mori, ids[1], recovery.StepAcknowledge)
		var board, mine []recovery.Column
		s.read(func(tx *sqldb.Tx) (err error) {
			if board, err = recovery.Board(s.ctx, tx, recovery.Filter{}); err != nil {
				return err
			}
			mine, err = recovery.Board(s.ctx, tx, recovery.Filter{OwnerID: s.taro.ID})
			return err
		})
		shape := func(cols []recovery.Column) (out []string) {
			for _, c := range cols {
				if c.Total > 0 {
					out = append(out, fmt.Sprint(c.State, " ", c.Total, " ", len(c.Items)))
				}
			}
			return out
		}
		if got := shape(board); !slices.Equal(got, []string{"detected 3 3", "acknowledged 1 1"}) || len(board) != 10 {
			t.Errorf("board %v of %d columns", got, len(board))
		}
		if board[0].Items[0].ID != ids[0] || board[0].Items[2].ID != ids[2] {
			t.Errorf("order %+v", board[0].Items)
		}
		if got := shape(mine); got != nil {
			t.Errorf("taro's board %v", got)
		}
	})
}

// Two nodes hear the same fact, and a button is pressed, at the same moment: one case.
func TestConcurrentOpeningsMakeOneCase(t *testing.T) {
	each(t, func(s *shop) {
		c := s.mail("aoi@example.jp")
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() {
				if i%2 == 0 {
					_, errs[i] = s.Cases.Open(s.ctx, s.hana, recovery.ManualOpening{ConversationID: string(c.ID), Harm: 1, Reason: "x"})
					return
				}
				errs[i] = s.db.Write(s.ctx, func(tx *sqldb.Tx) error {
					return s.Cases.OnResponded(s.ctx, tx, event.Fact{Subject: "resp_1", Actor: setup}, survey.RespondedData{
						InvitedData: survey.InvitedData{Kind: "csat", ConversationID: string(c.ID), CustomerID: c.CustomerID, BrandID: c.BrandID},
						Score:       1, Band: "dissatisfied"})
				})
			})
		}
		wg.Wait()
		for i, err := range errs {
			if err != nil && (i%2 != 0 || !fault.Is(err, fault.Conflict)) {
				t.Errorf("%d: %v", i, err)
			}
		}
		s.rest()
		s.only(recovery.Filter{})
	})
}

// Two agents decide at once: the limit of one of them cannot be exceeded twice.
func TestConcurrentRemediesKeepToTheLimit(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, err := s.Remedies.Propose(s.ctx, s.hana, "agent", f.ID, recovery.Offer{Type: recovery.Credit, Amount: 1000, Currency: "JPY"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var approved int64
		for _, g := range s.load(f.ID).Gifts {
			if g.State == recovery.Approved {
				approved += g.Amount
			}
		}
		if approved != 3000 {
			t.Errorf("approved %d", approved)
		}
	})
}

// The lists that stand on screens all day are served by indexes.
func TestListsAreServedByIndexes(t *testing.T) {
	s := newShop(t, dbtest.SQLite(t, clock.NewManual(dbtest.Start)), clock.NewManual(dbtest.Start))
	for query, index := range map[string]string{
		`SELECT id FROM recovery_case c WHERE c.state <> 'closed' ORDER BY c.severity, c.opened_at, c.id LIMIT 51`:                          "recovery_case_severity",
		`SELECT id FROM recovery_case c ORDER BY c.opened_at DESC, c.id DESC LIMIT 51`:                                                      "recovery_case_opened",
		`SELECT id FROM recovery_case c WHERE c.customer_id = 'x' AND opened_at >= 1`:                                                       "recovery_case_customer",
		`SELECT id FROM recovery_case c WHERE c.state = 'closed' ORDER BY c.opened_at DESC, c.id DESC LIMIT 51`:                             "recovery_case_state",
		`SELECT SUM(amount) FROM remedy WHERE decided_by = 'x' AND decided_at > 1 AND type = 'refund' AND currency = 'JPY' AND state = 'a'`: "remedy_decided",
	} {
		var plan []string
		s.must(s.db.Read(s.ctx, func(tx *sqldb.Tx) error {
			return tx.Each(s.ctx, func(r *sql.Rows) error {
				var id, parent, x int
				var step string
				err := r.Scan(&id, &parent, &x, &step)
				plan = append(plan, step)
				return err
			}, `EXPLAIN QUERY PLAN `+query)
		}))
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, index) || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s\nis done by %s", query, text)
		}
	}
}
