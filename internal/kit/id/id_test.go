package id_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
)

func TestIdsSortByTimeAndNeverRepeat(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	s := id.NewSource(c, rand.Reader)
	last := ""
	for i := range 5000 {
		switch i % 7 {
		case 0:
			c.Advance(time.Millisecond)
		case 3:
			c.Advance(-time.Second)
		}
		n := s.New("conv")
		if n <= last {
			t.Fatalf("%s does not sort after %s", n, last)
		}
		last = n
	}
}

func TestTimeIsReadBack(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	n := id.NewSource(clock.NewManual(at), rand.Reader).New("msg")
	got, ok := id.Time(n)
	if !ok || !got.Equal(at) {
		t.Fatalf("Time(%s) = %v, %v", n, got, ok)
	}
	if !id.Valid("msg", n) || id.Valid("conv", n) || id.Valid("msg", n+"x") || id.Valid("msg", "msg_ABC") {
		t.Fatalf("Valid misjudges %s", n)
	}
}
