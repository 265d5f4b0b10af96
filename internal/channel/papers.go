package channel

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ReadPapers reads the two documents that Kind.Open is given into a channel's
// own forms. Errors are SettingsErrors; that of the secrets says nothing of what
// stands in them, as it may reach a log.
func ReadPapers(settings, secrets []byte, set, sec any) error {
	if err := json.Unmarshal(settings, set); err != nil {
		return &SettingsError{Err: fmt.Errorf("settings: %w", err)}
	}
	if len(secrets) > 0 && json.Unmarshal(secrets, sec) != nil {
		return &SettingsError{Err: errors.New("secrets: not a JSON object of the expected form")}
	}
	return nil
}
