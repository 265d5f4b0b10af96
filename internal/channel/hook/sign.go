package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// The header fields of Standard Webhooks.
const (
	idHeader        = "Webhook-Id"
	timeHeader      = "Webhook-Timestamp" // Unix seconds
	signatureHeader = "Webhook-Signature" // "v1,…", several with spaces between them
)

const (
	tolerance     = 5 * time.Minute
	minKey        = 24  // bytes
	maxID         = 200 // bytes
	maxSignatures = 10  // in a call: two while a secret is changed
	keyPrefix     = "whsec_"
	version       = "v1,"
)

// key signs calls.
type key []byte

// newKey reads a secret: whsec_ and base64.
func newKey(secret string) (key, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(secret), keyPrefix))
	if err != nil || len(b) < minKey {
		return nil, fmt.Errorf("it is %s and at least %d random bytes in base64", keyPrefix, minKey)
	}
	return b, nil
}

func (k key) sum(id, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// sign writes the fields of a call that is to be believed.
func (k key) sign(h http.Header, id string, now time.Time, body []byte) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set(idHeader, id)
	h.Set(timeHeader, at)
	h.Set(signatureHeader, version+base64.StdEncoding.EncodeToString(k.sum(id, at, body)))
}

// Signed is a call that is signed: its id, its moment, its bytes.
type Signed struct {
	ID   string
	At   time.Time
	Body []byte
}

// Sign writes the header fields by which whoever has the secret believes a call of
// ours. The error says what is wrong with the secret, and does not quote it.
func Sign(h http.Header, secret string, s Signed) error {
	k, err := newKey(secret)
	if err == nil {
		k.sign(h, s.ID, s.At, s.Body)
	}
	return err
}

// timely refuses what a clock says that is too far ahead of ours, or behind: an old
// call that somebody wrote down and makes again, or a clock that is wrong.
func timely(ahead time.Duration) error {
	if ahead.Abs() <= tolerance {
		return nil
	}
	return &channel.UnverifiedError{Reason: timeHeader + " is more than five minutes away", Skew: ahead}
}

// verify believes a call, or says why not.
func (k key) verify(c *channel.Call) error {
	id, at := c.Header.Get(idHeader), c.Header.Get(timeHeader)
	if id == "" || len(id) > maxID {
		return &channel.UnverifiedError{Reason: idHeader + " is missing or too long"}
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return &channel.UnverifiedError{Reason: timeHeader + " is not a time"}
	}
	want := k.sum(id, at, c.Body)
	given := strings.Fields(strings.Join(c.Header.Values(signatureHeader), " "))
	for _, one := range given[:min(len(given), maxSignatures)] {
		text, ok := strings.CutPrefix(one, version)
		sum, err := base64.StdEncoding.DecodeString(text)
		if ok && err == nil && hmac.Equal(sum, want) {
			return timely(time.Unix(seconds, 0).Sub(c.At))
		}
	}
	return &channel.UnverifiedError{Reason: signatureHeader + " does not fit the secret"}
}
