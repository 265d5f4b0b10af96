package line

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

const (
	source          = "line" // Raw.Source
	signatureHeader = "X-Line-Signature"
	// longestDelay is how old an event may be and still count from when it
	// happened: LINE redelivers for a while.
	longestDelay = 7 * 24 * time.Hour
)

// Receive implements channel.Receiver.
func (e *endpoint) Receive(_ context.Context, c *channel.Call) (channel.Reception, error) {
	if err := e.verify(c.Header.Get(signatureHeader), c.Body); err != nil {
		return channel.Reception{}, err
	}
	if c.Method != http.MethodPost {
		return channel.Reception{}, &channel.MalformedError{Err: fmt.Errorf("the method %s", c.Method)}
	}
	var call struct {
		Events []json.RawMessage `json:"events"`
	}
	if err := json.Unmarshal(c.Body, &call); err != nil {
		return channel.Reception{}, &channel.MalformedError{Err: err}
	}
	if call.Events == nil {
		return channel.Reception{}, &channel.MalformedError{Err: errors.New("there is no list of events")}
	}
	var got channel.Reception
	for _, raw := range call.Events { // none, when LINE only tries the address
		got.Raws = append(got.Raws, channel.Raw{Source: source, Key: key(raw), At: happened(raw, c.At), Bytes: raw})
	}
	return got, nil
}

// verify checks LINE's signature of a body.
func (e *endpoint) verify(signature string, body []byte) error {
	if signature == "" {
		return &channel.UnverifiedError{Reason: "there is no " + signatureHeader}
	}
	given, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return &channel.UnverifiedError{Reason: signatureHeader + " is not base64"}
	}
	mac := hmac.New(sha256.New, e.secret)
	mac.Write(body)
	if !hmac.Equal(given, mac.Sum(nil)) {
		return &channel.UnverifiedError{Reason: signatureHeader + " does not fit the channel secret"}
	}
	return nil
}

// key names an event. LINE's own id stays when it delivers again; an event
// without one is named by its content, apart from what says that it comes again.
func key(raw []byte) string {
	if e, err := decode(raw); err == nil && e.WebhookEventID != "" {
		return e.WebhookEventID
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) == nil {
		delete(all, "deliveryContext")
		var compact bytes.Buffer
		if b, err := json.Marshal(all); err == nil && json.Compact(&compact, b) == nil {
			raw = compact.Bytes()
		}
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// happened is when an event counts from: its own time, if that can be true.
func happened(raw []byte, came time.Time) time.Time {
	e, err := decode(raw)
	if at := e.at(); err == nil && at.Before(came) && came.Sub(at) < longestDelay {
		return at
	}
	return came
}
