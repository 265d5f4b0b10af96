package conversation

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// maxParticipants bounds how many addresses of one message are noted.
const maxParticipants = 100

// Participant is an address that takes part in a conversation: it wrote, or
// somebody who takes part wrote to it.
type Participant struct {
	Address    string
	Name       string
	CustomerID string // "" if we know nobody of that address
}

func (p Participant) key() string { return text.Fold(p.Address) }

func keyOf(address string) string { return text.Fold(address) }

// join notes the addresses of a message as participants, except our own.
func (t *core) join(ctx context.Context, tx *sqldb.Tx, id ID, addresses []channel.Address) error {
	others, err := t.withoutOurs(ctx, tx, addresses)
	if err != nil {
		return err
	}
	for _, a := range others[:min(len(others), maxParticipants)] {
		if err := addParticipant(ctx, tx, id, Participant{Address: a.Address, Name: a.Name}); err != nil {
			return err
		}
	}
	return nil
}

// withoutOurs returns the addresses that are not an inbox's, each once. Writing
// to ourselves would be a loop.
func (t *core) withoutOurs(ctx context.Context, tx *sqldb.Tx, addresses []channel.Address) ([]channel.Address, error) {
	out := []channel.Address{}
	var each []string
	for _, a := range addresses {
		each = append(each, a.Address)
	}
	ours, err := t.Inboxes.Ours(ctx, tx, each...)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, a := range addresses {
		k := keyOf(a.Address)
		if k == "" || seen[k] {
			continue
		}
		seen[k] = true
		if !ours(a.Address) {
			out = append(out, a)
		}
	}
	return out, nil
}

// without returns list without the addresses that others already hold.
func without(list []channel.Address, others ...[]channel.Address) []channel.Address {
	var taken []string
	for _, o := range others {
		for _, a := range o {
			taken = append(taken, keyOf(a.Address))
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(a channel.Address) bool { return slices.Contains(taken, keyOf(a.Address)) })
}

// breaksLine reports what would smuggle headers into a mail.
func breaksLine(s string) bool { return strings.ContainsAny(s, "\r\n\x00") }

// validAddress reports whether mail can be sent to a.
func validAddress(a channel.Address) bool {
	if breaksLine(a.Address+a.Name) || strings.ContainsAny(a.Address, " ,;<>\"") {
		return false
	}
	parsed, err := mail.ParseAddress(a.Address)
	return err == nil && parsed.Address == a.Address
}
