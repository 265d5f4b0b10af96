package inbox_test

import (
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
)

// TestExpiry: administrators are told two weeks before, three days before and at
// the end, each once, and anew for another credential.
func TestExpiry(t *testing.T) {
	each(t, func(d *desk) {
		const day = 24 * time.Hour
		i := d.create("a@example.jp", nil)
		d.facts()
		ends := d.clock.Now().Add(30 * day)
		at := func(left time.Duration) { d.clock.Set(ends.Add(-left)) }
		say := func(expires time.Time) { d.must(inbox.Expires(d.Context(), d.inboxes, i.ID, expires)) }
		say(ends)
		d.wantFacts()
		at(14*day + time.Minute)
		say(ends.Add(2 * time.Second)) // as vendors who count the seconds that are left
		d.wantFacts()
		at(14 * day)
		say(ends)
		say(ends)
		d.wantFacts(inbox.ExpiryFact)
		at(3 * day)
		d.must(inbox.Remind(d.Context(), d.inboxes, i.ID)) // the vendor did not answer
		d.wantFacts(inbox.ExpiryFact)
		at(0)
		d.must(inbox.Remind(d.Context(), d.inboxes, i.ID))
		d.must(inbox.Remind(d.Context(), d.inboxes, i.ID))
		var data inbox.ExpiryData
		d.must(d.wantFacts(inbox.ExpiryFact)[0].Decode(&data))
		if !data.Ended || !data.ExpiresAt.Equal(ends) || !d.byID(i.ID).ExpiresAt.Equal(ends) {
			d.Errorf("%+v", data)
		}
		ends = ends.Add(60 * day)
		say(ends)
		d.wantFacts()
		at(day) // both warnings are due: one is enough
		say(ends)
		d.wantFacts(inbox.ExpiryFact)
		say(time.Time{})
		d.wantFacts()
		if got := d.byID(i.ID).ExpiresAt; !got.IsZero() {
			d.Errorf("a credential without end ends %v", got)
		}
		d.must(inbox.Expires(d.Context(), d.inboxes, "inb_gone", ends))
		d.wantFacts()
	})
}
