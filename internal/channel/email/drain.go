package email

import (
	"context"
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
	h := &harvest{s: s, deliver: deliver, passed: func(u imap.UID) error {
		pos.UID = uint32(u)
		return s.e.host.Cursor.Set(ctx, folder, pos)
	}}
	if err := h.all(ctx, uids); err != nil {
		return err
	}
	s.e.strikes.clear(keyPrefix(folder)) // those of messages that are gone, too
	return nil
}

// sourceIMAP is the Source of what was fetched.
const sourceIMAP = "imap"

func keyPrefix(folder string) string { return sourceIMAP + ":" + folder + ":" }

// key names a message of the selected folder.
func (s *imapSession) key(u imap.UID) string {
	return fmt.Sprintf("%s%d:%d", keyPrefix(s.selected), s.state.UIDValidity, u)
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
