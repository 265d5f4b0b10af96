package inbox

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// When administrators are told that a credential ends.
const (
	firstWarning = 14 * 24 * time.Hour
	lastWarning  = 3 * 24 * time.Hour
	// sameExpiry is how far two answers about one credential lie apart: some vendors
	// say in how many seconds it ends.
	sameExpiry = time.Hour
)

// warning is how far administrators have been told of an expiry.
type warning int

const (
	unwarned warning = iota
	warnedEarly
	warnedLate
	warnedEnded
)

// dueWarning is how far they should have been told at a time.
func dueWarning(expires, now time.Time) warning {
	switch left := expires.Sub(now); {
	case expires.IsZero() || left > firstWarning:
		return unwarned
	case left > lastWarning:
		return warnedEarly
	case left > 0:
		return warnedLate
	}
	return warnedEnded
}

const expirySQL = `UPDATE inbox SET expires_at = $2, expiry_told = $3 WHERE id = $1`

// Expires notes when an inbox's credential ends; the zero time: it does not, unless
// its kind knows better (channel.Kind.Lasts). The
// fact inbox.expiry is told two weeks before, three days before, and at the end,
// each once. An inbox that is gone is left alone.
func Expires(ctx context.Context, s *Inboxes, id string, at time.Time) error {
	return expiry(ctx, s, id, func(i Inbox) time.Time {
		if _, lasts := lasting(s, i); at.IsZero() && lasts > 0 {
			return i.ExpiresAt // its vendor tells no end, and it ends all the same
		}
		return at
	})
}

// lasting is the secret of an inbox that ends by itself although its vendor tells no
// end, and how long after it was entered; 0: there is none.
func lasting(s *Inboxes, i Inbox) (secret string, d time.Duration) {
	if k, ok := s.Kind(i.Kind); ok && k.Lasts != nil {
		return k.Lasts(i.Settings)
	}
	return "", 0
}

// begins notes when a secret ends that a change enters.
func begins(ctx context.Context, tx *sqldb.Tx, s *Inboxes, i *Inbox, ch Change) error {
	secret, d := lasting(s, *i)
	if entered, _ := ch.Values[secret].(string); d == 0 || entered == "" {
		return nil
	}
	i.ExpiresAt, i.told = tx.Now.Add(d), unwarned
	_, err := tx.Exec(ctx, expirySQL, i.ID, sqldb.Millis(i.ExpiresAt), int(i.told))
	return err
}

// Remind is Expires where the vendor was not heard: what is known ends all the same.
func Remind(ctx context.Context, s *Inboxes, id string) error {
	return expiry(ctx, s, id, func(i Inbox) time.Time { return i.ExpiresAt })
}

func expiry(ctx context.Context, s *Inboxes, id string, of func(Inbox) time.Time) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "inbox", id); err != nil {
			return err
		}
		i, found, err := first(ctx, tx, byIDSQL, id)
		if err != nil || !found {
			return err
		}
		at, told := of(i), i.told
		if at.Sub(i.ExpiresAt).Abs() > sameExpiry { // another credential
			told = unwarned
		} else {
			at = i.ExpiresAt
		}
		due := dueWarning(at, tx.Now)
		if due > told {
			s.journal.Emit(tx, ExpiryFact, i.ID, actor.OfSystem("inbox"), ExpiryData{ExpiresAt: at, Ended: due == warnedEnded})
			told = due
		}
		if at.Equal(i.ExpiresAt) && told == i.told {
			return nil
		}
		_, err = tx.Exec(ctx, expirySQL, i.ID, sqldb.Millis(at), int(told))
		return err
	})
}
