package sms

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
)

// Parse is Kind.Parse.
func Parse(raw []byte) (*channel.Message, error) {
	ev, err := twilio.ReadEvent(raw)
	if err != nil {
		return nil, err
	}
	if reports(ev.Params) {
		return report(ev.Params), nil
	}
	return message(ev.Params), nil
}

func message(p map[string]string) *channel.Message {
	m := &channel.Message{
		ExternalID: sidOf(p), From: channel.Address{Name: p["ProfileName"], Address: p["From"]},
		Text: p["Body"], Visible: p["Body"], Contact: contact(p),
	}
	for i := range maxFiles {
		n := strconv.Itoa(i)
		ref := p["MediaUrl"+n]
		if ref == "" {
			continue
		}
		contentType := p["MediaContentType"+n]
		m.Parts = append(m.Parts, channel.Part{Name: "file-" + strconv.Itoa(i+1) + endings[contentType], ContentType: contentType, Ref: ref})
	}
	switch {
	case m.From.Address == "":
		m.Subject = "a call without a sender"
	case m.Empty():
		m.Thing = &channel.Thing{Name: "unknown", Data: map[string]string{"kind": "empty"}}
	}
	return m
}

// endings are those of files, which come without names.
var endings = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/heic": ".heic", "video/mp4": ".mp4", "video/3gpp": ".3gp",
	"audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/amr": ".amr", "audio/ogg": ".ogg", "application/pdf": ".pdf", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
}

// contact tells whether somebody asks not to be written to, or to be again. Twilio
// heeds the same words, and blocks the number by itself.
func contact(p map[string]string) channel.Contact {
	word := p["OptOutType"]
	if word == "" {
		word = strings.TrimSpace(p["Body"])
	}
	switch strings.ToUpper(word) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT":
		return channel.ContactEnded
	case "START", "UNSTOP", "YES":
		if p["OptOutType"] == "" && strings.EqualFold(word, "YES") {
			return channel.ContactSame // most who write it answer a question of ours
		}
		return channel.ContactAllowed
	}
	return channel.ContactSame
}

// report is what Twilio says of a message of ours.
func report(p map[string]string) *channel.Message {
	state, sid := stateOf(p), cmp.Or(p[letterName], sidOf(p))
	m := &channel.Message{Subject: "status: " + state}
	switch state {
	case "delivered", "read":
		m.Receipts = []channel.Receipt{{ExternalID: sid, State: state}}
	case "undelivered", "failed":
		m.Bounce = &channel.Bounce{Kind: "failed", OriginalID: sid, Reason: "undefined", Text: strings.TrimSpace(p["ErrorCode"] + " " + p["ErrorMessage"])}
		if to := p["To"]; to != "" {
			m.Bounce.Recipients = []string{to}
		}
		if f, ok := failures[p["ErrorCode"]]; ok {
			m.Bounce.Reason, m.Bounce.Text = f.reason, p["ErrorCode"]+" "+f.words
			m.Bounce.Hard = f.reason == "userunknown"
		}
	}
	return m
}

type failure struct{ reason, words string }

// failures are the vendor's codes in the words of bounces. Reports carry the code
// alone; the words are what Twilio's list of errors calls it.
var failures = map[string]failure{
	"21610": {"blocked", "unsubscribed recipient"},
	"30001": {"speeding", "queue overflow"},
	"30002": {"suspend", "account suspended"},
	"30003": {"expired", "unreachable destination handset"},
	"30004": {"blocked", "message blocked"},
	"30005": {"userunknown", "unknown destination handset"},
	"30006": {"userunknown", "landline or unreachable carrier"},
	"30007": {"spamdetected", "filtered by the carrier"},
	"30008": {"systemerror", "unknown error"},
	"30010": {"policyviolation", "the price is above the limit"},
	"30032": {"policyviolation", "the toll-free number is not verified"},
	"30034": {"policyviolation", "the number is not registered for A2P"},
	"30410": {"expired", "the carrier did not answer in time"},
	"30453": {"policyviolation", "duplicate messages"},
}
