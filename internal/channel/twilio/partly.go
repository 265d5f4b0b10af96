package twilio

import (
	"fmt"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Partly judges the error of one of several messages that are one answer, of
// which the first have arrived: then only a person can say what to do.
func Partly(err error, arrived, all int) error {
	if err == nil || arrived == 0 {
		return Judge(err, true)
	}
	return &channel.AmbiguousError{Err: fmt.Errorf("%d of %d messages arrived: %w", arrived, all, err)}
}
