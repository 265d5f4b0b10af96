package email

import (
	"sync"

	"github.com/emersion/go-imap/v2"
)

// mostStrikes is how often fetching one message alone must fail, each time after
// a later one could be fetched, before the fault is taken to be its own. With
// the pauses between the tries that takes a quarter of an hour.
const mostStrikes = 10

// strikes counts failed fetches by message.
type strikes struct {
	mu sync.Mutex
	by map[string]strike
}

type strike struct {
	n   int
	why string
}

func newStrikes() *strikes { return &strikes{by: map[string]strike{}} }

// of returns the count of key and the last reason.
func (s *strikes) of(key string) (n int, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[key].n, s.by[key].why
}

// set notes a count and a reason.
func (s *strikes) set(key string, n int, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[key] = strike{n: n, why: why}
}

// clear forgets key.
func (s *strikes) clear(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, key)
}

// any tells whether some message is under suspicion.
func (s *strikes) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.by) > 0
}

// strike notes that these messages could not be fetched and returns the cause.
// One strike makes them be fetched alone, a second one makes them suspects; only
// after a probe are there more.
func (s *imapSession) strike(uids []imap.UID, cause error) error {
	for _, u := range uids {
		n, _ := s.e.strikes.of(s.key(u))
		switch {
		case len(uids) > 1:
			n = max(n, 1)
		case n < 2 || s.probed == u:
			n++
		}
		s.e.strikes.set(s.key(u), n, cause.Error())
	}
	return cause
}

// suspect looks at a message that could not be fetched alone before: it probes
// whether a later one can be. If not, the fault is the server's or the line's,
// and everything waits. If so often enough, it returns the reason to give the
// message up, because it must not hold up those behind it. The last message of a
// folder holds up nobody and is tried for ever.
func (s *imapSession) suspect(u imap.UID) (reason string, err error) {
	s.probed = 0
	n, why := s.e.strikes.of(s.key(u))
	if n < 2 {
		return "", nil
	}
	later, err := s.newer(uint32(u))
	if err != nil || len(later) == 0 {
		return "", err
	}
	if came, err := s.bodies([]item{{uid: later[0]}}); err != nil || len(came) == 0 {
		return "", err
	}
	s.probed = u
	if n < mostStrikes {
		return "", nil
	}
	return "the server does not give it out: " + why, nil
}
