package telegram

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

const (
	source       = "telegram" // Raw.Source
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	// longestDelay is how old an update may be and still count from when it
	// happened; Telegram keeps them for a day.
	longestDelay = 2 * 24 * time.Hour
)

// Receive implements channel.Receiver: a call carries one update.
func (e *endpoint) Receive(_ context.Context, c *channel.Call) (channel.Reception, error) {
	given := c.Header.Get(secretHeader)
	switch {
	case given == "":
		return channel.Reception{}, &channel.UnverifiedError{Reason: "there is no " + secretHeader}
	case !hmac.Equal([]byte(given), []byte(e.hookSecret())):
		return channel.Reception{}, &channel.UnverifiedError{Reason: secretHeader + " is not what the bot's webhook was registered with"}
	case c.Method != http.MethodPost:
		return channel.Reception{}, &channel.MalformedError{Err: fmt.Errorf("the method %s", c.Method)}
	}
	body := bytes.TrimSpace(c.Body)
	if !json.Valid(body) || body[0] != '{' {
		return channel.Reception{}, &channel.MalformedError{Err: errors.New("not a JSON object")}
	}
	got := channel.Reception{Raws: []channel.Raw{delivery(body, c.At)}}
	if u, err := decode(body); err == nil && u.Callback != nil {
		got.ContentType = "application/json" // the answer of a call may be a request
		if got.Body, err = json.Marshal(answered{Method: "answerCallbackQuery", ID: string(u.Callback.ID)}); err != nil {
			return channel.Reception{}, err
		}
	}
	return got, nil
}

// answered tells Telegram that a pressed button was heard: until then the button
// shows that it waits.
type answered struct {
	Method string `json:"method,omitempty"`
	ID     string `json:"callback_query_id"`
}

// delivery is an update on its way in. One that cannot be read is named by its
// content and will be kept in quarantine.
func delivery(raw []byte, came time.Time) channel.Raw {
	out := channel.Raw{Source: source, At: came, Bytes: raw}
	u, err := decode(raw)
	if err != nil {
		sum := sha256.Sum256(raw)
		out.Key = "sha256:" + hex.EncodeToString(sum[:])
		return out
	}
	out.Key = u.key()
	if u.Message != nil {
		if at := unix(u.Message.Date); at.Before(came) && came.Sub(at) < longestDelay {
			out.At = at
		}
	}
	return out
}
