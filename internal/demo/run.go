package demo

import (
	"context"
	"fmt"
	"io"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// New builds an instance in the configuration's (temporary) data folder and
// plays the story in it. It says on w what it does. The instance is ready to
// listen and run afterwards, and its clock is the machine's.
func New(ctx context.Context, cfg app.Config, w io.Writer) (*app.App, error) {
	started := clock.System{}.Now()
	c := NewClock(clock.System{}.Now().Add(-Span))
	office := NewOffice(c)
	cfg.Clock, cfg.Relaxed, cfg.PostOffice = c, true, office
	if cfg.PublicURL == "" { // the played services and the web pages have to know it
		cfg.PublicURL = "http://" + cfg.HTTP
	}
	phone := NewPhone(c, cfg.PublicURL)
	cfg.Phone, cfg.Kinds = phone, phone.Kinds(office.Kind())
	a, err := app.New(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprint(w, "Living three months in two companies…"); err != nil {
		return nil, err
	}
	stages, err := play(ctx, a.Inside(), c, office, cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("the story: %w", err)
	}
	if err := phone.connect(ctx, a.Inside(), a.Handler(), stages); err != nil {
		return nil, err
	}
	c.Live()
	_, err = fmt.Fprintf(w, " done in %.1f s.\n", clock.System{}.Now().Sub(started).Seconds())
	return a, err
}

// Greet prints who can sign in and where the post office is.
func Greet(w io.Writer, url string) error {
	if _, err := fmt.Fprintf(w, "\n  Sign in as (password for all: %s)\n    %-28s administrator\n", Password, Administrator); err != nil {
		return err
	}
	for _, c := range companies() {
		for _, p := range c.Agents {
			if _, err := fmt.Fprintf(w, "    %-28s %s, %s\n", p.Address, p.Role, c.Name); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, "\n  Play a customer (write, read the answer, rate it): %s/post-office\n  Visit a company's web page and chat: %s/shop\n  Everything is forgotten when this program ends.\n\n", url, url)
	return err
}
