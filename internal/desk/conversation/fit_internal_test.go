package conversation

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// TestACommentIsOneMessage: what is answered below a comment is not cut into several
// messages, so that it must fit into one.
func TestACommentIsOneMessage(t *testing.T) {
	p := posting{kind: channel.Kind{Can: channel.Can{Text: 1000, Parts: 5}}}
	if p.room() != 5000 {
		t.Errorf("a message to the customer alone: %d", p.room())
	}
	if p.reply.Public = true; p.room() != 1000 {
		t.Errorf("an answer below a comment: %d", p.room())
	}
	if p.kind.Can.Text = 0; p.room() != 0 {
		t.Errorf("without a limit: %d", p.room())
	}
}
