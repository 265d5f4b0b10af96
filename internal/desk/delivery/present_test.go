package delivery_test

import (
	"context"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// A reaction that runs late hears nothing of what is no longer so.
func TestALateListenerHearsOnlyWhatIsSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		o := newOffice(t, db, c, accepts)
		id, external := o.queueLetter(0)
		o.drain()
		o.write(func(tx *sqldb.Tx) error {
			_, _, err := o.post.BounceTx(t.Context(), tx, delivery.Bounce{InboxID: inboxID, ExternalID: external, Text: "550"})
			return err
		})
		var heard []delivery.State
		listen := o.post.Present(func(_ context.Context, _ *sqldb.Tx, _ event.Fact, d delivery.ChangedData) error {
			heard = append(heard, d.State)
			return nil
		})
		o.write(func(tx *sqldb.Tx) error {
			for _, s := range []delivery.State{delivery.Sent, delivery.Bounced} {
				if err := listen(t.Context(), tx, event.Fact{Subject: string(id)}, delivery.ChangedData{State: s}); err != nil {
					return err
				}
			}
			return nil
		})
		if len(heard) != 1 || heard[0] != delivery.Bounced {
			t.Errorf("heard %v", heard)
		}
	})
}
