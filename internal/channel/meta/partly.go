package meta

import (
	"fmt"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Partly judges the error of one of several pieces of a message, of which those
// before it have arrived: then only a person can say what to do.
func Partly(err error, arrived []string) error {
	if err == nil || len(arrived) == 0 {
		return Judge(err, true)
	}
	return &channel.AmbiguousError{Err: fmt.Errorf("arrived: %s; not what follows: %w", strings.Join(arrived, ", "), err)}
}

// One returns the only recipient of a message. Errors: channel.RefusedError.
func One(m *channel.Outgoing) (channel.Address, error) {
	all := m.Recipients()
	if len(all) != 1 || all[0].Address == "" {
		return channel.Address{}, &channel.RefusedError{Text: "a message goes to one person"}
	}
	return all[0], nil
}
