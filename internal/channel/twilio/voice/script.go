package voice

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
)

// Waits for keys, in seconds.
const (
	keyWait  = 4
	timeWait = 8
)

// script is what callers hear, as TwiML.
type script struct {
	settings Settings
	base     string // the endpoint's address
	from     string // the caller's number, "" if it is hidden
}

// words are what is said in one language.
type words struct {
	language, voice, greeting, offer, askTime, record, thanks, willCall, silent string
}

func spoken(language string) words {
	if language == english {
		return words{
			language: "en-US", voice: "Polly.Joanna",
			greeting: "Thank you for calling. We cannot take your call at the moment.",
			offer:    "To be called back, press 1.",
			askTime:  "Please enter the time at which we should call you, as four digits, such as 1 4 3 0. To be called as soon as possible, press the hash key.",
			record:   "Please leave your message after the tone. When you have finished, press the hash key or hang up.",
			thanks:   "Thank you. We have your message and will be in touch.",
			willCall: "Thank you. We will call you back.",
			silent:   "We did not hear anything. Please call again.",
		}
	}
	return words{
		language: "ja-JP", voice: "Polly.Mizuki",
		greeting: "お電話ありがとうございます。ただいま電話に出ることができません。",
		offer:    "折り返しのお電話をご希望の場合は、1を押してください。",
		askTime:  "ご希望の時刻を、1430のように4桁の数字で入力してください。できるだけ早い折り返しをご希望の場合は、シャープを押してください。",
		record:   "発信音のあとに、お名前とご用件をお話しください。終わりましたら、シャープを押すか、電話をお切りください。",
		thanks:   "ありがとうございました。ご用件を承りました。担当者よりご連絡いたします。",
		willCall: "ありがとうございました。担当者より折り返しお電話いたします。",
		silent:   "お声を確認できませんでした。恐れ入りますが、もう一度おかけ直しください。",
	}
}

// languages are those that callers hear, the first one first.
func (s script) languages() []words {
	switch s.settings.Language {
	case english:
		return []words{spoken(english)}
	case both:
		return []words{spoken(japanese), spoken(english)}
	}
	return []words{spoken(japanese)}
}

// say speaks one of the words in every language.
func (s script) say(which func(words) string) string {
	var b strings.Builder
	for _, w := range s.languages() {
		b.WriteString(speak(w, which(w)))
	}
	return b.String()
}

func speak(w words, text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return fmt.Sprintf(`<Say voice=%q language=%q>%s</Say>`, w.voice, w.language, escaped(text))
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

// greet is how a call begins.
func (s script) greet() []byte {
	own := map[string]string{"ja-JP": s.settings.GreetingJa, "en-US": s.settings.GreetingEn}
	out := s.say(func(w words) string {
		if own[w.language] != "" {
			return own[w.language]
		}
		return w.greeting
	})
	out += speak(s.languages()[0], s.settings.Hours)
	if s.settings.Callback {
		out += fmt.Sprintf(`<Gather numDigits="1" timeout="%d" action="%s">`, keyWait, s.to(menuPath)) + s.say(func(w words) string { return w.offer }) + `</Gather>`
	}
	return response(out + s.record())
}

// record takes a message.
func (s script) record() string {
	transcribe := ""
	if s.settings.Transcribe {
		transcribe = fmt.Sprintf(` transcribe="true" transcribeCallback="%s"`, s.to(transcriptPath))
	}
	return s.say(func(w words) string { return w.record }) +
		fmt.Sprintf(`<Record maxLength="%d" finishOnKey="#" playBeep="true" action="%s" recordingStatusCallback="%s" recordingStatusCallbackEvent="completed absent"%s/>`,
			int(s.settings.MaxSeconds), s.to(recordedPath), s.to(recordingPath), transcribe) +
		s.say(func(w words) string { return w.silent }) + `<Hangup/>`
}

// menu goes on after a key.
func (s script) menu(key string) []byte {
	if key != "1" {
		return response(s.record())
	}
	return response(fmt.Sprintf(`<Gather numDigits="4" timeout="%d" finishOnKey="#" action="%s">`, timeWait, s.to(timePath)) +
		s.say(func(w words) string { return w.askTime }) + `</Gather>` +
		fmt.Sprintf(`<Redirect>%s</Redirect>`, s.to(timePath)))
}

// thank ends a call that has brought something.
func (s script) thank(callback bool) []byte {
	return response(s.say(func(w words) string {
		if callback {
			return w.willCall
		}
		return w.thanks
	}) + `<Hangup/>`)
}

// nothing is the answer where there is nothing to say.
func (s script) nothing() []byte { return response("") }

func response(verbs string) []byte {
	return []byte(xml.Header + "<Response>" + verbs + "</Response>")
}
