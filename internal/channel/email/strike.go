package email

import "sync"

// mostStrikes is how often fetching one message may fail before it is asked
// whether the message itself is the reason.
const mostStrikes = 3

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

// add counts one more.
func (s *strikes) add(key, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[key] = strike{n: s.by[key].n + 1, why: why}
}

// of returns the count of key and the last reason.
func (s *strikes) of(key string) (n int, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[key].n, s.by[key].why
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
