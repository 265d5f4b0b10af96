package intake

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
)

// TestTroublesOfWhatIsNotUnderstood: an application that sends what cannot be read is
// told so, a stranger's broken mail is its own matter, and a mail that is too large is
// just that.
func TestTroublesOfWhatIsNotUnderstood(t *testing.T) {
	broken := errors.New("no boundary")
	large := fmt.Errorf("email: %w: 60000000 bytes are more than the limit of 52428800", channel.ErrIncomplete)
	for _, c := range []struct {
		hook bool
		err  error
		want []inbox.Trouble
	}{
		{true, broken, []inbox.Trouble{{Sort: inbox.Garbled, Words: "no boundary"}}},
		{false, broken, nil},
		{false, large, []inbox.Trouble{{Sort: inbox.Large, Words: large.Error()}}},
	} {
		p := parcel{kind: channel.Kind{Hook: c.hook}, trouble: c.err, message: &channel.Message{}}
		if got := p.troubles(time.Time{}); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("hook %v, %v: %v, want %v", c.hook, c.err, got, c.want)
		}
	}
}
