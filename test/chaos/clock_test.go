package chaos

import (
	"database/sql"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// clocks lets the wall clock jump forwards and back while mail comes in and
// replies go out. The product runs in this process: nobody may turn the clock of
// the machine.
func clocks(t *testing.T, h *harness) {
	each(t, func(t *testing.T, database string) {
		c := clock.NewManual(time.Now()) // the furnishing was done by the real one
		p := newPeer(t)
		v := newVictim(t, h, database)
		v.furnish(mailbox{smtp: p.addr()}, nil)
		cfg := v.config()
		cfg.Clock, cfg.AllowNet = c, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		cfg.Log = slog.New(slog.DiscardHandler)
		a, err := app.New(t.Context(), cfg)
		must(t, err)
		defer func() { must(t, a.Close()) }()
		in, by := a.Inside(), actor.OfSystem("chaos")
		sent := newSent()
		jumps := []time.Duration{0, time.Hour, -30 * time.Minute, 24 * time.Hour, -48 * time.Hour, time.Second, 72 * time.Hour, -time.Minute}
		replies := map[string]int{}
		for n := range h.replies {
			c.Advance(jumps[n%len(jumps)])
			who := fmt.Sprintf("k%d", n)
			e, err := in.Door.Accept(t.Context(), v.inbox, channel.Raw{Source: "smtp", Bytes: mailTo(who, who).Bytes()})
			must(t, err)
			sent.add(who)
			_, err = in.Threads.Post(t.Context(), by, conversation.Reply{ConversationID: e.ConversationID, Text: "It comes tomorrow."})
			must(t, err)
			replies[string(e.ConversationID)] = 201
			_, err = in.Queue.Drain(t.Context())
			must(t, err)
		}
		c.Advance(96 * time.Hour) // whatever was put off is due now
		_, err = in.Queue.Drain(t.Context())
		must(t, err)
		db := v.open()
		r := row{fault: "the clock jumps by up to three days, both ways", done: 2 * h.replies, note: fmt.Sprintf("%d jumps", h.replies)}
		r.harm.stuck = number(t, db, `SELECT COUNT(*) FROM delivery WHERE state <> 'sent'`) + number(t, db, `SELECT COUNT(*) FROM job WHERE state <> 'ready' OR kind LIKE 'fact:%'`)
		if r.harm.stuck > 0 {
			must(t, db.Read(t.Context(), func(tx *sqldb.Tx) error {
				return tx.Each(t.Context(), func(rows *sql.Rows) error {
					var kind, state, why string
					err := rows.Scan(&kind, &state, &why)
					t.Logf("left: %s %s %s", kind, state, why)
					return err
				}, `SELECT kind, state, last_error FROM job UNION ALL SELECT 'letter', state, error FROM delivery WHERE state <> 'sent'`)
			}))
		}
		judgeMail(t, v, db, sent, &r.harm)
		judgeLetters(t, db, p, &r.harm)
		judgeReplies(t, db, replies, &r.harm)
		h.board.add(t, r)
	})
}
