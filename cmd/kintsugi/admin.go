package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/app"
)

// maxPasswordLine bounds what is read from standard input.
const maxPasswordLine = 4096

type userCmd struct {
	Create userCreateCmd `cmd:"" help:"Create an agent."`
}

type userCreateCmd struct {
	Email         string `required:"" help:"Mail address, with which the agent signs in."`
	Name          string `required:"" help:"Name that customers and colleagues see."`
	Role          string `required:"" enum:"administrator,manager,agent" help:"administrator, manager or agent."`
	Locale        string `enum:"ja,en," default:"" help:"Language of the interface: ja or en."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
}

// Run implements the command.
func (c *userCreateCmd) Run(r *run) error {
	if !c.PasswordStdin {
		return usage("a password on the command line would be seen by others: pipe it in and give --password-stdin")
	}
	line, err := bufio.NewReader(io.LimitReader(r.stdin, maxPasswordLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return usage("--password-stdin: standard input was empty")
	}
	return r.with(func(a *app.App) error {
		id, err := a.CreateAgent(r.ctx, app.NewAgent{Email: c.Email, Name: c.Name, Role: c.Role, Locale: c.Locale, Password: password})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(r.stdout, "%s %s is now %s\n", id, c.Email, c.Role)
		return err
	})
}

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Create an API key and print its token, once."`
}

type keyCreateCmd struct {
	Name string `required:"" help:"What the key is for."`
	Role string `required:"" enum:"administrator,manager,agent" help:"administrator, manager or agent."`
}

// Run implements the command.
func (c *keyCreateCmd) Run(r *run) error {
	r.existing = true // a key of a folder mistyped would open nothing
	return r.with(func(a *app.App) error {
		token, err := a.CreateKey(r.ctx, c.Name, c.Role)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(r.stdout, token)
		return err
	})
}

type migrateCmd struct {
	Restored bool `help:"The database came out of a backup (pg_restore): what waited then is not sent by itself. Before the first start."`
}

// Run implements the command.
func (c *migrateCmd) Run(r *run) error {
	cfg, err := r.prepared()
	if err != nil {
		return err
	}
	n, version, err := app.Migrate(r.ctx, cfg)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.stdout, "%d steps taken; the schema is at version %d\n", n, version)
	if err != nil || !c.Restored {
		return err
	}
	w, err := app.MarkRestored(r.ctx, cfg)
	if err != nil {
		return err
	}
	return r.waiting(w)
}

type doctorCmd struct {
	serveCmd
	JSON bool `help:"Print JSON."`
}

// Run implements the command.
func (c *doctorCmd) Run(r *run) error {
	cfg, err := c.config(r)
	if err != nil {
		return err
	}
	marks := map[app.Verdict]string{app.Fine: "ok", app.Warning: "warn", app.Failure: "FAIL"}
	findings := app.Examine(r.ctx, cfg)
	if c.JSON {
		if err := json.NewEncoder(r.stdout).Encode(findings); err != nil {
			return err
		}
	} else {
		_, _ = fmt.Fprintln(r.stdout, "Configuration")
		if err := cfg.Print(r.stdout); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(r.stdout, "\nChecks")
		for _, f := range findings {
			if _, err := fmt.Fprintf(r.stdout, "  %-5s %-16s %s\n", marks[f.Verdict], f.Name, f.Text); err != nil {
				return err
			}
		}
	}
	var wrong []string
	for _, f := range findings {
		if f.Verdict == app.Failure && !slices.Contains(wrong, f.Name) {
			wrong = append(wrong, f.Name)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", errCheck, strings.Join(wrong, ", "))
	}
	return nil
}

func (r *run) prepared() (app.Config, error) {
	cfg, err := r.config()
	if err != nil {
		return cfg, err
	}
	cfg.Existing = r.existing
	if err := cfg.Prepare(); err != nil {
		return cfg, usage("%v", err)
	}
	return cfg, nil
}

// with opens the instance's data for one command, beside a running server or without one.
func (r *run) with(fn func(*app.App) error) (err error) {
	cfg, err := r.prepared()
	if err != nil {
		return err
	}
	a, err := app.New(r.ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return fn(a)
}
