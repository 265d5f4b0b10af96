package team

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

func TestLimiter(t *testing.T) {
	start := time.Date(2026, 4, 15, 1, 0, 0, 0, time.UTC)
	wait := func(err error) time.Duration {
		var f *fault.Error
		if err == nil {
			return 0
		}
		if !errors.As(err, &f) || f.Kind != fault.TooMany {
			t.Fatalf("want too-many, got %v", err)
		}
		return f.RetryAfter
	}
	l := newLimiter(10)
	for n := range pairBurst {
		if d := wait(l.try(start, "203.0.113.5", "a@x")); d != 0 {
			t.Fatalf("try %d must wait %v", n, d)
		}
	}
	if d := wait(l.try(start, "203.0.113.5", "a@x")); d != pairEvery {
		t.Errorf("after the burst: wait %v, want %v", d, pairEvery)
	}
	if d := wait(l.try(start, "203.0.113.6", "a@x")); d != 0 {
		t.Errorf("another address is locked out of the account for %v", d)
	}
	if d := wait(l.try(start.Add(pairEvery), "203.0.113.5", "a@x")); d != 0 {
		t.Errorf("after the wait: %v", d)
	}
	l.forgive("203.0.113.5", "a@x")
	if d := wait(l.try(start.Add(pairEvery), "203.0.113.5", "a@x")); d != 0 {
		t.Errorf("after a right password: %v", d)
	}
}

func TestLimiterStopsOneAddressOnManyAccounts(t *testing.T) {
	start := time.Date(2026, 4, 15, 1, 0, 0, 0, time.UTC)
	l := newLimiter(1000)
	// One client with a /64 of its own, trying every account once.
	for n := range addressBurst {
		if err := l.try(start, "2001:db8::"+strconv.Itoa(n+1), strconv.Itoa(n)); err != nil {
			t.Fatalf("try %d: %v", n, err)
		}
	}
	if l.try(start, "2001:db8::ffff", "fresh") == nil {
		t.Error("the address is not limited over all accounts")
	}
	if err := l.try(start, "2001:db8:0:1::1", "fresh"); err != nil {
		t.Errorf("the neighbouring network: %v", err)
	}
}

func TestLimiterForgetsTheLeastRecentlyUsed(t *testing.T) {
	start := time.Date(2026, 4, 15, 1, 0, 0, 0, time.UTC)
	l := newLimiter(20)
	for n := range 500 {
		if err := l.try(start, "198.51.100."+strconv.Itoa(n%250), strconv.Itoa(n)); err != nil {
			t.Fatal(err)
		}
		if len(l.buckets) != l.recent.Len() || len(l.buckets) > 20 {
			t.Fatalf("%d buckets, %d listed", len(l.buckets), l.recent.Len())
		}
	}
	if _, ok := l.buckets[pairKey("198.51.100.249", "499")]; !ok {
		t.Error("the newest bucket is gone")
	}
	if _, ok := l.buckets[pairKey("198.51.100.0", "0")]; ok {
		t.Error("the oldest bucket is still there")
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.5": "203.0.113.5", "::ffff:203.0.113.5": "203.0.113.5",
		"2001:db8:1:2:3::4": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "pipe": "pipe",
	} {
		if got := Network(in); got != want {
			t.Errorf("Network(%s) = %s, want %s", in, got, want)
		}
	}
}
