package email

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	pos, err := s.m.host.Cursor.Get(ctx, folder)
	if err != nil {
		return fmt.Errorf("cursor of %s: %w", folder, err)
	}
	if validity := s.state.UIDValidity; pos.UIDValidity != validity {
		if pos.UIDValidity != 0 {
			s.m.host.Log.WarnContext(ctx, "a folder was made anew; all of it is read again", "folder", folder, "was", pos.UIDValidity, "is", validity)
		}
		pos = channel.Position{UIDValidity: validity}
	}
	uids, err := s.newer(pos.UID)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(uids, s.m.limits.count) {
		if err := s.take(ctx, part, deliver, func(u imap.UID) error {
			pos.UID = uint32(u)
			return s.m.host.Cursor.Set(ctx, folder, pos)
		}); err != nil {
			return err
		}
	}
	return nil
}

// take delivers the messages of uids in their order. passed is told how far
// nothing is owed any more.
func (s *imapSession) take(ctx context.Context, uids []imap.UID, deliver deliverFunc, passed func(imap.UID) error) error {
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
		done, err := s.takeGroup(ctx, group, deliver)
		if done != 0 {
			err = errors.Join(err, passed(done))
		}
		if err != nil {
			return err
		}
	}
	for _, u := range uids {
		s.m.strikes.clear(s.key(u))
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
		known[u] = item{uid: u, size: s.m.limits.group} // a group of its own
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

// groups cuts items into stretches that are fetched with one command. While a
// message is suspected of breaking the connection they are fetched one by one.
func (s *imapSession) groups(items []item) func(yield func([]item) bool) {
	return func(yield func([]item) bool) {
		for len(items) > 0 {
			n, size := 1, items[0].size
			alone := s.m.strikes.any()
			for n < len(items) && !alone && size+items[n].size <= s.m.limits.group {
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

// takeGroup fetches and delivers one stretch. done is the last UID that is safe.
func (s *imapSession) takeGroup(ctx context.Context, group []item, deliver deliverFunc) (done imap.UID, err error) {
	came, err := s.read(group)
	if err != nil {
		return 0, err
	}
	for _, it := range came {
		raw := channel.Raw{Source: sourceIMAP, Key: s.key(it.uid), At: it.at, Bytes: it.body}
		if err := deliver(ctx, raw); err != nil {
			return done, fmt.Errorf("uid %d in %s: %w", it.uid, s.selected, err)
		}
		s.m.strikes.clear(raw.Key)
		done = it.uid
	}
	return group[len(group)-1].uid, nil
}

// read fetches the bodies of one stretch. Messages that were moved or deleted
// meanwhile are left out; one that is there and does not come is an error, and
// in the end hopeless.
func (s *imapSession) read(group []item) ([]item, error) {
	first := group[0]
	if reason, ok := s.hopeless(first); ok {
		first.body = incomplete(reason, nil)
		return []item{first}, nil
	}
	uids := make([]imap.UID, len(group))
	for i, it := range group {
		uids[i] = it.uid
	}
	if first.size > s.m.limits.message {
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
	it.body = incomplete(fmt.Sprintf("%d bytes are more than the limit of %d", it.size, s.m.limits.message), head)
	return []item{it}, nil
}

// strike notes that fetching these messages failed. From now on they are
// fetched one by one.
func (s *imapSession) strike(uids []imap.UID, cause error) error {
	for _, u := range uids {
		s.m.strikes.add(s.key(u), cause.Error())
	}
	return cause
}

// hopeless tells whether a message failed often enough while a later one can be
// fetched: then the fault is its own and not the server's, and it must not hold
// up those behind it. The last message of a folder holds up nobody and is tried
// for ever.
func (s *imapSession) hopeless(it item) (reason string, ok bool) {
	n, why := s.m.strikes.of(s.key(it.uid))
	if n < mostStrikes {
		return "", false
	}
	later, err := s.newer(uint32(it.uid))
	if err != nil || len(later) == 0 {
		return "", false
	}
	came, err := s.bodies([]item{{uid: later[0]}})
	return "the server does not give it out: " + why, err == nil && len(came) == 1
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
