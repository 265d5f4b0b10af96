package app

import (
	"context"
	"runtime/debug"
	rt "runtime/metrics"
	"time"
)

// What checking a password or building an export took stays with the process for
// minutes after it, as the runtime expects to need it again. A desk at rest gives
// it back.
const (
	restEvery = 10 * time.Second
	restUse   = 16 << 20 // bytes used in that time that still count as rest
	restSpare = 16 << 20 // bytes it must be worth
)

// heap is what the runtime tells of the heap, in bytes: all that was ever
// allocated, then what it holds of the machine.
func heap(sample []rt.Sample) (allocated, held uint64) {
	rt.Read(sample)
	for _, s := range sample[1:] {
		held += s.Value.Uint64()
	}
	return sample[0].Value.Uint64(), held
}

// atRest gives memory back to the machine whenever nothing much happens.
func atRest(ctx context.Context) error {
	sample := []rt.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	tick := time.NewTicker(restEvery)
	defer tick.Stop()
	var before, least uint64
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		allocated, held := heap(sample)
		if allocated-before < restUse && held > least+restSpare {
			debug.FreeOSMemory()
			_, least = heap(sample)
		}
		before = allocated
	}
}
