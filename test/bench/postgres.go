package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/kintsugi-desk/kintsugi/internal/tools/need"
)

// cluster is a PostgreSQL of the bench's own: durable, with a quarter of a
// small machine's memory, and otherwise as it comes.
type cluster struct {
	dir, bin string
	as       *syscall.Credential
	started  bool // by us
}

const settings = `listen_addresses=''
unix_socket_permissions=0777
shared_buffers=1GB
max_wal_size=4GB
maintenance_work_mem=256MB
max_connections=200
`

func startCluster(dir string) (*cluster, error) {
	initdb, err := need.Postgres().Path()
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, bin: filepath.Dir(initdb)}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		if err := c.stepDown(); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err != nil {
		if err := c.run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"); err != nil {
			return nil, err
		}
		f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		if _, err := f.WriteString(settings + "unix_socket_directories='" + dir + "'\n"); err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	if c.run("pg_isready", "-q", "-h", dir) == nil {
		return c, nil // it runs already, and is left running
	}
	c.started = true
	return c, c.run("pg_ctl", "-D", data, "-l", filepath.Join(dir, "log"), "-w", "start")
}

// stepDown picks the user the server runs as, as it refuses to be root.
func (c *cluster) stepDown() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return err
	}
	c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(c.dir, int(uid), int(gid))
}

func (c *cluster) run(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (c *cluster) url(name string) string {
	return "postgres://postgres@/" + name + "?host=" + c.dir
}

// create makes a database unless it is there.
func (c *cluster) create(name string) error {
	if c.run("psql", "-U", "postgres", "-h", c.dir, "-q", "-c", "", name) == nil {
		return nil
	}
	return c.run("createdb", "-U", "postgres", "-h", c.dir, name)
}

func (c *cluster) stop() {
	if !c.started {
		return
	}
	if err := c.run("pg_ctl", "-D", filepath.Join(c.dir, "data"), "-m", "fast", "-w", "stop"); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}
