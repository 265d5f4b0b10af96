package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const address = "support@utsuwa.example"

// victim is the product as a process that something starts again whenever it ends.
type victim struct {
	t        *testing.T
	program  string
	dir      string
	database string // "": SQLite in dir
	web      string
	mail     string
	key      string // an API key of an administrator
	inbox    string
	brand    string
	name     string              // of one among several on the same data
	wrap     []string            // a command to run it under
	as       *syscall.Credential // another user to run it as
	client   *http.Client

	mu     sync.Mutex
	cmd    *exec.Cmd
	kills  int
	starts int
	ended  bool
	stop   context.CancelFunc
	over   chan struct{}
}

func newVictim(t *testing.T, h *harness, database string) *victim {
	t.Helper()
	v := &victim{
		t: t, program: h.program, dir: t.TempDir(), database: database, web: free(t), mail: free(t),
		client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
	}
	t.Cleanup(func() {
		v.client.CloseIdleConnections()
		if t.Failed() {
			v.tellLog()
		}
	})
	return v
}

// tellLog shows what the product said, its end at most.
func (v *victim) tellLog() {
	b, err := os.ReadFile(v.logFile())
	if err != nil {
		return // it never ran
	}
	v.t.Logf("the product said last:\n%s", b[max(0, len(b)-6000):])
}

func (v *victim) logFile() string { return v.dir + v.name + ".log" }

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (v *victim) config() app.Config {
	return app.Config{DataDir: v.dir, Database: v.database, Log: slog.New(slog.DiscardHandler), Relaxed: true}
}

// mailbox is how the inbox receives and sends.
type mailbox struct {
	imap    string // address of the server; "" for the built-in receiver
	folders []string
	smtp    string // of the server that takes letters; "" sends none
	user    string
}

// furnish makes a brand, an inbox and a key, in this process, and lets more
// happen inside before the product starts.
func (v *victim) furnish(m mailbox, more func(a *app.App)) {
	t, ctx, by := v.t, v.t.Context(), actor.OfSystem("chaos")
	t.Helper()
	a, err := app.New(ctx, v.config())
	must(t, err)
	defer func() { must(t, a.Close()) }()
	in := a.Inside()
	name, lang, zone := "Utsuwa", "en", "Asia/Tokyo"
	b, err := in.Brands.Create(ctx, by, brand.Change{Name: &name, Locale: &lang, Zone: &zone})
	must(t, err)
	box, yes, to, none, plain, pass, mode := "support", true, address, "none", "plain", "secret", "smtp"
	ch := inbox.Change{BrandID: &b.ID, Name: &box, Address: &to, Active: &yes,
		Receive: &inbox.ReceiveChange{Mode: &mode}, Send: &inbox.SendChange{Mode: &none}}
	if m.imap != "" {
		host, port := split(t, m.imap)
		imap := "imap"
		ch.Receive = &inbox.ReceiveChange{Mode: &imap, Host: &host, Port: &port, Security: &plain, Username: &to, Password: &pass, Folders: &m.folders}
	}
	if m.smtp != "" {
		host, port := split(t, m.smtp)
		ch.Send = &inbox.SendChange{Mode: &mode, Host: &host, Port: &port, Security: &plain}
		if m.user != "" {
			ch.Send.Username, ch.Send.Password = &m.user, &pass
		}
	}
	made, err := in.Inboxes.Create(ctx, by, ch)
	must(t, err)
	v.inbox, v.brand = made.ID, b.ID
	_, v.key, err = in.Agents.CreateKey(ctx, by, team.NewKey{Name: "chaos", Role: team.Administrator})
	must(t, err)
	if more != nil {
		more(a)
	}
}

func split(t *testing.T, address string) (host string, port int) {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", address)
	must(t, err)
	return a.IP.String(), a.Port
}

// command is how the product is started.
func (v *victim) command() *exec.Cmd {
	args := append(append([]string{}, v.wrap...), v.program, "serve", "--data", v.dir, "--http", v.web, "--smtp", v.mail,
		"--allow-net", "127.0.0.0/8,10.0.0.0/8", "--log-level", "warn")
	if v.database != "" {
		args = append(args, "--database", v.database)
	}
	c := exec.Command(args[0], args[1:]...)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: v.as, Pdeathsig: 0}
	return c
}

// run starts the product, and again whenever it ends, until halt or the end of the test.
func (v *victim) run() {
	ctx, cancel := context.WithCancel(context.Background())
	v.stop, v.over = cancel, make(chan struct{})
	v.t.Cleanup(v.halt)
	log, err := os.OpenFile(v.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	must(v.t, err)
	go func() {
		defer close(v.over)
		defer func() { _ = log.Close() }() // only for people
		for ctx.Err() == nil {
			c := v.command()
			c.Stdout, c.Stderr = log, log
			v.mu.Lock()
			err := c.Start()
			v.cmd, v.ended = c, false
			v.starts++
			v.mu.Unlock()
			if err != nil {
				_, _ = fmt.Fprintln(log, "start:", err) // the test finds nobody there
				return
			}
			_ = c.Wait() // however it ends, it is started again
			v.mu.Lock()
			v.ended = true
			v.mu.Unlock()
			pause(ctx, 20*time.Millisecond)
		}
	}()
}

// kill ends the product at once, wherever it is.
func (v *victim) kill() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cmd == nil || v.cmd.Process == nil || v.ended {
		return
	}
	if v.cmd.Process.Kill() == nil {
		v.kills++
		v.ended = true
	}
}

func (v *victim) killed() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.kills
}

func (v *victim) signal(s os.Signal) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cmd == nil || v.ended {
		return os.ErrProcessDone
	}
	return v.cmd.Process.Signal(s)
}

// halt stops the product and whoever starts it again.
func (v *victim) halt() {
	if v.stop == nil {
		return
	}
	v.stop()
	_ = v.signal(syscall.SIGCONT) // it may be held, or over
	_ = v.signal(syscall.SIGTERM)
	select {
	case <-v.over:
	case <-time.After(20 * time.Second):
		v.t.Error("the product does not stop when told to")
		v.kill()
		<-v.over
	}
	v.stop = nil
}

// ready waits until the product says that it is, and returns how long that took.
func (v *victim) ready(within time.Duration) time.Duration {
	v.t.Helper()
	start := time.Now()
	for time.Since(start) < within {
		if status, _ := v.readiness(); status == http.StatusOK {
			return time.Since(start)
		}
		time.Sleep(20 * time.Millisecond)
	}
	status, said := v.readiness()
	v.t.Fatalf("not ready after %v: %d %s", within, status, said)
	return 0
}

// unready waits until the product says that it is not.
func (v *victim) unready(within time.Duration) time.Duration {
	v.t.Helper()
	start := time.Now()
	for time.Since(start) < within {
		if status, _ := v.readiness(); status == http.StatusServiceUnavailable {
			return time.Since(start)
		}
		time.Sleep(20 * time.Millisecond)
	}
	v.t.Errorf("still ready after %v", within)
	return within
}

func (v *victim) readiness() (status int, said string) {
	res, err := v.client.Get("http://" + v.web + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(res.Body) // for people
	return res.StatusCode, string(b)
}

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call makes one request. An error means that no answer came.
func (v *victim) call(ctx context.Context, method, path, once string, body any) (answer, error) {
	return v.callAt(ctx, v.web, method, path, once, body)
}

func (v *victim) callAt(ctx context.Context, at, method, path, once string, body any) (answer, error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+at+"/api/v1"+path, in)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+v.key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if once != "" {
		req.Header.Set("Idempotency-Key", once)
	}
	res, err := v.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return answer{status: res.StatusCode, header: res.Header, body: b}, err
}

func (v *victim) url() string {
	if v.database != "" {
		return v.database
	}
	return "sqlite:" + filepath.Join(v.dir, "kintsugi.db")
}

// open opens the victim's database beside it.
func (v *victim) open() *sqldb.DB {
	v.t.Helper()
	db, err := sqldb.Open(v.t.Context(), v.url(), sqldb.Options{MaxConns: 2, Existing: true})
	must(v.t, err)
	v.t.Cleanup(func() { _ = db.Close() }) // it was only read from
	return db
}

// number asks the database for one.
func number(t *testing.T, db *sqldb.DB, query string, args ...any) (n int) {
	t.Helper()
	must(t, db.Read(t.Context(), func(tx *sqldb.Tx) error { return tx.QueryRow(t.Context(), query, args...).Scan(&n) }))
	return n
}

// rest waits until the product has nothing left to do and returns what is stuck.
func (v *victim) rest(db *sqldb.DB, within time.Duration) (stuck int) {
	v.t.Helper()
	quiet := 0
	for end := time.Now().Add(within); ; time.Sleep(200 * time.Millisecond) {
		facts := number(v.t, db, `SELECT COUNT(*) FROM job WHERE state = 'running' OR state = 'ready' AND kind LIKE 'fact:%'`)
		letters := number(v.t, db, `SELECT COUNT(*) FROM delivery WHERE state IN ('held', 'queued', 'sending')`)
		if stuck = facts + letters; stuck > 0 {
			quiet = 0
		} else if quiet++; quiet > 2 {
			return number(v.t, db, `SELECT COUNT(*) FROM job WHERE state = 'dead'`)
		}
		if time.Now().After(end) {
			v.t.Logf("%d reactions and %d letters do not come to rest", facts, letters)
			return stuck
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// until tries something again until it says that it is done.
func until(ctx context.Context, every time.Duration, done func() bool) {
	for ctx.Err() == nil && !done() {
		pause(ctx, every)
	}
}

func oneOf[T any](b []byte, into *T) string {
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Sprintf("%v in %s", err, strings.TrimSpace(string(b)))
	}
	return ""
}
