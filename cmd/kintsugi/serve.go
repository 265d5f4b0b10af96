package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
)

type serveCmd struct {
	HTTP      string   `name:"http" help:"Address of the web interface; ${default} when not given." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL string   `help:"How customers and agents reach the web interface, https://support.example.com." placeholder:"URL"`
	SMTP      string   `name:"smtp" help:"Address of the built-in mail receiver." placeholder:"HOST:PORT"`
	LMTP      string   `name:"lmtp" help:"Address of the built-in LMTP receiver." placeholder:"HOST:PORT"`
	Hostname  string   `help:"Name by which the mail receiver greets." placeholder:"NAME"`
	SMTPCert  string   `name:"smtp-cert" help:"Certificate (PEM) for STARTTLS of the mail receiver." placeholder:"FILE" type:"path"`
	SMTPKey   string   `name:"smtp-key" help:"Its private key (PEM)." placeholder:"FILE" type:"path"`
	Proxies   []string `name:"trusted-proxies" help:"Addresses of proxies whose X-Forwarded-For is believed." placeholder:"NET"`
	AllowNet  []string `help:"Private networks that may be dialled (mail servers)." placeholder:"NET"`
	MaxMail   int64    `help:"Largest mail that is taken, in bytes." default:"41943040"`

	StopGrace     time.Duration `help:"How long requests and duties under way may go on after a signal to stop; a second signal stops at once." default:"10s" placeholder:"TIME"`
	ReadTimeout   time.Duration `help:"How long a client may take to send a request." default:"30s" placeholder:"TIME"`
	UploadTimeout time.Duration `help:"How long a client may take to send a file." default:"10m" placeholder:"TIME"`
	WriteTimeout  time.Duration `help:"How long a client may take nothing of an answer." default:"1m" placeholder:"TIME"`
}

// Run implements the command.
func (s *serveCmd) Run(r *run) (err error) {
	cfg, err := s.config(r)
	if err != nil {
		return err
	}
	a, err := app.New(r.ctx, cfg)
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
	return a.Run(r.ctx)
}

func (s *serveCmd) config(r *run) (app.Config, error) {
	cfg, err := r.config()
	if err != nil {
		return cfg, err
	}
	if err := s.check(); err != nil {
		return cfg, err
	}
	cfg.HTTP, cfg.SMTP, cfg.LMTP, cfg.PublicURL, cfg.Hostname = s.HTTP, s.SMTP, s.LMTP, s.PublicURL, s.Hostname
	cfg.SMTPCert, cfg.SMTPKey, cfg.MaxMail = s.SMTPCert, s.SMTPKey, s.MaxMail
	cfg.StopGrace, cfg.ReadTimeout, cfg.UploadTimeout, cfg.WriteTimeout = s.StopGrace, s.ReadTimeout, s.UploadTimeout, s.WriteTimeout
	if cfg.Proxies, err = prefixes("--trusted-proxies", s.Proxies); err != nil {
		return cfg, err
	}
	if cfg.AllowNet, err = prefixes("--allow-net", s.AllowNet); err != nil {
		return cfg, err
	}
	if err := cfg.Prepare(); err != nil {
		return cfg, usage("%v", err)
	}
	return cfg, nil
}

// check looks at the values that the parser takes as they are.
func (s *serveCmd) check() error {
	for _, a := range []struct{ flag, address string }{{"--http", s.HTTP}, {"--smtp", s.SMTP}, {"--lmtp", s.LMTP}} {
		if a.address == "" {
			continue
		}
		_, port, err := net.SplitHostPort(a.address)
		if _, errPort := strconv.ParseUint(port, 10, 16); err != nil || errPort != nil {
			return usage("%s %q: want HOST:PORT, such as 127.0.0.1:8080", a.flag, a.address)
		}
	}
	for _, d := range []struct {
		flag string
		time time.Duration
	}{{"--stop-grace", s.StopGrace}, {"--read-timeout", s.ReadTimeout}, {"--upload-timeout", s.UploadTimeout}, {"--write-timeout", s.WriteTimeout}} {
		if d.time < 0 {
			return usage("%s %s: want no less than 0s, such as 30s or 2m", d.flag, d.time)
		}
	}
	if s.MaxMail < 0 {
		return usage("--max-mail %d: want a number of bytes", s.MaxMail)
	}
	return nil
}

// greet prints the address, and the set-up link while nobody administers the instance.
func greet(r *run, a *app.App) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  Kintsugi %s\n\n  Open      %s\n", buildVersion(), a.URL())
	if mail := a.MailAddress(); mail != "" {
		fmt.Fprintf(&b, "  Mail in   %s (SMTP)\n", mail)
	}
	link, err := a.SetupLink(r.ctx)
	if err != nil {
		return err
	}
	if link != "" {
		fmt.Fprintf(&b, "\n  Nobody administers this instance yet. Set it up here (the link works once):\n  %s\n", link)
	}
	b.WriteByte('\n')
	_, err = fmt.Fprint(r.stdout, b.String())
	return err
}
