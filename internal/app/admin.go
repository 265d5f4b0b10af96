package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// atTerminal is the actor of whoever uses the command line.
func atTerminal() actor.Actor { return actor.OfSystem("terminal") }

// NewAgent is what the command line says of an agent.
type NewAgent struct {
	Email, Name, Role, Locale, Password string
}

// CreateAgent adds an agent and returns the id.
func (a *App) CreateAgent(ctx context.Context, n NewAgent) (string, error) {
	made, err := a.agents.Create(ctx, atTerminal(), team.NewAgent{
		Email: n.Email, Name: n.Name, Role: team.Role(n.Role), Locale: n.Locale, Password: n.Password,
	})
	return made.ID, err
}

// CreateKey adds an API key and returns its token, which is not kept.
func (a *App) CreateKey(ctx context.Context, name, role string) (string, error) {
	_, token, err := a.agents.CreateKey(ctx, atTerminal(), team.NewKey{Name: name, Role: team.Role(role)})
	return token, err
}

// SetupLink returns the one-time link for the first administrator, "" when there is one.
func (a *App) SetupLink(ctx context.Context) (string, error) {
	token, err := a.setup.Token(ctx)
	if err != nil || token == "" {
		return "", err
	}
	return a.URL() + "/setup?token=" + url.QueryEscape(token), nil
}

// Listen opens the addresses of the configuration, so that a taken one is told
// before anything runs.
func (a *App) Listen() error {
	l, err := net.Listen("tcp", a.cfg.HTTP)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --http", err)
	}
	a.web = l
	for kind, address := range map[string]string{"smtp": a.cfg.SMTP, "lmtp": a.cfg.LMTP} {
		if address == "" {
			continue
		}
		m, err := newReceiver(a, kind, address)
		if err != nil {
			return fmt.Errorf("%w; choose another address with --%s", err, kind)
		}
		a.mail = append(a.mail, m)
	}
	return nil
}

// URL is where a browser on this machine, or behind the public URL, finds the instance.
func (a *App) URL() string {
	if a.web == nil || a.cfg.PublicURL != "http://"+a.cfg.HTTP {
		return a.cfg.PublicURL
	}
	return "http://" + a.web.Addr().String()
}

// MailAddress is where the built-in receiver takes mail, "" if it does not run.
func (a *App) MailAddress() string {
	for _, m := range a.mail {
		if m.kind == "smtp" {
			return m.listener.Addr().String()
		}
	}
	return ""
}

// Migrate brings a database's schema up to date and returns the steps taken and
// the version reached.
func Migrate(ctx context.Context, cfg Config) (steps int, version int64, err error) {
	db, err := sqldb.Open(ctx, cfg.Database, sqldb.Options{})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if steps, err = db.Migrate(ctx); err != nil {
		return steps, 0, err
	}
	version, _, err = db.Migrations(ctx)
	return steps, version, err
}

// mailServer is where others send mail for the built-in receiver: the name it
// greets with and its port, "" if it does not run.
func mailServer(a *App) string {
	_, port, err := net.SplitHostPort(a.MailAddress())
	if err != nil { // no receiver, no address
		return ""
	}
	return net.JoinHostPort(a.cfg.Hostname, port)
}
