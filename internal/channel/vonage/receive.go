package vonage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// event is one call as it is kept.
type event struct {
	Params map[string]string `json:"params"`
}

// Receive implements channel.Receiver.
func (e *Endpoint) Receive(_ context.Context, c *channel.Call) (answer channel.Reception, err error) {
	params, err := Believe(e.settings.Method, e.secrets.SignatureSecret, c)
	if err != nil {
		return answer, err
	}
	raw := channel.Raw{Source: source, Key: key(params)}
	if raw.Bytes, err = json.Marshal(event{params}); err != nil {
		return answer, err
	}
	if raw.Key == "" {
		sum := sha256.Sum256(raw.Bytes)
		raw.Key = "call:" + hex.EncodeToString(sum[:])
	}
	answer.Raws = []channel.Raw{raw}
	return answer, nil
}

// key names a call by the vendor's id; "" if it has none.
func key(p map[string]string) string {
	switch id := p["messageId"]; {
	case id == "":
		return ""
	case p["status"] != "":
		return strings.Join([]string{"status", id, p["status"], p["err-code"]}, ":")
	default:
		return "message:" + id
	}
}

// Parse is Kind.Parse.
func Parse(raw []byte) (*channel.Message, error) {
	var ev event
	if err := json.Unmarshal(raw, &ev); err != nil {
		return nil, err
	}
	p := ev.Params
	switch {
	case len(p) == 0:
		return nil, errors.New("no call of Vonage's")
	case p["messageId"] != "" && p["status"] != "":
		return report(p), nil
	case p["msisdn"] != "" && p["messageId"] != "":
		return message(p), nil
	}
	return &channel.Message{Subject: strings.TrimSpace("call: " + cmp.Or(p["type"], p["status"], "unknown"))}, nil
}

func message(p map[string]string) *channel.Message {
	m := &channel.Message{ExternalID: p["messageId"], From: channel.Address{Address: address(p["msisdn"])}, At: at(p["message-timestamp"]), Text: p["text"]}
	if p["concat"] == "true" {
		m.Problems = []string{"part " + p["concat-part"] + " of " + p["concat-total"]}
	}
	if m.Text == "" {
		m.Thing = &channel.Thing{Name: "unknown", Data: map[string]string{"kind": cmp.Or(p["type"], "empty")}}
	}
	switch strings.ToUpper(strings.TrimSpace(m.Text)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT":
		m.Contact = channel.ContactEnded
	case "START", "UNSTOP":
		m.Contact = channel.ContactAllowed
	}
	m.Visible = m.Text
	return m
}

// report is what Vonage says of a message of ours. A letter is named by the id
// that we gave it, where that came back.
func report(p map[string]string) *channel.Message {
	m := &channel.Message{Subject: "status: " + p["status"], At: at(p["message-timestamp"])}
	letter := cmp.Or(p["client-ref"], p["messageId"])
	switch p["status"] {
	case "delivered":
		m.Receipts = []channel.Receipt{{ExternalID: letter, State: "delivered", At: m.At}}
	case "failed", "rejected", "expired":
		m.Bounce = &channel.Bounce{Kind: "failed", OriginalID: letter, Reason: "undefined", Text: strings.TrimSpace(p["status"] + " " + p["err-code"])}
		if f, ok := failures[p["err-code"]]; ok {
			m.Bounce.Reason, m.Bounce.Text = f.reason, p["err-code"]+" "+f.words
		}
		m.Bounce.Hard = m.Bounce.Reason == "userunknown"
		if to := address(p["msisdn"]); to != "" {
			m.Bounce.Recipients = []string{to} // a report names the person where a message does
		}
	}
	return m
}

type failure struct{ reason, words string }

// failures are the codes of reports in the words of bounces.
var failures = map[string]failure{
	"1": {"undefined", "unknown"}, "2": {"expired", "absent subscriber, temporary"}, "3": {"userunknown", "absent subscriber, permanent"},
	"4": {"blocked", "call barred by the person"}, "5": {"systemerror", "portability error"}, "6": {"spamdetected", "anti-spam rejection"},
	"7": {"expired", "handset busy"}, "8": {"networkerror", "network error"}, "9": {"userunknown", "illegal number"}, "10": {"contenterror", "invalid message"},
	"11": {"networkerror", "unroutable"}, "12": {"userunknown", "destination unreachable"}, "13": {"policyviolation", "age restriction"},
	"14": {"policyviolation", "number blocked by the carrier"}, "15": {"policyviolation", "prepaid, insufficient funds"}, "39": {"policyviolation", "illegal sender"},
	"50": {"blocked", "entity filter"}, "51": {"blocked", "header filter"}, "52": {"contenterror", "content filter"}, "53": {"blocked", "consent filter"},
}

// at reads a time of the vendor's, which is UTC; zero if it is none.
func at(s string) time.Time {
	t, err := time.Parse(time.DateTime, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
