package app

import "testing"

func TestSpaceVerdict(t *testing.T) {
	for free, want := range map[uint64]Verdict{0: Failure, noSpace - 1: Failure, noSpace: Warning, littleSpace - 1: Warning, littleSpace: Fine, 1 << 40: Fine} {
		if got := spaceVerdict(free); got != want {
			t.Errorf("%d bytes: %s, want %s", free, got, want)
		}
	}
}
