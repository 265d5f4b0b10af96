package voice

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// Waits for keys, in seconds.
const (
	keyWait  = 4
	wishWait = 8
)

// script is what callers hear, as TwiML. Its words are phrases of the catalogue,
// channel.voice.say.…, and those that were entered for the inbox.
type script struct {
	settings Settings
	base     string // the endpoint's address
	from     string // the caller's number, "" if it is hidden
	now      time.Time
	calendar *worktime.Calendar // nil: nobody knows when somebody is there
	words    func(lang, key string, args map[string]any) string
}

// tongue is a language in which callers are spoken to.
type tongue struct{ lang, code, voice string }

// tongues are those that callers hear, the first one first.
func (s script) tongues() []tongue {
	ja, en := tongue{japanese, "ja-JP", "Polly.Mizuki"}, tongue{english, "en-US", "Polly.Joanna"}
	switch s.settings.Language {
	case english:
		return []tongue{en}
	case both:
		return []tongue{ja, en}
	}
	return []tongue{ja}
}

// text is a phrase in a language; its key where there is no catalogue.
func (s script) text(t tongue, key string, args map[string]any) string {
	key = "channel.voice.say." + key
	if s.words == nil {
		return key
	}
	return s.words(t.lang, key, args)
}

// say speaks a phrase in every language.
func (s script) say(key string) string {
	return s.each(func(t tongue) string { return s.text(t, key, nil) })
}

// each speaks in every language what is for that one.
func (s script) each(which func(tongue) string) string {
	var b strings.Builder
	for _, t := range s.tongues() {
		b.WriteString(speak(t, which(t)))
	}
	return b.String()
}

func speak(t tongue, text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return fmt.Sprintf(`<Say voice=%q language=%q>%s</Say>`, t.voice, t.code, escaped(text))
}

func escaped(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return "" // a Builder takes everything
	}
	return b.String()
}

// to is an address of ours as an attribute, with the caller's number in it.
func (s script) to(path string) string {
	return escaped(s.base + "/" + path + "?" + url.Values{fromName: {s.from}}.Encode())
}

// closed reports whether nobody is there, and when somebody will be; zero if that
// is not known.
func (s script) closed() (opens time.Time, closed bool) {
	if s.calendar == nil || s.calendar.IsOpen(s.now) {
		return time.Time{}, false
	}
	opens, err := s.calendar.NextOpen(s.now)
	if err != nil { // never again: there is nothing to tell
		return time.Time{}, true
	}
	return opens.In(s.calendar.Zone()), true
}

// greet is how a call begins: by day that nobody is free, otherwise when somebody
// will be there.
func (s script) greet() []byte {
	opens, closed := s.closed()
	out := s.each(func(t tongue) string {
		own := map[string]string{japanese: s.settings.GreetingJa, english: s.settings.GreetingEn}[t.lang]
		key := "greeting"
		if closed {
			own, key = map[string]string{japanese: s.settings.ClosedJa, english: s.settings.ClosedEn}[t.lang], "closed"
		}
		if own == "" {
			own = s.text(t, key, nil)
		}
		return own + s.opening(t, opens)
	})
	out += speak(s.tongues()[0], s.settings.Hours)
	if s.settings.Callback {
		out += fmt.Sprintf(`<Gather numDigits="1" timeout="%d" action="%s">`, keyWait, s.to(menuPath)) + s.say("offer") + `</Gather>`
	}
	return response(out + s.record())
}

// opening says when somebody will be there; "" if that is not known.
func (s script) opening(t tongue, opens time.Time) string {
	if opens.IsZero() {
		return ""
	}
	args := map[string]any{"hour": opens.Hour(), "minute": opens.Format("04"),
		"month": int(opens.Month()), "day": opens.Day(), "weekday": s.text(t, "weekday."+strconv.Itoa(int(opens.Weekday())), nil)}
	clock := "hour"
	if opens.Minute() != 0 {
		clock = "minute"
	}
	args["time"] = s.text(t, clock, args)
	key := "opensOn"
	if now := s.now.In(opens.Location()); now.YearDay() == opens.YearDay() && now.Year() == opens.Year() {
		key = "opensToday"
	}
	return " " + s.text(t, key, args)
}

// record takes a message.
func (s script) record() string {
	transcribe := ""
	if s.settings.Transcribe {
		transcribe = fmt.Sprintf(` transcribe="true" transcribeCallback="%s"`, s.to(transcriptPath))
	}
	return s.say("record") +
		fmt.Sprintf(`<Record maxLength="%d" finishOnKey="#" playBeep="true" action="%s" recordingStatusCallback="%s" recordingStatusCallbackEvent="completed absent"%s/>`,
			int(s.settings.MaxSeconds), s.to(recordedPath), s.to(recordingPath), transcribe) +
		s.say("silent") + `<Hangup/>`
}

// menu goes on after a key.
func (s script) menu(key string) []byte {
	if key != "1" {
		return response(s.record())
	}
	wish := "wish"
	if !afternoonLeft(s.calendar, s.now) {
		wish = "wishLate"
	}
	return response(fmt.Sprintf(`<Gather numDigits="1" timeout="%d" action="%s">`, wishWait, s.to(timePath)) +
		s.say(wish) + `</Gather>` + fmt.Sprintf(`<Redirect>%s</Redirect>`, s.to(timePath)))
}

// thank ends a call that has brought something.
func (s script) thank(callback bool) []byte {
	key := "thanks"
	if callback {
		key = "willCall"
	}
	return response(s.say(key) + `<Hangup/>`)
}

// nothing is the answer where there is nothing to say.
func (s script) nothing() []byte { return response("") }

func response(verbs string) []byte {
	return []byte(xml.Header + "<Response>" + verbs + "</Response>")
}
