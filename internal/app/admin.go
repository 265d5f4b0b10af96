package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

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

// Finding is one thing that Examine looked at.
type Finding struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

// Examine checks what an instance of this configuration needs, without
// changing anything and beside a running one.
func Examine(ctx context.Context, cfg Config) []Finding {
	var out []Finding
	note := func(name string, err error, text string) bool {
		f := Finding{Name: name, OK: err == nil, Text: text}
		if err != nil {
			f.Text = Explain(err)
		}
		out = append(out, f)
		return err == nil
	}
	if info, err := os.Stat(cfg.DataDir); err != nil {
		note("data folder", err, "")
		return append(out, Finding{Name: "hint", Text: "start `kintsugi serve` once, or give --data"})
	} else if note("data folder", writable(cfg.DataDir), cfg.DataDir) && info.Mode().Perm()&0o077 != 0 {
		note("data folder", fmt.Errorf("%s can be read by others; chmod 700 it", cfg.DataDir), "")
	}
	if cfg.Key == "" {
		_, err := os.Stat(cfg.KeyPath())
		note("instance key", err, cfg.KeyPath())
	}
	db, err := sqldb.Open(ctx, cfg.Database, sqldb.Options{})
	if !note("database", err, sqldb.Redact(cfg.Database)) {
		return out
	}
	defer func() { _ = db.Close() }() // only read from
	have, want, err := db.Migrations(ctx)
	if err == nil && have != want {
		err = fmt.Errorf("the schema is at version %d, this program needs %d; run `kintsugi migrate`", have, want)
	}
	if !note("schema", err, fmt.Sprintf("version %d", have)) {
		return out
	}
	return append(out, examineInboxes(ctx, db)...)
}

func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// examineInboxes reports what each inbox last said.
func examineInboxes(ctx context.Context, db *sqldb.DB) []Finding {
	var out []Finding
	err := db.Read(ctx, func(tx *sqldb.Tx) error {
		list, err := inboxHealth(ctx, tx)
		for _, i := range list {
			f := Finding{Name: "inbox", OK: i.OK, Text: i.Name}
			switch {
			case !i.OK:
				f.Text += ": " + i.LastError
			case i.LastSuccessAt != nil:
				f.Text += ", last worked " + i.LastSuccessAt.Format("2006-01-02 15:04 MST")
			default:
				f.Text += ", not used yet"
			}
			out = append(out, f)
		}
		return err
	})
	if err != nil {
		out = append(out, Finding{Name: "inboxes", Text: Explain(err)})
	}
	return out
}

// DefaultDatabase reports whether the database is the file in the data folder.
func (c Config) DefaultDatabase() bool {
	return strings.TrimPrefix(c.Database, "sqlite:") == filepath.Join(c.DataDir, databaseFile)
}
