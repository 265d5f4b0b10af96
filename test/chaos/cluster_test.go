package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kintsugi-desk/kintsugi/internal/tools/need"
)

// cluster is a PostgreSQL of the test's own, durable, to be stopped at will.
type cluster struct {
	t      *testing.T
	bin    string
	dir    string
	listen string // addresses beside the socket; "" for none
	port   int
	as     *syscall.Credential
	server *exec.Cmd
	ended  chan error
}

// newCluster makes and starts a cluster, or skips the test where none can be had.
func newCluster(t *testing.T, listen string) *cluster {
	t.Helper()
	initdb, err := need.Postgres().Path()
	if err != nil {
		t.Skip("no PostgreSQL of the test's own: " + err.Error())
	}
	dir, err := os.MkdirTemp("/tmp", "kintsugi-chaos-") // a socket's path must be short
	must(t, err)
	c := &cluster{t: t, bin: filepath.Dir(initdb), dir: dir, listen: listen}
	t.Cleanup(func() {
		c.down(syscall.SIGQUIT)
		must(t, os.RemoveAll(dir))
	})
	_, c.port = split(t, free(t))
	if os.Geteuid() == 0 {
		c.stepDown()
	}
	out, err := c.command("initdb", "-D", c.data(), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	if listen != "" {
		hba, err := os.OpenFile(filepath.Join(c.data(), "pg_hba.conf"), os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		_, err = hba.WriteString("host all all 10.0.0.0/8 trust\n")
		must(t, errors.Join(err, hba.Close()))
	}
	c.up()
	return c
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// stepDown picks another user: PostgreSQL refuses to be root.
func (c *cluster) stepDown() {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		must(c.t, errors.Join(err1, err2))
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		must(c.t, errors.Join(os.Chown(c.dir, int(uid), int(gid)), os.Chmod(c.dir, 0o755)))
		return
	}
	c.t.Skip("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// up starts the server and waits until it takes connections.
func (c *cluster) up() {
	c.t.Helper()
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	must(c.t, err)
	defer func() { _ = log.Close() }() // the server has its own handle
	c.server = c.command("postgres", "-D", c.data(), "-k", c.dir, "-p", strconv.Itoa(c.port), "-c", "listen_addresses="+c.listen,
		"-c", "unix_socket_permissions=0777", "-c", "max_connections=200", "-c", "shared_buffers=32MB")
	c.server.Stdout, c.server.Stderr = log, log
	must(c.t, c.server.Start())
	ended := make(chan error, 1)
	go func(s *exec.Cmd) { ended <- s.Wait() }(c.server)
	c.ended = ended
	for end := time.Now().Add(time.Minute); c.command("pg_isready", "-q", "-h", c.dir, "-p", strconv.Itoa(c.port)).Run() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			b, _ := os.ReadFile(log.Name()) // for people
			c.t.Fatalf("PostgreSQL does not start:\n%s", b)
		}
	}
}

// down stops the server: SIGINT is an orderly stop, SIGQUIT a crash.
func (c *cluster) down(how syscall.Signal) {
	if c.server == nil {
		return
	}
	_ = c.server.Process.Signal(how) // it may have ended
	select {
	case <-c.ended:
	case <-time.After(time.Minute):
		_ = c.server.Process.Kill()
		<-c.ended
		c.t.Error("PostgreSQL does not stop")
	}
	c.server = nil
}

// socket is the url of a database by the server's socket.
func (c *cluster) socket(name string) string {
	return fmt.Sprintf("postgres://postgres@/%s?host=%s&port=%d", name, c.dir, c.port)
}

// at is the url of a database by one of the server's addresses.
func (c *cluster) at(host, name string) string {
	return fmt.Sprintf("postgres://postgres@%s:%d/%s?sslmode=disable", host, c.port, name)
}

func (c *cluster) socketPath() string { return fmt.Sprintf("%s/.s.PGSQL.%d", c.dir, c.port) }

// make makes a database.
func (c *cluster) make(name string) string {
	c.t.Helper()
	c.do("CREATE DATABASE " + name)
	return c.socket(name)
}

// do runs one statement as the administrator and returns how many rows it touched.
func (c *cluster) do(query string, args ...any) int64 {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.socket("postgres"))
	must(c.t, err)
	defer func() { _ = conn.Close(ctx) }() // it was for one statement
	tag, err := conn.Exec(ctx, query, args...)
	must(c.t, err)
	return tag.RowsAffected()
}

// logged counts lines of the server's log that hold a text.
func (c *cluster) logged(text string) int {
	b, err := os.ReadFile(filepath.Join(c.dir, "log"))
	must(c.t, err)
	return strings.Count(string(b), text)
}
