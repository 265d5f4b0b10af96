package clock_test

import (
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

func TestManual(t *testing.T) {
	start := time.Date(2026, 4, 15, 10, 0, 0, 1_234_567, time.FixedZone("JST", 9*3600))
	c := clock.NewManual(start)
	if got := c.Now(); got.Location() != time.UTC || got.Nanosecond() != 1_000_000 || got.Hour() != 1 {
		t.Fatalf("now %v", got)
	}
	woken := func(ch <-chan time.Time) bool {
		select {
		case <-ch:
			return true
		default:
			return false
		}
	}
	soon, _ := c.After(time.Minute)
	late, _ := c.After(time.Hour)
	given, giveUp := c.After(time.Minute)
	now, _ := c.After(0)
	if !woken(now) || woken(soon) {
		t.Fatal("woken at the wrong time")
	}
	giveUp()
	c.Advance(-time.Hour)
	c.Advance(time.Hour + time.Minute)
	if !woken(soon) || woken(late) || woken(given) {
		t.Error("after a minute, and a jump back and forth")
	}
	c.Set(start.Add(2 * time.Hour))
	if !woken(late) || woken(soon) {
		t.Error("after two hours")
	}
}

func TestSystem(t *testing.T) {
	var c clock.System
	if now := c.Now(); now.Location() != time.UTC || now.Nanosecond()%1_000_000 != 0 || time.Since(now).Abs() > time.Minute {
		t.Errorf("now %v", now)
	}
	ch, stop := c.After(time.Millisecond)
	<-ch
	stop()
	_, stop = c.After(time.Hour)
	stop()
}
