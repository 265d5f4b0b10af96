package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/demo"
)

type demoCmd struct {
	HTTP      string `name:"http" help:"Address of the web interface; ${default} when not given." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL string `help:"How browsers reach it, when that differs from the address." placeholder:"URL"`
}

// vacant tells before three months are played what could only be said after
// them: that somebody else listens at an address. The demonstration has no other. It
// returns the address with its number where any port would do: the companies' web
// pages have to know theirs.
func vacant(ctx context.Context, flag, address string) (string, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return address, nil // the configuration says what is wrong with it
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("%w; choose another address with %s", err, flag)
	}
	return l.Addr().String(), l.Close()
}

// Run implements the command.
func (d *demoCmd) Run(r *run) (err error) {
	s := serveCmd{HTTP: d.HTTP, PublicURL: d.PublicURL, StopGrace: app.DefaultStopGrace}
	if s.HTTP, err = vacant(r.ctx, "--http", d.HTTP); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kintsugi-demo-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r.cli.Data, r.cli.Database = dir, ""
	cfg, err := s.config(r)
	if err != nil {
		return err
	}
	a, err := demo.New(r.ctx, cfg, r.stdout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Listen(); err != nil {
		return err
	}
	if err := greet(r, a); err != nil {
		return err
	}
	if err := demo.Greet(r.stdout, a.URL()); err != nil {
		return err
	}
	return a.Run(r.ctx)
}
