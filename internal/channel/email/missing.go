package email

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Missing implements channel.Reconciler. It looks at the messages up to the
// cursor; what comes after it is not missing but still to come.
func (e *Endpoint) Missing(ctx context.Context, have func(key string) bool) ([]string, error) {
	if e.settings.Receive.Mode != modeIMAP {
		return nil, nil
	}
	s, err := e.connectIMAP(ctx)
	if err != nil {
		return nil, err
	}
	defer s.logout(ctx)
	var missing []string
	for _, folder := range e.settings.Receive.Folders {
		pos, err := e.host.Cursor.Get(ctx, folder)
		if err != nil {
			return nil, fmt.Errorf("cursor of %s: %w", folder, err)
		}
		if err := s.examine(folder); err != nil {
			return nil, err
		}
		if pos.UID == 0 || pos.UIDValidity != s.state.UIDValidity {
			continue // nothing was read yet, or all will be read again
		}
		read := imap.UIDSet{{Start: 1, Stop: imap.UID(pos.UID)}}
		uids, err := s.search(read, read.Contains)
		if err != nil {
			return nil, err
		}
		for _, u := range uids {
			if key := s.key(u); !have(key) {
				missing = append(missing, key)
			}
		}
	}
	return missing, nil
}

// Fetch implements channel.Reconciler.
func (e *Endpoint) Fetch(ctx context.Context, keys []string, deliver func(context.Context, channel.Raw) error) error {
	if len(keys) == 0 || e.settings.Receive.Mode != modeIMAP {
		return nil
	}
	wanted := map[string][]message{}
	for _, key := range keys {
		folder, validity, uid, ok := parseKey(key)
		if !ok {
			return fmt.Errorf("%q is not the key of a fetched message", key)
		}
		wanted[folder] = append(wanted[folder], message{validity, uid})
	}
	s, err := e.connectIMAP(ctx)
	if err != nil {
		return err
	}
	defer s.logout(ctx)
	for folder, list := range wanted {
		if err := s.examine(folder); err != nil {
			return err
		}
		if err := s.again(ctx, list, deliver); err != nil {
			return err
		}
	}
	return nil
}

// message names a message within a folder.
type message struct {
	validity uint32
	uid      imap.UID
}

// again delivers messages of the selected folder. Those of another UIDVALIDITY
// are gone under that name.
func (s *imapSession) again(ctx context.Context, list []message, deliver deliverFunc) error {
	var uids []imap.UID
	for _, msg := range list {
		if msg.validity == s.state.UIDValidity {
			uids = append(uids, msg.uid)
		}
	}
	slices.SortFunc(uids, cmp.Compare[imap.UID])
	h := &harvest{s: s, deliver: deliver, passed: func(imap.UID) error { return nil }}
	return h.all(ctx, slices.Compact(uids))
}
