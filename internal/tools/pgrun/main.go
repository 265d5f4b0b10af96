// Command pgrun runs a command beside a throw-away PostgreSQL:
//
//	pgrun go test ./...
//
// It makes a cluster in a temporary folder, reached by a socket there and by
// nothing else, names it in KINTSUGI_TEST_POSTGRES, runs the command, and stops
// and removes the cluster however the command ends. As root it runs the server
// as another user, since PostgreSQL refuses to be root. Where
// KINTSUGI_TEST_POSTGRES is set already, that cluster is used and left alone.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/tools/need"
)

const (
	env     = "KINTSUGI_TEST_POSTGRES"
	startup = 60 * time.Second
	stop    = 20 * time.Second
)

func main() {
	runtime.LockOSThread() // the server dies with the thread that started it
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: pgrun COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgrun:", err)
		code = 1
	}
	os.Exit(code)
}

func run(command []string) (code int, err error) {
	if os.Getenv(env) != "" {
		return child(command)
	}
	initdb, err := need.Postgres().Path()
	if err != nil {
		return 1, err
	}
	c := cluster{bin: filepath.Dir(initdb)}
	if err := c.make(); err != nil {
		return 1, errors.Join(err, os.RemoveAll(c.dir))
	}
	defer func() { err = errors.Join(err, c.remove()) }()
	if err := os.Setenv(env, "postgres://postgres@/postgres?host="+c.dir+"&port=5432"); err != nil {
		return 1, err
	}
	return child(command)
}

// cluster is one throw-away server.
type cluster struct {
	bin    string
	dir    string
	server *exec.Cmd
	ended  chan error
	as     *syscall.Credential
}

func (c *cluster) make() (err error) {
	if c.dir, err = os.MkdirTemp("/tmp", "kintsugi-pg-"); err != nil { // a socket's path must be short
		return err
	}
	if os.Geteuid() == 0 {
		if err := c.stepDown(); err != nil {
			return err
		}
	}
	data := filepath.Join(c.dir, "data")
	init := c.command("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return c.start(data)
}

func (c *cluster) start(data string) error {
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has its own handle
	c.server = c.command("postgres", "-D", data, "-k", c.dir, "-c", "listen_addresses=", "-c", "unix_socket_permissions=0777",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "log_min_messages=fatal")
	c.server.Stdout, c.server.Stderr = log, log
	c.server.SysProcAttr.Setpgid = true // an interrupt at the terminal is for the command; we stop the server ourselves
	dieWithUs(c.server.SysProcAttr)
	if err := c.server.Start(); err != nil {
		return err
	}
	c.ended = make(chan error, 1)
	go func() { c.ended <- c.server.Wait() }()
	for deadline := time.Now().Add(startup); ; time.Sleep(50 * time.Millisecond) {
		if c.command("pg_isready", "-q", "-h", c.dir).Run() == nil {
			return nil
		}
		select {
		case err := <-c.ended:
			out, _ := os.ReadFile(log.Name()) // best effort: it explains err
			return fmt.Errorf("postgres ended: %w\n%s", err, out)
		default:
		}
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("postgres did not start within %v", startup), c.remove())
		}
	}
}

// stepDown picks the user the server runs as, and gives it the folder.
func (c *cluster) stepDown() error {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return errors.Join(os.Chown(c.dir, int(uid), int(gid)), os.Chmod(c.dir, 0o755))
	}
	return errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

func (c *cluster) remove() error {
	if err := c.server.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) { // fast shutdown
		return err
	}
	select {
	case <-c.ended:
	case <-time.After(stop):
		if err := c.server.Process.Kill(); err != nil {
			return err
		}
		<-c.ended
	}
	return os.RemoveAll(c.dir)
}

// child runs the command until it ends or we are told to; its exit code is ours.
func child(command []string) (int, error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stop
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
