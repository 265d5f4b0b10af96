// Package id mints the product's identifiers: a prefix that names the noun, an
// underscore, and 26 characters that sort by time of minting ("conv_01k9…").
//
// The characters are a UUIDv7 in lower-case Crockford base 32. All of one kind
// have the same length and alphabet, so text order is time order in every
// collation of both databases.
package id

import (
	"encoding/binary"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// Source mints ids. One Source never repeats itself and never goes back,
// even when its clock does.
type Source struct {
	clock  clock.Clock
	random io.Reader

	mu   sync.Mutex
	last uint64 // milliseconds
	seq  uint64 // 74 random bits would do; the low 62 count up within a millisecond
	high uint16
}

// NewSource returns a source on a clock and a source of randomness
// (crypto/rand.Reader; a seeded reader gives the same ids again).
func NewSource(c clock.Clock, random io.Reader) *Source { return &Source{clock: c, random: random} }

// New mints an id with a prefix. It panics if randomness cannot be read, as
// going on would mint ids that are not unique.
func (s *Source) New(prefix string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ms := uint64(s.clock.Now().UnixMilli())
	if ms > s.last {
		s.last = ms
		s.reseed()
	} else {
		s.seq++
	}
	var u [16]byte
	binary.BigEndian.PutUint64(u[:8], s.last<<16|0x7000|uint64(s.high&0x0fff))
	binary.BigEndian.PutUint64(u[8:], s.seq&^(3<<62)|2<<62)
	return prefix + "_" + encode(u)
}

func (s *Source) reseed() {
	var b [10]byte
	if _, err := io.ReadFull(s.random, b[:]); err != nil {
		panic("id: no randomness: " + err.Error())
	}
	s.high = binary.BigEndian.Uint16(b[:2])
	// The top bits stay clear so that counting up cannot overflow within a millisecond.
	s.seq = binary.BigEndian.Uint64(b[2:]) >> 3
}

func encode(u [16]byte) string {
	var out [26]byte
	hi, lo := binary.BigEndian.Uint64(u[:8]), binary.BigEndian.Uint64(u[8:])
	for i := 25; i >= 0; i-- {
		out[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// Is reports whether s is an id with a prefix.
func Is(prefix, s string) bool {
	_, ok := Time(s)
	return ok && len(s) == len(prefix)+27 && strings.HasPrefix(s, prefix)
}

// Time returns when an id was minted; false if s is not an id.
func Time(s string) (time.Time, bool) {
	if len(s) < 27 || s[len(s)-27] != '_' {
		return time.Time{}, false
	}
	var hi, lo uint64
	for _, c := range []byte(s[len(s)-26:]) {
		v := index(c)
		if v < 0 {
			return time.Time{}, false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	return time.UnixMilli(int64(hi >> 16)).UTC(), true
}

func index(c byte) int {
	for i := range len(alphabet) {
		if alphabet[i] == c {
			return i
		}
	}
	return -1
}

// Valid reports whether s is an id with this prefix.
func Valid(prefix, s string) bool {
	if len(s) != len(prefix)+27 || s[:len(prefix)] != prefix {
		return false
	}
	_, ok := Time(s)
	return ok
}

// Make returns the id that a bulk load gives the nth thing of a moment: the
// same for the same arguments, and in the order of time like any other.
func Make(prefix string, at time.Time, n uint64) string {
	var u [16]byte
	binary.BigEndian.PutUint64(u[:8], uint64(at.UnixMilli())<<16|0x7000)
	binary.BigEndian.PutUint64(u[8:], n&^(3<<62)|2<<62)
	return prefix + "_" + encode(u)
}
