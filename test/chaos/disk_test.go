package chaos

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// disk fills the disk, takes the right to write away, and copies what runs.
func disk(t *testing.T, h *harness) {
	t.Run("sqlite", func(t *testing.T) {
		t.Run("full", func(t *testing.T) { diskFull(t, h) })
		t.Run("read-only", func(t *testing.T) {
			h.only(t, "a full disk is tried")
			readOnly(t, h)
		})
		t.Run("backup", func(t *testing.T) { backups(t, h) })
	})
}

// onDisk starts people on a product whose data lies in a folder.
func onDisk(t *testing.T, h *harness, dir string, as *syscall.Credential) *traffic {
	t.Helper()
	tr := &traffic{v: newVictim(t, h, ""), peer: newPeer(t), sent: newSent(), said: map[string]int{}, wrong: map[string]int{}}
	tr.v.dir = dir
	tr.furnish(h)
	if as != nil {
		tr.v.as = as
		must(t, filepath.WalkDir(filepath.Dir(dir), func(path string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(path, int(as.Uid), int(as.Gid)))
		}))
	}
	tr.v.run()
	tr.v.ready(time.Minute)
	tr.begin()
	return tr
}

// diskFull fills a small disk with something else, and frees it again.
func diskFull(t *testing.T, h *harness) {
	small := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", small).CombinedOutput(); err != nil {
		t.Skipf("a small disk of the test's own needs the right to mount: %v: %s", err, bytes.TrimSpace(out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", small).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	tr := onDisk(t, h, filepath.Join(small, "data"), nil)
	t.Cleanup(tr.v.halt)
	pause(t.Context(), 2*time.Second)
	ballast := filepath.Join(small, "ballast")
	fill(t, ballast)
	told := tr.v.unready(noticed)
	tr.refusesToKeep()
	pause(t.Context(), h.outage)
	must(t, os.Remove(ballast))
	back := tr.v.ready(resumed)
	pause(t.Context(), 2*time.Second)
	tr.end(h, row{fault: fmt.Sprintf("disk full for %v", h.outage),
		note: fmt.Sprintf("/readyz 503 after %v, 200 again %v after there was room", told.Round(10*time.Millisecond), back.Round(10*time.Millisecond))})
	if tr.putOff.Load() == 0 {
		t.Error("nobody noticed")
	}
	tr.v.halt() // before the disk goes
}

// fill writes until the disk takes nothing more.
func fill(t *testing.T, name string) {
	f, err := os.Create(name)
	must(t, err)
	defer func() { _ = f.Close() }() // full it is
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// refusesToKeep makes sure that what cannot be kept is refused in words. The
// database has some room of its own left, so it takes more than a word.
func (tr *traffic) refusesToKeep() {
	t := tr.v.t
	t.Helper()
	id := tr.threads[len(tr.threads)-1]
	var a answer
	var err error
	for range 40 {
		a, err = tr.v.call(t.Context(), "POST", "/conversations/"+id+"/messages", "", map[string]string{"kind": "note", "text": strings.Repeat("Do look at this once more. ", 8000)})
		if err != nil || a.status != 201 {
			break
		}
	}
	if err != nil || a.status != 503 || a.header.Get("Retry-After") == "" || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("a note that cannot be kept: %v %d %v %.300s", err, a.status, a.header, a.body)
	}
}

// readOnly takes the right to write files away from a running product, gives it
// back, and starts it on a folder that it may not write.
func readOnly(t *testing.T, h *harness) {
	var as *syscall.Credential
	if os.Geteuid() == 0 { // no right can be taken from root
		as = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	top, err := os.MkdirTemp("/tmp", "kintsugi-chaos-") // others may walk there
	must(t, err)
	must(t, os.Chmod(top, 0o755))
	t.Cleanup(func() { must(t, os.RemoveAll(top)) })
	for dir := filepath.Dir(h.program); dir != "/" && dir != os.TempDir(); dir = filepath.Dir(dir) {
		must(t, os.Chmod(dir, 0o755))
	}
	data := filepath.Join(top, "data")
	tr := onDisk(t, h, data, as)
	t.Cleanup(tr.v.halt)
	blobs := filepath.Join(data, "blobs")
	pause(t.Context(), 2*time.Second)
	must(t, os.Chmod(blobs, 0o500))
	told := tr.v.unready(noticed)
	pause(t.Context(), h.outage)
	must(t, os.Chmod(blobs, 0o700))
	back := tr.v.ready(resumed)
	pause(t.Context(), time.Second)
	tr.end(h, row{fault: fmt.Sprintf("data folder read-only for %v", h.outage),
		note: fmt.Sprintf("/readyz 503 after %v, 200 again %v after", told.Round(10*time.Millisecond), back.Round(10*time.Millisecond))})
	tr.v.halt()

	must(t, os.Chmod(filepath.Join(data, "kintsugi.db"), 0o400))
	must(t, os.Chmod(data, 0o500))
	c := tr.v.command()
	var said bytes.Buffer
	c.Stderr = &said
	err = c.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(said.String(), data) {
		t.Errorf("started on a read-only folder: %v, and said %q; want exit code 3 and the folder's name", err, said.String())
	}
	must(t, os.Chmod(data, 0o700))
}

// backups are made while mail comes in. Each must have whatever was acknowledged
// before it began: a copy of the file, without what stands in the log beside it,
// would not.
func backups(t *testing.T, h *harness) {
	tr := onDisk(t, h, filepath.Join(t.TempDir(), "data"), nil)
	made := 0
	for n := range 3 {
		pause(t.Context(), time.Second)
		tr.sent.mu.Lock()
		before := make([]string, 0, len(tr.sent.ids))
		for id := range tr.sent.ids {
			before = append(before, id)
		}
		tr.sent.mu.Unlock()
		file := filepath.Join(t.TempDir(), fmt.Sprintf("backup%d.tar.gz", n))
		copied := filepath.Join(t.TempDir(), "copy")
		for _, args := range [][]string{{"backup", file, "--data", tr.v.dir}, {"restore", file, "--data", copied}} {
			if out, err := exec.Command(h.program, args...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", args, err, out)
			}
		}
		must(t, missingFrom(t, filepath.Join(copied, "kintsugi.db"), before))
		made++
	}
	tr.end(h, row{fault: "backed up 3 times while mail comes in", note: fmt.Sprintf("%d backups restored; each has all that was acknowledged before it began", made)})
}

// missingFrom reports mails that a restored database does not have.
func missingFrom(t *testing.T, file string, ids []string) (err error) {
	db, err := sqldb.Open(t.Context(), "sqlite:"+file, sqldb.Options{Existing: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, id := range ids {
		if number(t, db, `SELECT COUNT(*) FROM ledger WHERE external_id = $1 AND state = 'linked'`, id) != 1 {
			err = errors.Join(err, fmt.Errorf("mail %s is not in the backup", id))
		}
	}
	return err
}
