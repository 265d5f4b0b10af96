package voice

import (
	"context"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
)

// Where Twilio calls us below the endpoint's address.
const (
	menuPath       = "menu"       // a key was pressed after the greeting
	timePath       = "time"       // when to call back was chosen, or not
	recordedPath   = "recorded"   // a message was spoken: the call goes on
	recordingPath  = "recording"  // its recording is ready, or there is none
	transcriptPath = "transcript" // it was written down
	statusPath     = "status"     // the call is over
	missedPath     = "missed"     // ours: over, and nothing came of it
)

// fromName carries the caller's number to calls that do not say it.
const fromName = "from"

// askTimeout is how long we ask Twilio while it waits for our answer.
const askTimeout = 8 * time.Second

// Receive implements channel.Receiver: it says how the telephone call goes on, and
// keeps what has come of it.
func (e *Endpoint) Receive(ctx context.Context, c *channel.Call) (answer channel.Reception, err error) {
	params, err := twilio.Believe(e.account.Token, c)
	if err != nil {
		return answer, err
	}
	ev := twilio.Event{Path: c.Path, Params: params}
	say := script{settings: e.settings, base: base(c), from: caller(params), now: c.At, words: e.account.Host.Words}
	switch c.Path {
	case "":
		say.calendar = e.calendar(ctx)
		answer.Body = say.greet()
	case menuPath:
		say.calendar = e.calendar(ctx)
		answer.Body = say.menu(params["Digits"])
	case timePath:
		e.wished(ctx, &ev, c.At)
		answer.Body = say.thank(true)
	case recordedPath:
		answer.Body = say.thank(false)
	case statusPath:
		e.settle(ctx, &ev)
	}
	if answer.Body == nil {
		answer.Body = say.nothing()
	}
	answer.ContentType = "text/xml; charset=utf-8"
	raw, err := ev.Raw(source, key(ev))
	answer.Raws = []channel.Raw{raw}
	return answer, err
}

// base is the endpoint's address as Twilio wrote it.
func base(c *channel.Call) string {
	at, _, _ := strings.Cut(c.URL, "?")
	return strings.TrimSuffix(strings.TrimSuffix(at, c.Path), "/")
}

// settle finds out whether a call that is over was missed. Where Twilio cannot be
// asked it counts as missed: somebody who looks in vain is better than somebody
// who waits in vain.
func (e *Endpoint) settle(ctx context.Context, ev *twilio.Event) {
	if !over(ev.Params) || strings.HasPrefix(ev.Params["Direction"], "outbound") {
		return
	}
	left, err := e.recorded(ctx, ev.Params["CallSid"])
	if err != nil {
		e.account.Host.Log.WarnContext(ctx, "asking for recordings of a call", "error", err)
	}
	if !left {
		ev.Path = missedPath
	}
}

func over(p map[string]string) bool {
	switch p["CallStatus"] {
	case "completed", "busy", "no-answer", "canceled", "failed":
		return true
	}
	return false
}

// key names a call by the vendor's ids; "" if it has none. Ends of a telephone
// call that exclude one another share one: the first of them counts.
func key(ev twilio.Event) string {
	call, recording := ev.Params["CallSid"], ev.Params["RecordingSid"]
	switch {
	case call == "":
		return ""
	case ev.Path == transcriptPath:
		return "transcript:" + ev.Params["TranscriptionSid"] + ":" + recording
	case ev.Path == missedPath, ev.Path == timePath, absent(ev):
		return "end:" + call
	case recording != "":
		return "recording:" + recording
	}
	return "call:" + call + ":" + ev.Path + ":" + ev.Params["CallStatus"] + ":" + ev.Params["Digits"]
}

// absent reports whether a recording turned out to hold nothing.
func absent(ev twilio.Event) bool {
	return ev.Path == recordingPath && ev.Params["RecordingStatus"] == "absent"
}

// caller is who calls, as a number; hidden numbers have as many names as networks.
func caller(p map[string]string) string {
	from := p["From"]
	if from == "" {
		from = p[fromName]
	}
	switch strings.ToLower(from) {
	case "", "anonymous", "restricted", "unknown", "unavailable", "+266696687", "266696687", "+7378742833", "7378742833", "+8656696":
		return ""
	}
	return from
}
