//go:build unix

package emailtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Dovecot is a real Dovecot that runs without privileges in a folder of its own
// and knows any user with one password. Mail is kept in Maildirs.
type Dovecot struct {
	port     int
	dir      string
	password string
	run      *exec.Cmd
	account  *user.User
}

// ErrNoDovecot says why there is no Dovecot on this machine.
var ErrNoDovecot = errors.New("no dovecot (Debian: apt-get install dovecot-imapd)")

// dovecotConfig is for a Dovecot that is not root and does not change its user.
const dovecotConfig = `
base_dir = %[1]s/run
state_dir = %[1]s/run
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = %[2]s
default_internal_group = %[3]s
default_login_user = %[2]s
mail_location = maildir:%[1]s/mail/%%u
mail_home = %[1]s/home/%%u
first_valid_uid = 1
%[6]s
passdb {
  driver = static
  args = password=%[5]s
}
userdb {
  driver = static
  args = uid=%[2]s gid=%[3]s
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[4]d
  }
  inet_listener imaps {
    port = 0
  }
}
service stats {
  chroot =
}
`

// NewDovecot starts a Dovecot; extra is added to its configuration. The caller
// closes it.
func NewDovecot(ctx context.Context, password, extra string) (*Dovecot, error) {
	binary, err := exec.LookPath("dovecot")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/dovecot"); err != nil {
			return nil, ErrNoDovecot
		}
	}
	d := &Dovecot{password: password}
	if err := d.prepare(extra); err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.dir))
	}
	d.run = exec.Command(binary, "-F", "-c", filepath.Join(d.dir, "dovecot.conf"))
	if os.Getuid() == 0 {
		uid, _ := strconv.ParseUint(d.account.Uid, 10, 32) // numbers on every Unix
		gid, _ := strconv.ParseUint(d.account.Gid, 10, 32)
		d.run.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	if err := d.run.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.dir))
	}
	for ctx.Err() == nil {
		if conn, err := net.Dial("tcp", d.Addr()); err == nil {
			return d, conn.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(d.dir, "log")) // empty says as much
	return nil, errors.Join(fmt.Errorf("dovecot does not start: %s", log), d.Close())
}

// prepare makes the folder, which belongs to who runs the server.
func (d *Dovecot) prepare(extra string) (err error) {
	if d.account, err = user.Current(); err != nil {
		return err
	}
	if d.account.Uid == "0" {
		if d.account, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	group, err := user.LookupGroupId(d.account.Gid)
	if err != nil {
		return err
	}
	if d.dir, err = os.MkdirTemp("", "dovecot-*"); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return err
	}
	config := fmt.Sprintf(dovecotConfig, d.dir, d.account.Username, group.Name, d.port, d.password, extra)
	if err := os.WriteFile(filepath.Join(d.dir, "dovecot.conf"), []byte(config), 0o644); err != nil {
		return err
	}
	made := []string{d.dir}
	for _, sub := range []string{"run", "mail", "home"} {
		made = append(made, filepath.Join(d.dir, sub))
		if err := os.Mkdir(filepath.Join(d.dir, sub), 0o755); err != nil {
			return err
		}
	}
	return d.own(made...)
}

// own gives files and folders to who runs the server.
func (d *Dovecot) own(paths ...string) error {
	if os.Getuid() != 0 {
		return nil
	}
	uid, err1 := strconv.Atoi(d.account.Uid)
	gid, err2 := strconv.Atoi(d.account.Gid)
	err := errors.Join(err1, err2)
	for _, path := range paths {
		err = errors.Join(err, os.Lchown(path, uid, gid))
	}
	return err
}

// Addr returns the address of the server.
func (d *Dovecot) Addr() string { return fmt.Sprintf("127.0.0.1:%d", d.port) }

// Settings returns the settings and secrets with which the channel "email" reads
// a user's folders.
func (d *Dovecot) Settings(username string, folders ...string) (settings, secrets []byte) {
	return document(map[string]any{"receive": map[string]any{
			"mode": "imap", "host": "127.0.0.1", "port": d.port, "security": "plain", "username": username, "folders": folders,
		}}),
		document(map[string]any{"receivePassword": d.password})
}

// Drop puts a mail into a user's INBOX the way a delivery agent does, past IMAP.
func (d *Dovecot) Drop(username, name string, raw []byte) error {
	box := filepath.Join(d.dir, "mail", username)
	made := []string{box}
	for _, sub := range []string{"tmp", "new", "cur"} {
		made = append(made, filepath.Join(box, sub))
		if err := os.MkdirAll(filepath.Join(box, sub), 0o700); err != nil {
			return err
		}
	}
	tmp := filepath.Join(box, "tmp", name)
	if err := os.WriteFile(tmp, raw, 0o600); err != nil {
		return err
	}
	if err := d.own(append(made, tmp)...); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(box, "new", name))
}

// Renumber makes the server give a user's INBOX another UIDVALIDITY, as a restore
// from backup does.
func (d *Dovecot) Renumber(username string) error {
	files, err := filepath.Glob(filepath.Join(d.dir, "mail", username, "dovecot*"))
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// Close ends the server and removes its folder.
func (d *Dovecot) Close() error {
	err := d.run.Process.Signal(syscall.SIGTERM)
	if waited := d.run.Wait(); waited != nil && !strings.Contains(waited.Error(), "exit status") {
		err = errors.Join(err, waited)
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}
