package email

import (
	"maps"
	"strings"
	"sync"
)

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

// clear forgets all keys that begin with prefix.
func (s *strikes) clear(prefix string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.by, func(key string, _ strike) bool { return strings.HasPrefix(key, prefix) })
}

// any tells whether some message is under suspicion.
func (s *strikes) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.by) > 0
}
