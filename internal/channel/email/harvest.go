package email

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// harvest is one run of deliveries from the selected folder.
type harvest struct {
	s       *imapSession
	deliver deliverFunc
	passed  func(imap.UID) error // is told how far nothing is owed any more
	at      imap.UID             // what passed was told last
	probed  imap.UID             // a message after which a later one could be fetched
}

// all delivers messages in their order. While one is suspected of breaking the
// connection they are taken one by one.
func (h *harvest) all(ctx context.Context, uids []imap.UID) error {
	for len(uids) > 0 {
		n := min(len(uids), h.s.e.limits.count)
		if h.s.e.strikes.any() {
			n = 1
		}
		if err := h.take(ctx, uids[:n]); err != nil {
			return err
		}
		for _, u := range uids[:n] {
			h.s.e.strikes.clear(h.s.key(u))
		}
		uids = uids[n:]
	}
	return nil
}

// take delivers some messages.
func (h *harvest) take(ctx context.Context, uids []imap.UID) error {
	items, err := h.look(uids)
	if err != nil {
		return err
	}
	for len(items) > 0 {
		group := h.group(items)
		came, err := h.read(group)
		if err != nil {
			return err
		}
		if err := h.hand(ctx, came); err != nil {
			return err
		}
		if err := h.move(group[len(group)-1].uid); err != nil {
			return err
		}
		items = items[len(group):]
	}
	// What is not there any more is passed as well.
	return h.move(uids[len(uids)-1])
}

// move tells that nothing up to u is owed any more.
func (h *harvest) move(u imap.UID) error {
	if u == h.at {
		return nil
	}
	h.at = u
	return h.passed(u)
}

// look learns what the messages are. One that was given up comes as a report of
// itself, with a body already.
func (h *harvest) look(uids []imap.UID) ([]item, error) {
	if len(uids) == 1 {
		reason, err := h.suspect(uids[0])
		if err != nil {
			return nil, err
		}
		if reason != "" {
			return []item{{uid: uids[0], body: incomplete(reason, nil)}}, nil
		}
	}
	items, err := h.s.sizes(uids)
	if err != nil && !answered(err) {
		return nil, h.strike(uids, err)
	}
	if len(items) < len(uids) {
		return h.recheck(uids, items)
	}
	return items, nil
}

// recheck asks again for messages that the server found and then did not
// describe. Those that are still there are kept, to be fetched one by one.
func (h *harvest) recheck(uids []imap.UID, items []item) ([]item, error) {
	known := make(map[imap.UID]item, len(items))
	for _, it := range items {
		known[it.uid] = it
	}
	there, err := h.still(uids, known)
	if err != nil {
		return nil, err
	}
	for _, u := range there {
		known[u] = item{uid: u, size: h.s.e.limits.group} // a group of its own
	}
	var out []item
	for _, u := range uids {
		if it, ok := known[u]; ok {
			out = append(out, it)
		}
	}
	return out, nil
}

// still asks which of the messages outside known are on the server.
func (h *harvest) still(uids []imap.UID, known map[imap.UID]item) ([]imap.UID, error) {
	var silent imap.UIDSet
	for _, u := range uids {
		if _, ok := known[u]; !ok {
			silent.AddNum(u)
		}
	}
	return h.s.search(silent, silent.Contains)
}

// group is the stretch from the start of items that one command fetches. What is
// too large stands alone.
func (h *harvest) group(items []item) []item {
	l := h.s.e.limits
	n, size := 1, items[0].size
	for n < len(items) && size <= l.message && items[n].size <= l.message && size+items[n].size <= l.group {
		size += items[n].size
		n++
	}
	return items[:n]
}

// hand delivers messages in order. After an error the cursor stands behind those
// that are safe.
func (h *harvest) hand(ctx context.Context, items []item) error {
	for i, it := range items {
		raw := channel.Raw{Source: sourceIMAP, Key: h.s.key(it.uid), At: it.at, Bytes: it.body}
		err := h.deliver(ctx, raw)
		if err == nil {
			continue
		}
		err = fmt.Errorf("uid %d in %s: %w", it.uid, h.s.selected, err)
		if i > 0 {
			err = errors.Join(err, h.move(items[i-1].uid))
		}
		return err
	}
	return nil
}

// read fetches the bodies of one stretch. Messages that were moved or deleted
// meanwhile are left out; one that is there and does not come is an error.
func (h *harvest) read(group []item) ([]item, error) {
	if group[0].body != nil {
		return group, nil
	}
	if group[0].size > h.s.e.limits.message {
		group[0].huge = true
		return h.readHeads(group)
	}
	uids := make([]imap.UID, len(group))
	for i, it := range group {
		uids[i] = it.uid
	}
	came, err := h.s.bodies(group)
	if err != nil && !answered(err) {
		return nil, h.strike(uids, err)
	}
	if len(came) < len(group) {
		have := make(map[imap.UID]item, len(came))
		for _, it := range came {
			have[it.uid] = it
		}
		there, failed := h.still(uids, have)
		if failed != nil {
			return nil, failed
		}
		if len(there) > 0 {
			return nil, h.strike(there, keptBack(there[0], err))
		}
	}
	return h.readHeads(came) // where a size was announced wrongly
}

// keptBack is the error for a message that is there and does not come.
func keptBack(u imap.UID, cause error) error {
	if cause == nil {
		cause = errors.New("it answers without it")
	}
	return fmt.Errorf("the server keeps back message %d: %w", u, cause)
}

// readHeads reads what stands in for those messages that are too large.
func (h *harvest) readHeads(items []item) ([]item, error) {
	for i, it := range items {
		if !it.huge {
			continue
		}
		head, err := h.s.head(it.uid)
		if err != nil {
			return nil, h.strike([]imap.UID{it.uid}, err)
		}
		items[i].body = incomplete(fmt.Sprintf("%d bytes are more than the limit of %d", it.size, h.s.e.limits.message), head)
	}
	return items, nil
}

// mostStrikes is how often fetching one message alone must fail, each time after
// a later one could be fetched, before the fault is taken to be its own. With
// the pauses between the tries that takes a quarter of an hour.
const mostStrikes = 10

// strike notes that these messages could not be fetched and returns the cause.
// One strike makes them be fetched alone, a second one makes them suspects; only
// after a probe are there more.
func (h *harvest) strike(uids []imap.UID, cause error) error {
	for _, u := range uids {
		n, _ := h.s.e.strikes.of(h.s.key(u))
		switch {
		case len(uids) > 1:
			n = max(n, 1)
		case n < 2 || h.probed == u:
			n++
		}
		h.s.e.strikes.set(h.s.key(u), n, cause.Error())
	}
	return cause
}

// suspect looks at a message that could not be fetched alone before: it probes
// whether a later one can be. If not, the fault is the server's or the line's,
// and everything waits. If so often enough, it returns the reason to give the
// message up, because it must not hold up those behind it. The last message of a
// folder holds up nobody and is tried for ever.
func (h *harvest) suspect(u imap.UID) (reason string, err error) {
	n, why := h.s.e.strikes.of(h.s.key(u))
	if n < 2 {
		return "", nil
	}
	later, err := h.s.newer(uint32(u))
	if err != nil || len(later) == 0 {
		return "", err
	}
	if came, err := h.s.bodies([]item{{uid: later[0]}}); err != nil || len(came) == 0 {
		return "", err
	}
	h.probed = u
	if n < mostStrikes {
		return "", nil
	}
	return "the server does not give it out: " + why, nil
}
