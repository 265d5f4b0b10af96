package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/demo"
)

const (
	seedUntil = "2026-11-21"
	bossEmail = "bench@bench.example"
	bossPass  = "a-bench-of-gold-9"
)

// desk is a running instance on seeded data.
type desk struct {
	engine   string
	size     int
	data     string
	database string // "" is SQLite
	web      string
	mail     string
	process  *exec.Cmd
	boss     string // cookie of an administrator
	agent    string // cookie of an agent who has conversations
	agentID  string
	key      string // API key
	inboxID  string // of an inbox for the bench's own mail
	fifty    string // a conversation of fifty messages
	sink     *sink
}

// prepare makes the folder and the program.
func (b *bench) prepare(ctx context.Context) error {
	if err := os.MkdirAll(b.dir, 0o755); err != nil { // PostgreSQL's user looks in
		return err
	}
	if b.program == "" {
		b.program = filepath.Join(b.dir, "kintsugi")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.program, "./cmd/kintsugi")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	var err error
	b.program, err = filepath.Abs(b.program)
	return err
}

func (b *bench) close() {
	for _, d := range b.desks {
		d.stop()
		if d.sink != nil {
			d.sink.close()
		}
	}
	if b.cluster != nil {
		b.cluster.stop()
	}
}

// seeded returns a desk that does not run, with its data in place.
func (b *bench) seeded(ctx context.Context, engine string, size int) (*desk, error) {
	d := &desk{engine: engine, size: size, data: filepath.Join(b.dir, "data", engine+"-"+strconv.Itoa(size))}
	if engine == "postgres" {
		if b.cluster == nil {
			c, err := startCluster(filepath.Join(b.dir, "pg"))
			if err != nil {
				return nil, err
			}
			b.cluster = c
		}
		name := "b" + strconv.Itoa(size)
		if err := b.cluster.create(name); err != nil {
			return nil, err
		}
		d.database = b.cluster.url(name)
	}
	done := filepath.Join(d.data, "seeded")
	if _, err := os.Stat(done); err == nil {
		return d, nil
	}
	fmt.Fprintf(os.Stderr, "seeding %d conversations, %s …\n", size, engine)
	out, err := b.command(ctx, d, "", "seed", "--conversations", strconv.Itoa(size), "--seed", "1", "--until", seedUntil)
	if err != nil {
		return nil, err
	}
	fmt.Fprint(os.Stderr, out)
	return d, os.WriteFile(done, []byte(out), 0o600)
}

// command runs a command of the program to its end.
func (b *bench) command(ctx context.Context, d *desk, stdin string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, b.program, append(args, d.where()...)...)
	c.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", args, err, errs.String())
	}
	return out.String(), nil
}

func (d *desk) where() []string {
	args := []string{"--data", d.data}
	if d.database != "" {
		args = append(args, "--database", d.database)
	}
	return args
}

// open returns the running desk of an engine and a size, with people signed in.
func (b *bench) open(ctx context.Context, engine string, size int) (*desk, error) {
	name := engine + strconv.Itoa(size)
	if d := b.desks[name]; d != nil {
		return d, nil
	}
	d, err := b.seeded(ctx, engine, size)
	if err != nil {
		return nil, err
	}
	if _, err := b.command(ctx, d, bossPass+"\n", "user", "create", "--email", bossEmail, "--name", "Bench", "--role", "administrator", "--password-stdin"); err != nil &&
		!strings.Contains(err.Error(), "already") {
		return nil, err
	}
	if d.sink, err = openSink(); err != nil {
		return nil, err
	}
	if _, err := b.start(ctx, d); err != nil {
		return nil, err
	}
	b.desks[name] = d
	return d, d.furnish(ctx)
}

// start runs the server and returns how long it took until it was ready.
func (b *bench) start(ctx context.Context, d *desk) (time.Duration, error) {
	d.web, d.mail = free(), free()
	d.process = exec.CommandContext(ctx, b.program, append([]string{"serve", "--http", d.web, "--smtp", d.mail, "--allow-net", "127.0.0.0/8", "--log-level", "error"}, d.where()...)...)
	d.process.Stderr = os.Stderr
	started := time.Now()
	if err := d.process.Start(); err != nil {
		return 0, err
	}
	for deadline := started.Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		res, err := http.Get("http://" + d.web + "/readyz")
		if err != nil {
			continue
		}
		_ = res.Body.Close() // only its status counts
		if res.StatusCode == http.StatusOK {
			return time.Since(started), nil
		}
	}
	d.stop()
	return 0, errors.New("the server does not become ready")
}

func (d *desk) stop() {
	if d.process == nil || d.process.Process == nil {
		return
	}
	_ = d.process.Process.Signal(os.Interrupt) // it may have ended by itself
	_ = d.process.Wait()
	d.process = nil
}

// furnish signs people in and makes an inbox of the bench's own.
func (d *desk) furnish(ctx context.Context) error {
	var err error
	if d.boss, err = d.signIn(bossEmail, bossPass); err != nil {
		return err
	}
	var agents struct {
		Items []struct{ ID, Email, Role string }
	}
	if err := d.call(ctx, http.MethodGet, "/agents?limit=200", nil, &agents); err != nil {
		return err
	}
	for _, a := range agents.Items {
		if a.Role == "agent" && d.agentID == "" {
			d.agentID = a.ID
			if d.agent, err = d.signIn(a.Email, demo.Password); err != nil {
				return err
			}
		}
	}
	var key struct{ Token string }
	if err := d.call(ctx, http.MethodPost, "/keys", map[string]string{"name": "bench", "role": "administrator"}, &key); err != nil {
		return err
	}
	d.key = key.Token
	return d.ownInbox(ctx)
}

func (d *desk) ownInbox(ctx context.Context) error {
	var brands struct{ Items []struct{ ID string } }
	if err := d.call(ctx, http.MethodGet, "/brands", nil, &brands); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(d.sink.address())
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	send := map[string]any{"mode": "smtp", "host": host, "port": n, "security": "plain"}
	var inboxes struct {
		Items []struct{ ID, Address string }
	}
	if err := d.call(ctx, http.MethodGet, "/inboxes", nil, &inboxes); err != nil {
		return err
	}
	for _, x := range inboxes.Items {
		if x.Address == ownAddress {
			d.inboxID = x.ID
			return d.call(ctx, http.MethodPatch, "/inboxes/"+x.ID, map[string]any{"send": send}, nil)
		}
	}
	var made struct{ ID string }
	err = d.call(ctx, http.MethodPost, "/inboxes", map[string]any{"brandId": brands.Items[0].ID, "name": "bench", "kind": "email", "address": ownAddress,
		"active": true, "receive": map[string]any{"mode": "smtp"}, "send": send}, &made)
	d.inboxID = made.ID
	return err
}

// ownAddress is where the bench's mail goes.
const ownAddress = "support@bench.example"

func free() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // without a port there is nothing to measure
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
