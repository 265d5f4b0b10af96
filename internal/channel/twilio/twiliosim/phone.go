package twiliosim

import (
	"context"
	"encoding/xml"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Twilio answer, as far as a caller gets to hear it.
type twiml struct {
	XMLName xml.Name `xml:"Response"`
	Verbs   []verb   `xml:",any"`
}

type verb struct {
	XMLName   xml.Name
	Language  string `xml:"language,attr"`
	Action    string `xml:"action,attr"`
	MaxLength int    `xml:"maxLength,attr"`
	Recording string `xml:"recordingStatusCallback,attr"`
	Written   string `xml:"transcribeCallback,attr"`
	Text      string `xml:",chardata"`
	Inner     []verb `xml:",any"`
}

// phone is one telephone call.
type phone struct {
	sim   *Sim
	from  Person
	sid   string
	heard []string // what the machine said
	now   twiml
}

// errCut is why a caller cannot go on.
var errCut = errors.New("the machine did not offer that")

// ring starts a call.
func (s *Sim) ring(ctx context.Context, from Person) (*phone, error) {
	p := &phone{sim: s, from: from, sid: s.next("CA")}
	return p, p.ask(ctx, s.cfg.known(s.cfg.VoiceHook), url.Values{"CallStatus": {"ringing"}})
}

// ask posts to an address and listens to the answer.
func (p *phone) ask(ctx context.Context, to string, form url.Values) error {
	body, err := p.sim.call(ctx, to, p.form(form))
	if err != nil {
		return err
	}
	p.now = twiml{}
	if err := xml.Unmarshal(body, &p.now); err != nil {
		return err
	}
	for _, v := range p.now.Verbs {
		for _, said := range append([]verb{v}, v.Inner...) {
			if said.XMLName.Local == "Say" {
				p.heard = append(p.heard, strings.TrimSpace(said.Text))
			}
		}
	}
	return nil
}

func (p *phone) form(more url.Values) url.Values {
	form := url.Values{"CallSid": {p.sid}, "From": {p.from.Address}, "To": {p.sim.cfg.Number}, "Direction": {"inbound"}, "CallStatus": {"in-progress"}}
	if p.from.Name != "" {
		form.Set("CallerName", p.from.Name)
	}
	for name, v := range more {
		form[name] = v
	}
	return form
}

func (p *phone) verb(name string) (verb, bool) {
	for _, v := range p.now.Verbs {
		if v.XMLName.Local == name {
			return v, true
		}
	}
	return verb{}, false
}

// end puts the receiver down.
func (p *phone) end(ctx context.Context) error {
	_, err := p.sim.call(ctx, p.sim.cfg.known(p.sim.cfg.VoiceHook)+"/status", p.form(url.Values{"CallStatus": {"completed"}, "CallDuration": {"7"}, "Timestamp": {p.sim.stamp()}}))
	return err
}

func (s *Sim) stamp() string { return s.cfg.Clock.Now().UTC().Format(time.RFC1123Z) }

// HangUp lets a person call and put the receiver down while they are greeted. It
// returns what they heard.
func (s *Sim) HangUp(ctx context.Context, from Person) (heard []string, err error) {
	p, err := s.ring(ctx, from)
	if err != nil {
		return nil, err
	}
	return p.heard, p.end(ctx)
}

// Voicemail lets a person leave a message. base is the address at which the
// interface is reached.
func (s *Sim) Voicemail(ctx context.Context, from Person, base string, audio []byte) (heard []string, err error) {
	p, err := s.ring(ctx, from)
	if err != nil {
		return nil, err
	}
	record, ok := p.verb("Record")
	if !ok || record.MaxLength == 0 {
		return p.heard, errCut
	}
	sid := s.next("RE")
	path := "/2010-04-01/Accounts/" + s.cfg.AccountSID + "/Recordings/" + sid
	s.mu.Lock()
	s.left[p.sid] = append(s.left[p.sid], sid)
	s.files[path+".mp3"] = audio
	s.mu.Unlock()
	spoken := url.Values{"RecordingSid": {sid}, "RecordingUrl": {base + path}, "RecordingDuration": {strconv.Itoa(max(len(audio)/1000, 1))}}
	if err := p.ask(ctx, record.Action, merged(spoken, "Digits", "hangup")); err != nil {
		return p.heard, err
	}
	if err := p.end(ctx); err != nil {
		return p.heard, err
	}
	// The report on the recording does not say who called.
	ready := merged(spoken, "RecordingStatus", "completed")
	ready.Set("CallSid", p.sid)
	ready.Set("RecordingStartTime", s.stamp())
	if _, err := s.call(ctx, record.Recording, ready); err != nil || record.Written == "" {
		return p.heard, err
	}
	written := merged(spoken, "TranscriptionText", "Hello, my parcel has not come.")
	written.Set("TranscriptionSid", s.next("TR"))
	written.Set("TranscriptionStatus", "completed")
	_, err = s.call(ctx, record.Written, p.form(written))
	return p.heard, err
}

// CallBack lets a person ask to be called back and press a key for when; "" for
// none.
func (s *Sim) CallBack(ctx context.Context, from Person, digits string) (heard []string, err error) {
	p, err := s.ring(ctx, from)
	if err != nil {
		return nil, err
	}
	menu, ok := p.verb("Gather")
	if !ok {
		return p.heard, errCut
	}
	if err := p.ask(ctx, menu.Action, url.Values{"Digits": {"1"}}); err != nil {
		return p.heard, err
	}
	enter, ok := p.verb("Gather")
	next, also := p.verb("Redirect")
	if !ok || !also {
		return p.heard, errCut
	}
	to := enter.Action
	if digits == "" {
		to = strings.TrimSpace(next.Text)
	}
	form := url.Values{}
	if digits != "" {
		form.Set("Digits", digits)
	}
	if err := p.ask(ctx, to, form); err != nil {
		return p.heard, err
	}
	return p.heard, p.end(ctx)
}

func merged(form url.Values, name, value string) url.Values {
	out := url.Values{name: {value}}
	for n, v := range form {
		out[n] = v
	}
	return out
}
