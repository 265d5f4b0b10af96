package chat_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

func TestWhoNeverComesBackIsForgotten(t *testing.T) {
	each(t, func(r *room) {
		sweep := func(want int64) {
			r.Helper()
			r.Write(func(tx *sqldb.Tx) error {
				n, err := r.chat.Sweep(r.Context(), tx)
				if n != want {
					r.Errorf("%d sessions are forgotten, want %d", n, want)
				}
				return err
			})
		}
		wrote, silent, left := r.visitor(), r.visitor(), r.visitor()
		wrote.say("Hello")
		left.say("Hello")
		left.call("DELETE", "/session", nil).ok(nil)
		sweep(0)
		r.Clock.Advance(2 * time.Hour)
		sweep(1) // who left
		r.Clock.Advance(8 * 24 * time.Hour)
		sweep(1) // who never wrote
		silent.call("GET", "/messages", nil).refused(http.StatusUnauthorized, "error.chat.session")
		if got := wrote.history("").words(); got != "Hello" {
			r.Errorf("who wrote reads %q", got)
		}
		wrote.begin(nil) // a sign of life
		r.Clock.Advance(100 * 24 * time.Hour)
		sweep(0)
		r.Clock.Advance(100 * 24 * time.Hour)
		wrote.call("GET", "/messages", nil).refused(http.StatusUnauthorized, "error.chat.session")
		sweep(1)
	})
}
