package email

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// deliverFunc takes one message in and returns nil when it is safe.
type deliverFunc func(context.Context, channel.Raw) error

// item is one message on the server.
type item struct {
	uid  imap.UID
	size int64
	at   time.Time
	body []byte
	huge bool // larger than the limit, whatever size said
}

// newer asks for the UIDs after last, in order.
func (s *imapSession) newer(last uint32) ([]imap.UID, error) {
	return s.search(imap.UIDSet{{Start: imap.UID(last) + 1, Stop: 0}}, func(u imap.UID) bool { return uint32(u) > last })
}

// search asks which messages of set are there and wanted. keep filters the
// answer: to "5:*" a server answers with its last message even when that is 3.
func (s *imapSession) search(set imap.UIDSet, keep func(imap.UID) bool) ([]imap.UID, error) {
	criteria := &imap.SearchCriteria{UID: []imap.UIDSet{set}}
	since, err := s.e.settings.Receive.since()
	if err != nil {
		return nil, err
	}
	criteria.Since = since
	var found []imap.UID
	err = s.do("search in "+s.selected, func() error {
		data, err := s.client.UIDSearch(criteria, nil).Wait()
		if err != nil {
			return err
		}
		for _, u := range data.AllUIDs() {
			if u != 0 && keep(u) {
				found = append(found, u)
			}
		}
		return nil
	})
	return found, err
}

// sizes asks how large the messages are and when they came. Those that are gone
// are missing from the answer.
func (s *imapSession) sizes(uids []imap.UID) ([]item, error) {
	byUID := make(map[imap.UID]item, len(uids))
	err := s.fetch(uids, &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}, func(it item) {
		byUID[it.uid] = it
	})
	var items []item
	for _, u := range uids {
		if it, ok := byUID[u]; ok {
			items = append(items, it)
		}
	}
	return items, err
}

// bodies fills in the bytes of items and returns those that came, in order.
func (s *imapSession) bodies(items []item) ([]item, error) {
	got := make(map[imap.UID]item, len(items))
	uids := make([]imap.UID, len(items))
	for i, it := range items {
		uids[i] = it.uid
	}
	section := []*imap.FetchItemBodySection{{Peek: true}}
	err := s.fetch(uids, &imap.FetchOptions{UID: true, BodySection: section}, func(it item) { got[it.uid] = it })
	var came []item
	for _, it := range items {
		if g, ok := got[it.uid]; ok && (g.body != nil || g.huge) {
			it.body, it.huge = g.body, g.huge
			came = append(came, it)
		}
	}
	return came, err
}

// head fetches the header of one message.
func (s *imapSession) head(uid imap.UID) ([]byte, error) {
	section := []*imap.FetchItemBodySection{{Peek: true, Specifier: imap.PartSpecifierHeader}}
	var head []byte
	err := s.fetch([]imap.UID{uid}, &imap.FetchOptions{UID: true, BodySection: section}, func(it item) { head = it.body })
	return head[:min(int64(len(head)), s.e.limits.header)], err
}

// fetch runs one FETCH and reads its whole answer, because the connection is
// stuck until that is read. A body over the limit is skipped on the way.
func (s *imapSession) fetch(uids []imap.UID, opts *imap.FetchOptions, take func(item)) error {
	return s.do("fetch in "+s.selected, func() error {
		cmd := s.client.Fetch(imap.UIDSetNum(uids...), opts)
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			it, err := s.readItem(data)
			if err != nil {
				// The line broke. The library would read on from it while its own
				// reader does, so the command is left alone; it ends with the line.
				s.line.cut(err)
				return err
			}
			if it.uid != 0 {
				take(it)
			}
		}
		return cmd.Close()
	})
}

// readItem reads what is said about one message.
func (s *imapSession) readItem(data *imapclient.FetchMessageData) (item, error) {
	var it item
	for d := data.Next(); d != nil; d = data.Next() {
		switch d := d.(type) {
		case imapclient.FetchItemDataUID:
			it.uid = d.UID
		case imapclient.FetchItemDataRFC822Size:
			it.size = d.Size
		case imapclient.FetchItemDataInternalDate:
			it.at = d.Time
		case imapclient.FetchItemDataBodySection:
			if d.Literal == nil {
				continue
			}
			if size := d.Literal.Size(); size > s.e.limits.message {
				it.huge, it.size = true, size
				continue
			}
			body, err := io.ReadAll(d.Literal)
			if err == nil && int64(len(body)) < d.Literal.Size() {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return it, fmt.Errorf("message %d ends early: %w", it.uid, err)
			}
			it.body = body
		}
	}
	return it, nil
}
