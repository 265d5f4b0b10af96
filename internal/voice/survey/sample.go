package survey

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// sampled reports whether a resolution is among the percent that are asked
// about. The answer for one resolution never changes, needs no memory, and who
// is picked at a lower percentage is also picked at a higher one.
func sampled(conversationID string, resolution, percent int) bool {
	h := sha256.Sum256([]byte("survey sample " + conversationID + " " + strconv.Itoa(resolution)))
	return binary.BigEndian.Uint32(h[:4])%100 < uint32(max(percent, 0))
}
