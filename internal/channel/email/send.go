package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Send implements channel.Channel.
//
// Recipients are offered one by one. One that is put off (4xx) puts off the
// whole message, because a later try could not leave out those who already have
// it. One that is refused (5xx) is left out: the others get the message, and the
// error names who did not.
func (e *Endpoint) Send(ctx context.Context, out *channel.Outgoing) (err error) {
	if e.settings.Send.Mode != modeSMTP {
		return &channel.SettingsError{Err: errors.New("this inbox has no way to send")}
	}
	env, err := newEnvelope(out)
	if err != nil {
		return err
	}
	message, err := compose(ctx, out)
	if err != nil {
		return err
	}
	defer func() {
		if closing := message.close(); closing != nil {
			e.host.Log.WarnContext(ctx, "a spooled mail stays on disk", "error", closing)
		}
	}()
	signature, err := e.signer.sign(message)
	if err != nil {
		return err
	}
	s, err := e.connectSMTP(ctx, env.from)
	if err != nil {
		return err
	}
	err = s.line.why(s.submit(ctx, env, letter{signature, message, out.Committing}))
	s.close(ctx, e.host.Log, err == nil)
	return err
}

// envelope is who sends and who receives, as the server is told.
type envelope struct {
	from string
	to   []string
	utf8 bool // a local part needs SMTPUTF8
}

func newEnvelope(out *channel.Outgoing) (envelope, error) {
	var env envelope
	var err error
	if env.from, err = addrSpec(out.From.Address); err != nil {
		return env, err
	}
	seen := map[string]bool{}
	for _, a := range out.Recipients() {
		spec, err := addrSpec(a.Address)
		if err != nil {
			return env, err
		}
		if !seen[spec] {
			seen[spec] = true
			env.to = append(env.to, spec)
		}
	}
	if len(env.to) == 0 {
		return env, unsendable("the message has no recipients")
	}
	for _, a := range append([]string{env.from}, env.to...) {
		env.utf8 = env.utf8 || strings.IndexFunc(a, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
	}
	return env, nil
}

// letter is what goes through DATA.
type letter struct {
	signature  string
	message    *spool
	committing func(context.Context) error
}

// submit runs one SMTP transaction.
func (s *smtpSession) submit(ctx context.Context, env envelope, l letter) error {
	opts := &smtp.MailOptions{Size: l.message.size + int64(len(l.signature)), UTF8: env.utf8}
	if ok, _ := s.client.Extension("SMTPUTF8"); env.utf8 && !ok {
		return unsendable("the mail server takes no addresses beyond ASCII")
	}
	if err := s.client.Mail(env.from, opts); err != nil {
		return verdict("sender "+env.from, err)
	}
	refused, err := s.recipients(env.to)
	if err != nil {
		return err
	}
	w, err := s.client.Data()
	if err != nil {
		return verdict("data", err)
	}
	if err := s.write(w, l); err != nil {
		return err
	}
	s.line.linger(ctx, s.limits.linger)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("not sent: %w", err)
	}
	if l.committing != nil {
		if err := l.committing(ctx); err != nil {
			return fmt.Errorf("not sent: %w", err)
		}
	}
	if _, err = w.CloseWithResponse(); err != nil {
		err = s.afterDot(err)
	}
	if err == nil && refused != nil {
		return refused
	}
	return err
}

// write sends the message without the final dot. Leaving DATA by closing the
// connection tells the server that there is no message.
func (s *smtpSession) write(w io.Writer, l letter) error {
	defer s.line.wait(s.limits.answer)()
	r, err := l.message.reader()
	if err == nil {
		_, err = io.Copy(w, io.MultiReader(strings.NewReader(l.signature), r))
	}
	if err != nil {
		return fmt.Errorf("lost before the end of the message: %w", err)
	}
	return nil
}

// afterDot judges the answer to a message that was handed over whole. No answer
// is no verdict.
func (s *smtpSession) afterDot(err error) error {
	var answer *smtp.SMTPError
	if !errors.As(err, &answer) {
		return &channel.AmbiguousError{Err: err}
	}
	if answer.Code/100 == 2 {
		return nil
	}
	return verdict("message", err)
}

// recipients offers everybody. It returns a refusal of some of them beside nil,
// and an error when there is nobody left to send to.
func (s *smtpSession) recipients(to []string) (some *channel.RefusedError, err error) {
	for _, rcpt := range to {
		err := s.client.Rcpt(rcpt, nil)
		if err == nil {
			continue
		}
		refusal, ok := channel.IsRefused(verdict("recipient "+rcpt, err))
		if !ok {
			return nil, verdict("recipient "+rcpt, err)
		}
		if some == nil {
			some = refusal
		} else {
			some.Text += "; " + refusal.Text
		}
		some.Recipients = append(some.Recipients, rcpt)
	}
	if some != nil && len(some.Recipients) == len(to) {
		some.Recipients = nil
		return nil, some
	}
	return some, nil
}

// verdict sorts a server's answer: 5xx refuses for ever, anything else may be
// tried again. The server's words are kept.
func verdict(step string, err error) error {
	var answer *smtp.SMTPError
	if !errors.As(err, &answer) {
		return fmt.Errorf("%s: %w", step, err)
	}
	if answer.Code == 530 || answer.Code == 538 {
		return &channel.SettingsError{Err: fmt.Errorf("%s: %s", step, words(answer))}
	}
	if answer.Code/100 != 5 {
		return fmt.Errorf("%s: %s", step, words(answer))
	}
	return &channel.RefusedError{Code: answer.Code, Text: step + ": " + words(answer)}
}

// words is what a server said, in one line.
func words(e *smtp.SMTPError) string {
	s := fmt.Sprintf("%d", e.Code)
	if e.EnhancedCode != (smtp.EnhancedCode{}) && e.EnhancedCode != smtp.NoEnhancedCode {
		s += fmt.Sprintf(" %d.%d.%d", e.EnhancedCode[0], e.EnhancedCode[1], e.EnhancedCode[2])
	}
	return s + " " + strings.Join(strings.Fields(strings.ToValidUTF8(e.Message, "?")), " ")
}
