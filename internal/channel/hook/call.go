package hook

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// maxCallID is how long the id of a telephone call may be, in bytes.
const maxCallID = 200

// call is what a telephone exchange tells of a call.
type call struct {
	ID        string  `json:"id"`        // the exchange's
	Event     string  `json:"event"`     // one of calls
	Seconds   float64 `json:"seconds"`   // how long it was
	Recording string  `json:"recording"` // where what was spoken is to be fetched
	Due       moment  `json:"due"`       // of "callback": when the caller wants to be called
}

// calls are the events of a call, and what agents are shown of them: "" is kept in
// the ledger only.
var calls = map[string]string{"started": "", "ended": "ended", "missed": "missed", "voicemail": "voicemail", "callback": "callback"}

func (c *call) problem() error {
	_, known := calls[c.Event]
	switch {
	case !known:
		return errors.New(`call.event is none of "started", "ended", "missed", "voicemail" and "callback"`)
	case c.ID == "" || len(c.ID) > maxCallID:
		return fmt.Errorf("call.id is missing, or longer than %d bytes", maxCallID)
	case c.Seconds < 0:
		return errors.New("call.seconds is negative")
	case c.Recording != "" && !reachable(c.Recording):
		return errors.New("call.recording is not an https address")
	case c.Event == "voicemail" && c.Recording == "":
		return errors.New("call.recording is missing")
	}
	return nil
}

// tell writes a call into m. A hidden number is somebody else each time.
func (c *call) tell(m *channel.Message) {
	state := calls[c.Event]
	if state == "" {
		m.Subject = "call: " + c.Event
		return
	}
	if m.ExternalID == "" {
		m.ExternalID = "call:" + c.Event + ":" + c.ID
	}
	if m.From.Address == "" {
		m.From.Address = "anonymous-" + strings.ToLower(c.ID)
	}
	data := map[string]string{"state": state}
	if c.Seconds > 0 {
		data["seconds"] = strconv.Itoa(int(c.Seconds))
	}
	if !c.Due.IsZero() && c.Event == "callback" {
		m.Due, data["at"] = c.Due.Time, c.Due.Format("2006-01-02T15:04:05Z07:00")
	}
	m.Thing = &channel.Thing{Name: "call", Data: data}
	if c.Recording != "" {
		m.Parts = append(m.Parts, c.recorded())
	}
}

// recorded is the file of a call. What it is says its name, or whoever has it.
func (c *call) recorded() channel.Part {
	types := map[string]string{".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg", ".m4a": "audio/mp4"}
	ending := ""
	if at, err := url.Parse(c.Recording); err == nil {
		ending = strings.ToLower(path.Ext(at.Path))
	}
	p := channel.Part{Name: "recording" + ending, ContentType: types[ending], Ref: refURL + c.Recording}
	if p.ContentType == "" {
		p.Name, p.ContentType = "recording", "application/octet-stream"
	}
	return p
}
