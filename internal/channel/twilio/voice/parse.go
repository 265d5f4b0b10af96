package voice

import (
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
)

// Parse is Kind.Parse.
func Parse(raw []byte) (*channel.Message, error) {
	ev, err := twilio.ReadEvent(raw)
	if err != nil {
		return nil, err
	}
	p := ev.Params
	m := &channel.Message{At: begun(p)}
	switch {
	case absent(ev), ev.Path == missedPath:
		call(m, p, map[string]string{"state": "missed", "seconds": p["CallDuration"]})
	case ev.Path == timePath:
		m.Due, _ = time.Parse(time.RFC3339, p[dueName]) // zero where hours are not known
		at := p[dueName]
		if at == "" {
			at = clockTime(p["Digits"])
		}
		call(m, p, map[string]string{"state": "callback", "wish": p[wishName], "at": at})
	case ev.Path == transcriptPath && p["TranscriptionText"] != "":
		call(m, p, map[string]string{"state": "transcript", "transcript": p["TranscriptionText"]})
		m.ExternalID, m.Text = p["TranscriptionSid"], p["TranscriptionText"]
		m.InReplyTo = []string{p["RecordingSid"]}
	case (ev.Path == recordedPath || ev.Path == recordingPath) && p["RecordingUrl"] != "":
		call(m, p, map[string]string{"state": "voicemail", "seconds": p["RecordingDuration"]})
		m.ExternalID = p["RecordingSid"]
		m.Parts = []channel.Part{{Name: "voicemail.mp3", ContentType: "audio/mpeg", Ref: p["RecordingUrl"]}}
	default:
		m.Subject = strings.Join(strings.Fields("call: "+ev.Path+" "+p["CallStatus"]), " ")
	}
	m.Visible = m.Text
	return m, nil
}

// call notes what has come of a telephone call. A hidden number is somebody else
// each time.
func call(m *channel.Message, p, data map[string]string) {
	for key, v := range data {
		if v == "" {
			delete(data, key)
		}
	}
	m.ExternalID, m.Thing = p["CallSid"], &channel.Thing{Name: "call", Data: data}
	m.From = channel.Address{Name: p["CallerName"], Address: caller(p)}
	if m.From.Address == "" {
		m.From.Address = "anonymous-" + strings.ToLower(p["CallSid"])
	}
}

func begun(p map[string]string) time.Time {
	for _, name := range []string{"RecordingStartTime", "Timestamp"} {
		if at := twilio.Time(p[name]); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// clockTime is a time of day as people write it, "" if none was entered.
func clockTime(digits string) string {
	digits = strings.TrimRight(digits, "#")
	if len(digits) == 3 {
		digits = "0" + digits
	}
	at, err := time.Parse("1504", digits)
	if err != nil {
		return ""
	}
	return at.Format("15:04")
}
