package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// Env says how much harm is done: "full", or "" for a short run.
const Env = "KINTSUGI_CHAOS"

// size is how much is done to the product.
type size struct {
	mails   int           // that come in, on each database
	replies int           // that go out
	threads int           // conversations that people work in during an outage
	kills   int           // at least
	facts   int           // that duties react to
	outage  time.Duration // of the database
	cuts    int           // of all connections to the database
	rounds  int           // in which a node of several is killed
	clear   time.Duration // after the harm, everything must come to rest within this
}

func sizeOf(word string) (size, error) {
	switch word {
	case "":
		return size{mails: 60, replies: 16, threads: 60, kills: 3, facts: 150, outage: 5 * time.Second, cuts: 5, rounds: 1, clear: 90 * time.Second}, nil
	case "full":
		return size{mails: 5000, replies: 1000, threads: 400, kills: 40, facts: 4000, outage: 30 * time.Second, cuts: 40, rounds: 4, clear: 4 * time.Minute}, nil
	}
	return size{}, fmt.Errorf("%s=%q: want full, or nothing for a short run", Env, word)
}

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(childEnv) != "":
		os.Exit(childMain())
	case os.Getenv(pipeEnv) != "":
		os.Exit(pipeMain())
	}
	os.Exit(m.Run())
}

// harness is what the tests of one run share.
type harness struct {
	size
	full    bool
	program string
	board   *board
}

func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: harm takes half a minute and more")
	}
	n, err := sizeOf(os.Getenv(Env))
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{size: n, full: os.Getenv(Env) == "full", program: build(t), board: &board{}}
	t.Cleanup(func() { h.board.print() })
	for _, f := range []struct {
		name string
		run  func(*testing.T, *harness)
	}{
		{"inbound", inbound}, {"webhooks", webhooks}, {"outbound", outbound}, {"duties", duties}, {"database", database}, {"disk", disk},
		{"clock", clocks}, {"nodes", nodes}, {"power", power},
	} {
		t.Run(f.name, func(t *testing.T) {
			if !h.full {
				t.Parallel() // most of it is waiting
			}
			f.run(t, h)
		})
	}
}

// only skips what takes too long for a short run.
func (h *harness) only(t *testing.T, why string) {
	t.Helper()
	if !h.full {
		t.Skip(why + "; make chaos does it")
	}
}

// each runs a fault on both engines at the same time: most of it is waiting.
func each(t *testing.T, fn func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, dbtest.MigratedURL(t))
	})
}

func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "kintsugi")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/kintsugi").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.Chmod(filepath.Dir(program), 0o755); err != nil { // another user runs it, too
		t.Fatal(err)
	}
	return program
}

// row is a line of the table: what was done to the product and what came of it.
type row struct {
	fault  string
	engine string
	done   int // of what was asked for
	harm   count
	note   string
	ok     bool
}

// count is what went wrong.
type count struct{ lost, doubled, stuck int }

// board gathers the lines of a run.
type board struct {
	mu   sync.Mutex
	rows []row
}

// add notes a line and fails the test if anything went wrong.
func (b *board) add(t *testing.T, r row) {
	t.Helper()
	if r.harm != (count{}) {
		t.Errorf("%s: %+v", r.fault, r.harm)
	}
	r.ok = !t.Failed()
	if r.engine == "" {
		r.engine = engineOf(t)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, r)
}

func engineOf(t *testing.T) string {
	for part := range strings.SplitSeq(t.Name(), "/") {
		if part == "sqlite" || part == "postgres" {
			return part
		}
	}
	return ""
}

func (b *board) print() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.rows) == 0 {
		return
	}
	slices.SortStableFunc(b.rows, func(x, y row) int { return strings.Compare(x.fault, y.fault) })
	const line = "%-58s | %-8s | %6s | %4s | %7s | %5s | %-4s | %s\n"
	fmt.Printf("\n"+line, "fault", "database", "done", "lost", "doubled", "stuck", "ok", "")
	for _, r := range b.rows {
		word := "ok"
		if !r.ok {
			word = "FAIL"
		}
		fmt.Printf(line, r.fault, r.engine, fmt.Sprint(r.done), fmt.Sprint(r.harm.lost), fmt.Sprint(r.harm.doubled), fmt.Sprint(r.harm.stuck), word, r.note)
	}
	fmt.Println()
}
