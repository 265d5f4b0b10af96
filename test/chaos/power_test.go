package chaos

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// power tests what a process can of the promise that a confirmed mail survives
// the loss of power: that every confirmation waited for the disk.
func power(t *testing.T, h *harness) {
	t.Run("sqlite", func(t *testing.T) {
		t.Run("settings", func(t *testing.T) { fullSync(t) })
		t.Run("flushes", func(t *testing.T) { flushes(t, h) })
		t.Run("cost", func(t *testing.T) { commitCost(t, h) })
	})
}

// fullSync asks the engine what a database that was opened for production does.
func fullSync(t *testing.T) {
	db, err := sqldb.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"), sqldb.Options{})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	var level int
	var mode string
	must(t, db.Pool().QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&level))
	must(t, db.Pool().QueryRowContext(t.Context(), `PRAGMA journal_mode`).Scan(&mode))
	if level != 2 || mode != "wal" {
		t.Errorf("synchronous=%d, journal_mode=%s; want 2 (FULL) and wal", level, mode)
	}
}

var flushCall = regexp.MustCompile(`(?m)^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(fsync|fdatasync)$`)

// flushes counts how often the product makes the disk keep something while mails
// come in one after the other.
func flushes(t *testing.T, h *harness) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace counts flushes, and is not here")
	}
	count := func(mails int) int {
		v := newVictim(t, h, "")
		v.furnish(mailbox{}, nil)
		out := filepath.Join(t.TempDir(), "calls")
		v.wrap = []string{strace, "-D", "-f", "-c", "-o", out, "-e", "trace=fsync,fdatasync"}
		v.run()
		v.ready(time.Minute)
		for n := range mails {
			must(t, v.hand("p", mailTo("p", fmt.Sprintf("p%d", n)).Bytes()))
		}
		v.rest(v.open(), time.Minute)
		v.halt()
		var b []byte
		said, enough := context.WithTimeout(t.Context(), 10*time.Second)
		until(said, 50*time.Millisecond, func() bool { b, err = os.ReadFile(out); return err == nil && bytes.Contains(b, []byte("total")) })
		enough()
		must(t, err)
		total := 0
		for _, m := range flushCall.FindAllSubmatch(b, -1) {
			n, err := strconv.Atoi(string(m[1]))
			must(t, err)
			total += n
		}
		return total
	}
	const mails = 20
	idle, busy := count(0), count(mails)
	each := float64(busy-idle) / mails
	// The bytes, the folder that names them, and the commit.
	if each < 3 {
		t.Errorf("%.1f flushes a mail; the bytes, their folder and the commit make three", each)
	}
	h.board.add(t, row{fault: "power loss: flushes to disk counted (strace)", done: mails, note: fmt.Sprintf("%.1f fsync or fdatasync a mail, its reactions included; PRAGMA synchronous = FULL", each)})
}

// commitCost measures what waiting for the disk costs: commits a second of one
// writer and of sixteen, with and without.
func commitCost(t *testing.T, h *harness) {
	length := 500 * time.Millisecond
	if h.full {
		length = 3 * time.Second
	}
	note := ""
	for _, relaxed := range []bool{false, true} {
		for _, writers := range []int{1, 16} {
			n := commits(t, relaxed, writers, length)
			word := map[bool]string{false: "FULL", true: "OFF"}[relaxed]
			note += fmt.Sprintf("%s ×%d: %.0f/s; ", word, writers, float64(n)/length.Seconds())
		}
	}
	h.board.add(t, row{fault: "power loss: commits a second, with and without waiting", done: 4, note: note})
}

func commits(t *testing.T, relaxed bool, writers int, length time.Duration) int {
	db, err := sqldb.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"), sqldb.Options{Relaxed: relaxed})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = db.Migrate(t.Context())
	must(t, err)
	j := event.NewJournal(db, job.New(db, id.NewSource(clock.System{}, rand.Reader), slog.New(slog.DiscardHandler)))
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for end := time.Now().Add(length); writers > 0; writers-- {
		wg.Go(func() {
			n := 0
			for ; time.Now().Before(end); n++ {
				if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
					j.Emit(tx, happened, "thing_1", actor.OfSystem("chaos"), thing{N: int64(n)})
					return nil
				}); err != nil {
					t.Error(err)
					return
				}
			}
			mu.Lock()
			total += n
			mu.Unlock()
		})
	}
	wg.Wait()
	return total
}
