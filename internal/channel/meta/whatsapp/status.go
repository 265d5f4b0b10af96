package whatsapp

import (
	"cmp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// status is how far a message of ours has come.
type status struct {
	ID          meta.Loose `json:"id"`
	Status      string     `json:"status"`
	Timestamp   meta.Loose `json:"timestamp"`
	Type        string     `json:"type"`
	Recipient   meta.Loose `json:"recipient_id"`
	Participant meta.Loose `json:"recipient_participant_id"`
	Ours        meta.Loose `json:"biz_opaque_callback_data"`
	Errors      []fault    `json:"errors"`
}

func (s status) recipient() meta.Loose { return cmp.Or(s.Participant, s.Recipient) }

// message is what a status tells. A letter is named by the id that we gave it,
// where that came back: the vendor's may not be known yet, or never.
func (s status) message() *channel.Message {
	m := &channel.Message{At: s.Timestamp.Seconds(), Subject: lines(": ", cmp.Or(s.Type, "status"), s.Status)}
	if s.Type == "call" {
		return m
	}
	letter := string(cmp.Or(s.Ours, s.ID))
	switch s.Status {
	case "delivered":
		m.Receipts = []channel.Receipt{{ExternalID: letter, State: "delivered", At: m.At}}
	case "read", "played":
		m.Receipts = []channel.Receipt{{ExternalID: letter, State: "read", At: m.At}}
	case "failed":
		m.Bounce = s.bounce(letter)
	}
	return m
}

func (s status) bounce(letter string) *channel.Bounce {
	b := &channel.Bounce{Kind: "failed", OriginalID: letter, Reason: "undefined"}
	if to := address(s.recipient()); to != "" {
		b.Recipients = []string{to}
	}
	if len(s.Errors) > 0 {
		b.Text, b.Reason = s.Errors[0].words(), "rejected"
		if r, ok := reasons[s.Errors[0].Code]; ok {
			b.Reason = r
		}
	}
	b.Hard = b.Reason == "userunknown"
	return b
}

// reasons puts the vendor's codes into the words of bounces.
var reasons = map[meta.Loose]string{
	"131026": "userunknown", "131021": "userunknown", "131047": "expired", "131050": "blocked", "131049": "policyviolation",
	"130472": "policyviolation", "130497": "policyviolation", "131031": "policyviolation", "368": "policyviolation",
	"131048": "spamdetected", "131051": "contenterror", "131052": "contenterror", "131053": "contenterror", "132000": "contenterror",
	"132001": "contenterror", "132012": "contenterror", "132015": "contenterror", "132016": "contenterror",
	"130429": "speeding", "131056": "speeding", "80007": "speeding", "131000": "systemerror", "131016": "systemerror", "131057": "systemerror",
}

// phoneCall is a call to the business's number, on WhatsApp itself.
type phoneCall struct {
	ID        meta.Loose `json:"id"`
	From      meta.Loose `json:"from"`
	Event     string     `json:"event"`
	Direction string     `json:"direction"`
	Timestamp meta.Loose `json:"timestamp"`
	Status    string     `json:"status"`
	Duration  meta.Loose `json:"duration"`
}

// called tells of a call that ended: nobody answers calls here, so one that had
// no duration was missed.
func (ev event) called(c phoneCall) *channel.Message {
	m := &channel.Message{At: c.Timestamp.Seconds(), Subject: lines(": ", "call", c.Event)}
	from := address(c.From)
	if c.Event != "terminate" || c.Direction == "BUSINESS_INITIATED" || from == "" {
		return m
	}
	m.ExternalID, m.Subject = string(c.ID), ""
	m.From = channel.Address{Name: string(ev.sender(c.From).Profile.Name), Address: from}
	state := "ended"
	if c.Status != "COMPLETED" && c.Duration == "" {
		state = "missed"
	}
	thing(m, "call", map[string]string{"state": state, "seconds": string(c.Duration)})
	return m
}
