package meta

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// HashKey names an event that has no id by what is in it.
func HashKey(prefix string, event any) (string, error) {
	doc, err := json.Marshal(event)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(doc)
	return prefix + ":" + hex.EncodeToString(sum[:]), nil
}
