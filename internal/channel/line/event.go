package line

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// event is one webhook event. Members of other kinds of event are absent.
type event struct {
	Type           string `json:"type"`
	Timestamp      int64  `json:"timestamp"` // milliseconds
	WebhookEventID string `json:"webhookEventId"`
	ReplyToken     string `json:"replyToken"`
	Source         struct {
		Type   string `json:"type"`
		UserID string `json:"userId"`
	} `json:"source"`
	Message  content `json:"message"`
	Postback struct {
		Data   string            `json:"data"`
		Params map[string]string `json:"params"`
	} `json:"postback"`
	Unsend struct {
		MessageID string `json:"messageId"`
	} `json:"unsend"`
}

// content is what a message event carries.
type content struct {
	ID              string `json:"id"`
	Type            string `json:"type"`
	Text            string `json:"text"`
	QuotedMessageID string `json:"quotedMessageId"`
	ContentProvider struct {
		Type               string `json:"type"`
		OriginalContentURL string `json:"originalContentUrl"`
	} `json:"contentProvider"`
	FileName            string      `json:"fileName"`
	FileSize            int64       `json:"fileSize"`
	Title               string      `json:"title"`
	Address             string      `json:"address"`
	Latitude            json.Number `json:"latitude"`
	Longitude           json.Number `json:"longitude"`
	PackageID           string      `json:"packageId"`
	StickerID           string      `json:"stickerId"`
	StickerResourceType string      `json:"stickerResourceType"`
	Keywords            []string    `json:"keywords"`
}

// decode reads an event. A member of another form than LINE documents is as good
// as absent: the rest still tells something.
func decode(raw []byte) (event, error) {
	var e event
	var mismatch *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &e); err != nil && !errors.As(err, &mismatch) {
		return e, err
	}
	if e.Type == "" {
		return e, errors.New("a LINE event has a type")
	}
	return e, nil
}

// at is when it happened; zero if the event does not say.
func (e event) at() time.Time {
	if e.Timestamp <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(e.Timestamp).UTC()
}

// shared reports whether it happened where others take part.
func (e event) shared() bool { return e.Source.Type == "group" || e.Source.Type == "room" }

// probe reports whether it is one of the made-up events with which LINE used to
// try an address: nobody is behind it.
func (e event) probe() bool {
	return len(e.ReplyToken) == 32 && (strings.Trim(e.ReplyToken, "0") == "" || strings.Trim(e.ReplyToken, "f") == "")
}
