package chaos

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/smtp"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// inbound lets mail come in by IMAP and by SMTP while the product is killed, the
// IMAP server hangs up, numbers its folder anew and delivers mail twice, and
// another client sets flags and moves mail.
func inbound(t *testing.T, h *harness) {
	each(t, func(t *testing.T, database string) {
		v := newVictim(t, h, database)
		box := &shelf{t: t, office: emailtest.Open(t, emailtest.Options{})}
		box.office.Add(address, "secret")
		must(t, box.office.DeliverInto(address, archive, mailTo("nobody", "first").Bytes())) // makes the folder
		line := newRelay(t, "127.0.0.1:0", "tcp", box.office.IMAP())
		line.watch = v.aimAtFetches(h.kills)
		line.start()
		box.hangUp = line.cut
		v.furnish(mailbox{imap: line.addr(), folders: []string{"INBOX", archive}}, nil)
		v.run()
		v.ready(time.Minute)

		sent := newSent("first")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var writers, trouble errgroup.Group
		harm, calm := context.WithCancel(ctx)
		half := h.mails / 2
		writers.Go(func() error { return box.fill(ctx, half, sent) })
		for who := range 3 {
			writers.Go(func() error { v.post(ctx, fmt.Sprint("smtp", who), half/3, sent); return nil })
		}
		trouble.Go(func() error { v.harass(harm, h.kills); return nil })
		trouble.Go(func() error { box.meddle(harm); return nil })
		trouble.Go(func() error {
			for harm.Err() == nil {
				pause(harm, time.Duration(500+rand.IntN(3000))*time.Millisecond)
				line.cut()
			}
			return nil
		})
		must(t, writers.Wait())
		until(ctx, 100*time.Millisecond, func() bool { return v.killed() >= h.kills })
		calm()
		must(t, trouble.Wait())
		line.cut() // the product looks at every folder anew
		db := v.open()
		v.settleMail(db, sent, h.clear)
		r := row{fault: "mail in, killed", done: len(sent.ids), note: fmt.Sprintf("%d kills, %d IMAP connections, %d renumbered, %d moved", v.killed(), line.total, box.renumbered, box.moved)}
		r.harm.stuck = v.rest(db, h.clear)
		if v.killed() < h.kills {
			t.Errorf("only %d kills", v.killed())
		}
		judgeMail(t, v, db, sent, &r.harm)
		h.board.add(t, r)
	})
}

const archive = "Done"

func mailTo(who, id string) emailtest.Mail {
	return emailtest.Mail{From: who + "@x.example", To: address, Subject: "Matter " + id, Text: "Hello, it is about " + id, ID: id + "@x.example"}
}

// sent is the mails that must be in the ledger.
type sent struct {
	mu  sync.Mutex
	ids map[string]bool
}

func newSent(ids ...string) *sent {
	s := &sent{ids: map[string]bool{}}
	for _, id := range ids {
		s.add(id)
	}
	return s
}

func (s *sent) add(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids[id+"@x.example"] = true
}

func (s *sent) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ids)
}

// shelf is the mailbox on the IMAP server, and what others do to it.
type shelf struct {
	t          *testing.T
	office     *emailtest.Office
	hangUp     func()     // the server ends the sessions of a folder that is gone
	mu         sync.Mutex // one thing at a time happens to the folder
	all        [][]byte
	renumbered int
	moved      int
}

// fill delivers n mails, every tenth of them twice, and renumbers the folder twice.
func (s *shelf) fill(ctx context.Context, n int, to *sent) error {
	for i := range n {
		id := fmt.Sprintf("imap%d", i)
		raw := mailTo("i"+fmt.Sprint(i%50), id).Bytes()
		if err := s.deliver(raw); err != nil {
			return err
		}
		to.add(id)
		if i%10 == 0 {
			if err := s.deliver(raw); err != nil {
				return err
			}
		}
		if i == n/10 || i == n/3 {
			if err := s.renumber(); err != nil {
				return err
			}
		}
		pause(ctx, time.Duration(rand.IntN(20))*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (s *shelf) deliver(raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, raw)
	return s.office.Deliver(address, raw)
}

// renumber makes the folder anew, as a server does whose index was lost.
func (s *shelf) renumber() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renumbered++
	if err := s.office.Recreate(address, "INBOX"); err != nil {
		return err
	}
	for _, raw := range s.all {
		if err := s.office.Deliver(address, raw); err != nil {
			return err
		}
	}
	s.hangUp()
	return nil
}

// meddle is another client of the mailbox: it reads, flags and moves mail.
func (s *shelf) meddle(ctx context.Context) {
	for ctx.Err() == nil {
		s.mu.Lock()
		n, err := s.disturb()
		s.moved += n
		s.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			s.t.Logf("the other client: %v", err)
		}
		pause(ctx, time.Duration(100+rand.IntN(400))*time.Millisecond)
	}
}

func (s *shelf) disturb() (moved int, err error) {
	c, err := imapclient.DialInsecure(s.office.IMAP(), nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close() }() // every time a new one
	if err := c.Login(address, "secret").Wait(); err != nil {
		return 0, err
	}
	box, err := c.Select("INBOX", nil).Wait()
	if err != nil || box.NumMessages < 5 {
		return 0, err
	}
	var some imap.SeqSet
	some.AddNum(1+rand.Uint32N(box.NumMessages), box.NumMessages)
	if err := c.Store(some, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen, imap.FlagFlagged}}, nil).Close(); err != nil {
		return 0, err
	}
	var one imap.SeqSet
	one.AddNum(box.NumMessages - rand.Uint32N(3)) // a new one: the product may not have seen it yet
	_, err = c.Move(one, archive).Wait()
	return 1, err
}

// post sends mails to the built-in receiver, each until it is taken, and every
// tenth once more, as a server does that missed the answer.
func (v *victim) post(ctx context.Context, who string, n int, to *sent) {
	for i := range n {
		id := fmt.Sprintf("%s.%d", who, i)
		raw := mailTo(who, id).Bytes()
		times := 1
		if i%10 == 0 {
			times = 2
		}
		for ; times > 0; times-- {
			until(ctx, 50*time.Millisecond, func() bool { return v.hand(who, raw) == nil })
		}
		if ctx.Err() != nil {
			return
		}
		to.add(id)
	}
}

func (v *victim) hand(who string, raw []byte) error {
	return smtp.SendMail(v.mail, nil, who+"@x.example", []string{address}, raw)
}

// aimAtFetches kills the product in the moment after a mail was fetched, while
// it takes it in and notes how far it has read: at most so many times.
func (v *victim) aimAtFetches(most int) func() (up, down func([]byte) bool) {
	var aimed atomic.Int64
	return func() (up, down func([]byte) bool) {
		return nil, func(b []byte) bool {
			if bytes.Contains(b, []byte("BODY[")) && chance(20) && aimed.Add(1) <= int64(most) {
				time.AfterFunc(time.Duration(rand.IntN(25))*time.Millisecond, v.kill)
			}
			return true
		}
	}
}

// harass kills the product at random moments; once that was often enough, only
// now and then, so that the work comes to an end.
func (v *victim) harass(ctx context.Context, enough int) {
	for ctx.Err() == nil {
		wait := time.Duration(400+rand.IntN(2600)) * time.Millisecond
		if v.killed() >= enough {
			wait *= 5
		}
		pause(ctx, wait)
		if ctx.Err() == nil {
			v.kill()
		}
	}
}

// settleMail waits until the ledger has every mail, or a while has passed.
func (v *victim) settleMail(db *sqldb.DB, all *sent, within time.Duration) {
	ctx, cancel := context.WithTimeout(v.t.Context(), within)
	defer cancel()
	until(ctx, 200*time.Millisecond, func() bool {
		return number(v.t, db, `SELECT COUNT(DISTINCT external_id) FROM ledger WHERE state = 'linked'`) >= all.count()
	})
}

// judgeMail compares the ledger with what was sent.
func judgeMail(t *testing.T, v *victim, db *sqldb.DB, all *sent, harm *count) {
	t.Helper()
	linked, raws := map[string]int{}, map[string]bool{}
	must(t, db.Read(t.Context(), func(tx *sqldb.Tx) error {
		return tx.Each(t.Context(), func(r *sql.Rows) error {
			var id, state, raw string
			err := r.Scan(&id, &state, &raw)
			raws[raw] = true
			switch state {
			case "linked":
				linked[id]++
			case "duplicate":
			default:
				t.Errorf("mail %s is %s", id, state)
				harm.stuck++
			}
			return err
		}, `SELECT external_id, state, raw_key FROM ledger`)
	}))
	for id := range all.ids {
		switch n := linked[id]; {
		case n == 0:
			harm.lost++
			t.Errorf("mail %s is lost", id)
		case n > 1:
			harm.doubled++
			t.Errorf("mail %s is there %d times", id, n)
		}
	}
	if n := number(t, db, `SELECT COUNT(*) FROM message WHERE kind = 'incoming'`); n != len(linked) {
		harm.doubled += n - len(linked)
		t.Errorf("%d messages of %d mails", n, len(linked))
	}
	if facts, last := number(t, db, `SELECT COUNT(*) FROM journal`), number(t, db, `SELECT COALESCE(MAX(seq), 0) FROM journal`); facts != last {
		t.Errorf("%d facts, the last is number %d", facts, last)
	}
	blobs, err := blob.Open(filepath.Join(v.dir, "blobs"))
	must(t, err)
	for key := range raws {
		if err := blobs.Verify(t.Context(), key); err != nil {
			harm.lost++
			t.Errorf("a mail's bytes: %v", err)
		}
	}
}
