package email

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// checking collects the steps of one part of a check; after the first failure
// there are no more.
type checking struct {
	part  string
	steps []channel.Step
}

// step notes how a step went and tells whether to go on.
func (c *checking) step(name, text string, err error) bool {
	s := channel.Step{Part: c.part, Name: name, OK: err == nil, Text: text}
	var settings *channel.SettingsError
	switch {
	case errors.As(err, &settings):
		s.Text = settings.Err.Error()
	case err != nil:
		s.Text = err.Error()
	}
	c.steps = append(c.steps, s)
	return err == nil
}

// Check implements channel.Checker: it tries the settings without fetching or
// sending anything and tells each step with the server's own words.
func (e *Endpoint) Check(ctx context.Context) []channel.Step {
	var steps []channel.Step
	if e.settings.Receive.Mode == modeIMAP {
		steps = append(steps, e.checkIMAP(ctx)...)
	}
	if e.settings.Send.Mode == modeSMTP {
		steps = append(steps, e.checkSMTP(ctx)...)
	}
	return steps
}

// reach resolves and connects.
func (e *Endpoint) reach(ctx context.Context, c *checking, s *Server) (*line, bool) {
	if net.ParseIP(s.Host) == nil {
		found, err := net.DefaultResolver.LookupHost(ctx, s.Host)
		if !c.step("resolve", s.Host+" → "+strings.Join(found, ", "), err) {
			return nil, false
		}
	}
	l, err := e.dial(ctx, s)
	if !c.step("connect", s.address(), err) {
		return nil, false
	}
	return l, true
}

func (e *Endpoint) checkIMAP(ctx context.Context) []channel.Step {
	c := &checking{part: "receive"}
	l, ok := e.reach(ctx, c, &e.settings.Receive.Server)
	if !ok {
		return c.steps
	}
	s, err := e.greetIMAP(ctx, l)
	if !c.step("tls", e.settings.Receive.Security, l.why(err)) {
		_ = l.Close() // the step has told what matters
		return c.steps
	}
	defer s.close()
	if !c.step("login", e.settings.Receive.Username, l.why(s.login())) {
		return c.steps
	}
	s.introduce(ctx)
	var texts []string
	for _, folder := range e.settings.Receive.Folders {
		if err = s.examine(folder); err != nil {
			break
		}
		texts = append(texts, fmt.Sprintf("%s: %d", folder, s.state.NumMessages))
	}
	c.step("folders", strings.Join(texts, ", "), err)
	s.logout(ctx)
	return c.steps
}

func (e *Endpoint) checkSMTP(ctx context.Context) []channel.Step {
	c := &checking{part: "send"}
	l, ok := e.reach(ctx, c, &e.settings.Send.Server)
	if !ok {
		return c.steps
	}
	user := e.settings.Send.Username
	s, err := e.greetSMTP(ctx, l, user)
	if !c.step("tls", e.settings.Send.Security, l.why(err)) {
		_ = l.Close() // the step has told what matters
		return c.steps
	}
	polite := false
	defer func() { s.close(ctx, e.host.Log, polite) }()
	if !c.step("login", user, l.why(e.loginSMTP(s))) {
		return c.steps
	}
	if from, err := addrSpec(user); err == nil {
		err = s.client.Mail(from, nil)
		if err != nil {
			err = l.why(verdict("sender "+from, err))
		}
		c.step("sender", from, err)
	}
	polite = true
	return c.steps
}
