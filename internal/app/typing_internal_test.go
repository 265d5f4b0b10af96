package app

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestTypingOfTwoNodes: what the agents of one node do does not end what those of
// the other do, and a node that is gone does not type for ever.
func TestTypingOfTwoNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // timers show and say, too
		shown := false
		var said []bool
		types := newTypists(
			func(_ string, on bool) { mu.Lock(); defer mu.Unlock(); shown = on },
			func(_ string, on bool) { mu.Lock(); defer mu.Unlock(); said = append(said, on) })
		expect := func(when string, on bool, words ...bool) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if shown != on || !slices.Equal(said, words) {
				t.Errorf("%s: shown %v, said %s", when, shown, fmt.Sprint(said))
			}
			said = nil
		}
		types.remote("conv_1", true)
		types.local("conv_1", false) // somebody here only looks on
		types.local("conv_1", false)
		expect("the other node types", true)
		types.local("conv_1", true)
		types.local("conv_1", true)
		expect("both type", true, true)
		types.remote("conv_1", false)
		expect("the other has ceased", true)
		types.remote("conv_1", true)
		types.local("conv_1", false)
		expect("this one has ceased", true, false)
		time.Sleep(typingHeard + time.Second)
		expect("the other node is gone", false)

		types.local("conv_1", true)
		time.Sleep(2*typingAgain + time.Second)
		expect("long words", true, true, true, true)
		types.local("conv_1", false)
		time.Sleep(typingHeard)
		expect("the end", false, false)
	})
}
