package email

import (
	"bytes"
	"strings"
)

// incompleteField is the first line of a delivery that stands for a message
// which could not be fetched. Only as the very first line does it mean so: what
// a sender writes comes after the lines of the servers on the way.
const incompleteField = "X-Kintsugi-Incomplete"

// incomplete makes such a delivery: the reason and as much of the header as there is.
func incomplete(reason string, head []byte) []byte {
	reason = strings.Join(strings.Fields(strings.ToValidUTF8(reason, "?")), " ")
	return append([]byte(incompleteField+": "+reason+"\r\n"), head...)
}

// reasonIncomplete returns the reason, if raw is such a delivery.
func reasonIncomplete(raw []byte) (string, bool) {
	line, _, _ := bytes.Cut(raw, []byte("\r\n"))
	reason, ok := bytes.CutPrefix(line, []byte(incompleteField+": "))
	return string(reason), ok
}
