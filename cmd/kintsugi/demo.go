package main

import (
	"errors"
	"os"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/demo"
)

type demoCmd struct {
	HTTP      string `name:"http" help:"Address of the web interface." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL string `help:"How browsers reach it, when that differs from the address." placeholder:"URL"`
}

// Run implements the command.
func (d *demoCmd) Run(r *run) (err error) {
	s := serveCmd{HTTP: d.HTTP, PublicURL: d.PublicURL, StopGrace: app.DefaultStopGrace}
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
