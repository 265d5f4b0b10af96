package messenger

import (
	"encoding/json"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// event is what happened between a person and the page or account.
type event struct {
	Sender    struct{ ID meta.Loose } `json:"sender"`
	Timestamp meta.Loose              `json:"timestamp"`
	Message   *said                   `json:"message"`
	Edit      *struct {
		ID   meta.Loose `json:"mid"`
		Text meta.Loose `json:"text"`
	} `json:"message_edit"`
	Postback *struct {
		ID       meta.Loose `json:"mid"`
		Title    meta.Loose `json:"title"`
		Payload  meta.Loose `json:"payload"`
		Referral *referral  `json:"referral"`
	} `json:"postback"`
	Read *struct {
		ID meta.Loose `json:"mid"`
	} `json:"read"`
	Delivery *struct {
		IDs []meta.Loose `json:"mids"`
	} `json:"delivery"`
	Reaction *struct {
		ID     meta.Loose `json:"mid"`
		Action meta.Loose `json:"action"`
		Name   meta.Loose `json:"reaction"`
		Emoji  meta.Loose `json:"emoji"`
	} `json:"reaction"`
	Referral *referral `json:"referral"`
	Policy   *struct {
		Action meta.Loose `json:"action"`
		Reason meta.Loose `json:"reason"`
	} `json:"policy-enforcement"`
}

// said is a message.
type said struct {
	ID          meta.Loose `json:"mid"`
	Text        meta.Loose `json:"text"`
	IsEcho      bool       `json:"is_echo"`
	IsEchoToo   bool       `json:"isEcho"` // as some relays write it
	Deleted     bool       `json:"is_deleted"`
	Unsupported bool       `json:"is_unsupported"`
	Sticker     meta.Loose `json:"sticker_id"`
	StickerToo  meta.Loose `json:"stickerId"`
	QuickReply  *struct {
		Payload meta.Loose `json:"payload"`
	} `json:"quick_reply"`
	ReplyTo *struct {
		ID    meta.Loose `json:"mid"`
		Story *struct {
			ID  meta.Loose `json:"id"`
			URL meta.Loose `json:"url"`
		} `json:"story"`
	} `json:"reply_to"`
	Referral    *referral  `json:"referral"`
	Attachments []attached `json:"attachments"`
}

func (s *said) echo() bool { return s.IsEcho || s.IsEchoToo }

// attached is something that came with a message.
type attached struct {
	Type    string     `json:"type"`
	Title   meta.Loose `json:"title"`
	URL     meta.Loose `json:"url"`
	Payload struct {
		URL         meta.Loose `json:"url"`
		Title       meta.Loose `json:"title"`
		Sticker     meta.Loose `json:"sticker_id"`
		Coordinates struct {
			Lat  meta.Loose `json:"lat"`
			Long meta.Loose `json:"long"`
		} `json:"coordinates"`
		Product struct {
			Elements []struct {
				Title    meta.Loose `json:"title"`
				Subtitle meta.Loose `json:"subtitle"`
			} `json:"elements"`
		} `json:"product"`
	} `json:"payload"`
}

// referral is where a person came from.
type referral struct {
	Source meta.Loose `json:"source"`
	Ref    meta.Loose `json:"ref"`
	Ads    struct {
		Title meta.Loose `json:"ad_title"`
	} `json:"ads_context_data"`
	URI meta.Loose `json:"referer_uri"`
}

// name is what an event calls itself: the member that is not about who and when.
func name(raw json.RawMessage) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return "unknown"
	}
	var out []string
	for key := range members {
		if key != "sender" && key != "recipient" && key != "timestamp" {
			out = append(out, key)
		}
	}
	if len(out) != 1 {
		return "unknown"
	}
	return out[0]
}

// housekeeping lists events that nobody says anything with: who leads the
// conversation, who opened a link, who signed up.
var housekeeping = map[string]bool{
	"read": true, "delivery": true, "referral": true, "optin": true, "app_roles": true, "pass_thread_control": true,
	"take_thread_control": true, "request_thread_control": true, "account_linking": true, "policy-enforcement": true,
}

// lines joins what is not empty.
func lines(sep string, parts ...meta.Loose) string {
	var out []string
	for _, p := range parts {
		if s := strings.TrimSpace(string(p)); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, sep)
}
