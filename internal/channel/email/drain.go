package email

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// drain delivers what is new in a folder and moves its cursor. fresh opens the
// folder anew, which is how a changed UIDVALIDITY is noticed.
//
// With another UIDVALIDITY all UIDs mean something else, so everything is
// delivered again; who receives knows what it has by Message-ID.
func (s *imapSession) drain(ctx context.Context, folder string, fresh bool, deliver deliverFunc) error {
	if fresh || s.selected != folder {
		if err := s.examine(folder); err != nil {
			return err
		}
	} else if err := s.do("noop", func() error { return s.client.Noop().Wait() }); err != nil {
		return err
	}
	pos, err := s.e.host.Cursor.Get(ctx, folder)
	if err != nil {
		return fmt.Errorf("cursor of %s: %w", folder, err)
	}
	if validity := s.state.UIDValidity; pos.UIDValidity != validity {
		if pos.UIDValidity != 0 {
			s.e.host.Log.WarnContext(ctx, "a folder was made anew; all of it is read again", "folder", folder, "was", pos.UIDValidity, "is", validity)
		}
		pos = channel.Position{UIDValidity: validity}
	}
	uids, err := s.newer(pos.UID)
	if err != nil {
		return err
	}
	return s.takeAll(ctx, uids, deliver, func(u imap.UID) error {
		pos.UID = uint32(u)
		return s.e.host.Cursor.Set(ctx, folder, pos)
	})
}

// takeAll delivers the messages of uids in their order. passed is told how far
// nothing is owed any more. While a message is suspected of breaking the
// connection they are taken one by one.
func (s *imapSession) takeAll(ctx context.Context, uids []imap.UID, deliver deliverFunc, passed func(imap.UID) error) error {
	for len(uids) > 0 {
		n := min(len(uids), s.e.limits.count)
		if s.e.strikes.any() {
			n = 1
		}
		if err := s.take(ctx, uids[:n], deliver, passed); err != nil {
			return err
		}
		for _, u := range uids[:n] {
			s.e.strikes.clear(s.key(u))
		}
		uids = uids[n:]
	}
	return nil
}

// take delivers one part of takeAll.
func (s *imapSession) take(ctx context.Context, uids []imap.UID, deliver deliverFunc, passed func(imap.UID) error) error {
	if len(uids) == 1 {
		if reason, err := s.suspect(uids[0]); err != nil {
			return err
		} else if reason != "" {
			lost := []item{{uid: uids[0], body: incomplete(reason, nil)}}
			_, err := s.deliver(ctx, lost, deliver)
			return errors.Join(err, passedIf(err, passed, uids[0]))
		}
	}
	items, err := s.sizes(uids)
	if err != nil && !answered(err) {
		return s.strike(uids, err)
	}
	if len(items) < len(uids) {
		if items, err = s.recheck(uids, items); err != nil {
			return err
		}
	}
	for group := range s.groups(items) {
		came, err := s.read(group)
		if err != nil {
			return err
		}
		if done, err := s.deliver(ctx, came, deliver); err != nil {
			return errors.Join(err, passedIf(nil, passed, done))
		}
		if err := passed(group[len(group)-1].uid); err != nil {
			return err
		}
	}
	if last := uids[len(uids)-1]; len(items) == 0 || items[len(items)-1].uid != last {
		return passed(last) // what is not there any more is passed as well
	}
	return nil
}

// recheck asks again for messages that the server found and then did not
// describe. Those that are still there are kept, to be fetched one by one.
func (s *imapSession) recheck(uids []imap.UID, items []item) ([]item, error) {
	known := make(map[imap.UID]item, len(items))
	for _, it := range items {
		known[it.uid] = it
	}
	there, err := s.still(uids, known)
	if err != nil {
		return nil, err
	}
	for _, u := range there {
		known[u] = item{uid: u, size: s.e.limits.group} // a group of its own
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
func (s *imapSession) still(uids []imap.UID, known map[imap.UID]item) ([]imap.UID, error) {
	var silent imap.UIDSet
	for _, u := range uids {
		if _, ok := known[u]; !ok {
			silent.AddNum(u)
		}
	}
	return s.search(silent, silent.Contains)
}

// passedIf moves the cursor to u unless there was an error or there is no u.
func passedIf(err error, passed func(imap.UID) error, u imap.UID) error {
	if err != nil || u == 0 {
		return nil
	}
	return passed(u)
}

// groups cuts items into stretches that are fetched with one command.
func (s *imapSession) groups(items []item) func(yield func([]item) bool) {
	return func(yield func([]item) bool) {
		for len(items) > 0 {
			n, size := 1, items[0].size
			for n < len(items) && size+items[n].size <= s.e.limits.group {
				size += items[n].size
				n++
			}
			if !yield(items[:n]) {
				return
			}
			items = items[n:]
		}
	}
}

// deliver hands over messages in order. done is the last one that is safe.
func (s *imapSession) deliver(ctx context.Context, items []item, deliver deliverFunc) (done imap.UID, err error) {
	for _, it := range items {
		raw := channel.Raw{Source: sourceIMAP, Key: s.key(it.uid), At: it.at, Bytes: it.body}
		if err := deliver(ctx, raw); err != nil {
			return done, fmt.Errorf("uid %d in %s: %w", it.uid, s.selected, err)
		}
		done = it.uid
	}
	return done, nil
}

// read fetches the bodies of one stretch. Messages that were moved or deleted
// meanwhile are left out; one that is there and does not come is an error.
func (s *imapSession) read(group []item) ([]item, error) {
	first := group[0]
	uids := make([]imap.UID, len(group))
	for i, it := range group {
		uids[i] = it.uid
	}
	if first.size > s.e.limits.message {
		return s.readHead(first)
	}
	came, err := s.bodies(group)
	if err != nil && !answered(err) {
		return nil, s.strike(uids, err)
	}
	have := make(map[imap.UID]item, len(came))
	for _, it := range came {
		have[it.uid] = it
	}
	if len(came) < len(group) {
		there, e := s.still(uids, have)
		if e != nil {
			return nil, e
		}
		if len(there) > 0 {
			return nil, s.strike(there, fmt.Errorf("the server keeps back message %d in %s: %w", there[0], s.selected, orNothing(err)))
		}
	}
	for i, it := range came {
		if it.huge { // its size was announced wrongly
			one, err := s.readHead(it)
			if err != nil {
				return nil, err
			}
			came[i] = one[0]
		}
	}
	return came, nil
}

func orNothing(err error) error {
	if err == nil {
		return errors.New("it answers without it")
	}
	return err
}

// readHead reads what stands in for a message that is too large.
func (s *imapSession) readHead(it item) ([]item, error) {
	head, err := s.head(it.uid)
	if err != nil {
		return nil, s.strike([]imap.UID{it.uid}, err)
	}
	it.body = incomplete(fmt.Sprintf("%d bytes are more than the limit of %d", it.size, s.e.limits.message), head)
	return []item{it}, nil
}

// sourceIMAP is the Source of what was fetched.
const sourceIMAP = "imap"

// key names a message of the selected folder.
func (s *imapSession) key(u imap.UID) string {
	return fmt.Sprintf("%s:%s:%d:%d", sourceIMAP, s.selected, s.state.UIDValidity, u)
}

// parseKey is key's inverse. The folder may contain colons.
func parseKey(key string) (folder string, validity uint32, uid imap.UID, ok bool) {
	rest, ok := strings.CutPrefix(key, sourceIMAP+":")
	parts := strings.Split(rest, ":")
	if !ok || len(parts) < 3 {
		return "", 0, 0, false
	}
	n := len(parts)
	v, err1 := strconv.ParseUint(parts[n-2], 10, 32)
	u, err2 := strconv.ParseUint(parts[n-1], 10, 32)
	return strings.Join(parts[:n-2], ":"), uint32(v), imap.UID(u), err1 == nil && err2 == nil && u > 0
}
