package twiliosim

import (
	"context"
	"net/url"
	"strconv"
	"strings"
)

// Say lets a person write.
func (s *Sim) Say(ctx context.Context, from Person, words string) error {
	return s.text(ctx, from, Line{Text: words}, url.Values{})
}

// Picture lets a person send a picture with words. base is the address at which
// the interface is reached.
func (s *Sim) Picture(ctx context.Context, from Person, base string, data []byte) error {
	path := "/2010-04-01/Accounts/" + s.cfg.AccountSID + "/Messages/" + s.next("MM") + "/Media/" + s.next("ME")
	s.mu.Lock()
	s.files[path] = data
	s.mu.Unlock()
	return s.text(ctx, from, Line{File: base + path}, url.Values{"MediaUrl0": {base + path}, "MediaContentType0": {"image/jpeg"}})
}

// Block lets a person write STOP, after which Twilio takes no message to them.
func (s *Sim) Block(ctx context.Context, who Person) error {
	s.mu.Lock()
	s.stopped[who.Address] = true
	s.mu.Unlock()
	return s.text(ctx, who, Line{Text: "STOP"}, url.Values{"OptOutType": {"STOP"}})
}

// Unblock lets a person write START.
func (s *Sim) Unblock(ctx context.Context, who Person) error {
	s.mu.Lock()
	delete(s.stopped, who.Address)
	s.mu.Unlock()
	return s.text(ctx, who, Line{Text: "START"}, url.Values{"OptOutType": {"START"}})
}

func (s *Sim) text(ctx context.Context, from Person, l Line, form url.Values) error {
	l.SID = s.next("SM")
	s.show(from.Address, l)
	form.Set("MessageSid", l.SID)
	form.Set("SmsSid", l.SID)
	form.Set("SmsStatus", "received")
	form.Set("From", from.Address)
	form.Set("To", s.cfg.Number)
	form.Set("Body", l.Text)
	form.Set("NumSegments", "1")
	form.Set("NumMedia", strconv.Itoa(strings.Count(l.File, "/Media/")))
	_, err := s.call(ctx, s.cfg.known(s.cfg.Hook), form)
	return err
}

// Deliver reports that what the business wrote has arrived.
func (s *Sim) Deliver(ctx context.Context, who Person) error {
	return s.reportAll(ctx, who, url.Values{"MessageStatus": {"delivered"}})
}

// Undelivered reports that what the business wrote has not arrived.
func (s *Sim) Undelivered(ctx context.Context, who Person, code int) error {
	return s.reportAll(ctx, who, url.Values{"MessageStatus": {"undelivered"}, "ErrorCode": {strconv.Itoa(code)}})
}

// reportAll reports, once, on every message to a person.
func (s *Sim) reportAll(ctx context.Context, who Person, form url.Values) error {
	s.mu.Lock()
	var news []Line
	for i := range s.screens[who.Address] {
		if l := &s.screens[who.Address][i]; l.Ours && l.report != "" {
			news = append(news, *l)
			l.report = ""
		}
	}
	s.mu.Unlock()
	for _, l := range news {
		form.Set("MessageSid", l.SID)
		form.Set("SmsSid", l.SID)
		form.Set("SmsStatus", form.Get("MessageStatus"))
		form.Set("From", s.cfg.Number)
		form.Set("To", who.Address)
		if _, err := s.call(ctx, l.report, form); err != nil {
			return err
		}
	}
	return nil
}
