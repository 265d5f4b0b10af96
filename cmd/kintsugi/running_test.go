package main_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

func mkdir(s *script, name string) error { return os.MkdirAll(s.path(name), 0o700) }

const post = "post@desk.example"

// furnish makes an administrator's key, a brand and an inbox, and starts the server.
func (s *script) furnish(send string, args ...string) {
	s.Helper()
	s.exec("kintsugi", "migrate")
	s.exec("kintsugi", "key", "create", "--name", "test", "--role", "administrator")
	s.env["TOKEN"] = strings.TrimSpace(s.stdout)
	s.serve(append([]string{"--smtp", "127.0.0.1:0"}, args...)...)
	var brand struct{ ID string }
	s.call("POST", "/api/v1/brands", `{"name":"Desk","locale":"en","timeZone":"Europe/London"}`, http.StatusCreated, &brand)
	s.call("POST", "/api/v1/inboxes", fmt.Sprintf(`{"brandId":%q,"name":"Post","kind":"email","address":%q,"active":true,"receive":{"mode":"smtp"},"send":%s}`,
		brand.ID, post, send), http.StatusCreated, nil)
}

// TestBackupWhileMailComes backs up a running instance again and again while
// mails with files are taken, and restores every backup.
func TestBackupWhileMailComes(t *testing.T) {
	t.Parallel()
	s := newScript(t, "")
	s.furnish(`{"mode":"none"}`)
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { done <- n }()
		for ; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := s.send(n); err != nil {
				s.Errorf("mail %d: %v", n, err)
				return
			}
		}
	}()
	var sizes []int
	for n := range 3 {
		time.Sleep(300 * time.Millisecond)
		file := fmt.Sprintf("b%d.tar.gz", n)
		// The mails' goroutine uses this script, too, but never its commands.
		out, err := s.output("backup", file)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var conversations, messages, files, bytes int
		_, count, _ := strings.Cut(out, ": ")
		if _, err := fmt.Sscanf(count, "%d conversations, %d messages, %d files, %d bytes", &conversations, &messages, &files, &bytes); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		// Every mail is a raw file and an attachment, and all of one snapshot.
		if conversations != messages || files != 2*messages {
			t.Errorf("%s: the snapshot does not fit together", out)
		}
		sizes = append(sizes, messages)
	}
	close(stop)
	sent := <-done
	if sizes[0] >= sizes[2] || sizes[2] > sent {
		t.Errorf("nothing was written meanwhile: %v of %d", sizes, sent)
	}
	s.stop()
	for n, want := range sizes {
		dir := fmt.Sprintf("restored%d", n)
		out, err := s.output("restore", fmt.Sprintf("b%d.tar.gz", n), "--data", dir)
		if err != nil || !strings.Contains(out, fmt.Sprintf("%d conversations, %d messages, %d files", want, want, 2*want)) {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	// What was restored works.
	s.env["KINTSUGI_DATA"] = s.path("restored2")
	s.serve()
	var page struct {
		Items []struct{ ID string }
	}
	s.call("GET", "/api/v1/conversations?limit=200", "", http.StatusOK, &page)
	if len(page.Items) != min(sizes[2], 200) {
		t.Errorf("%d conversations, want %d", len(page.Items), sizes[2])
	}
	s.stop()
}

// output runs the program without touching what the script knows of its last command.
func (s *script) output(args ...string) (string, error) {
	c := s.command(s.Context(), append([]string{"kintsugi"}, args...)...)
	out, err := c.CombinedOutput()
	return string(out), err
}

// slowServer is a mail server that takes its time after the final dot.
type slowServer struct {
	net.Listener
	delay time.Duration
	got   chan struct{} // closed when a mail has come and the answer is still out
}

func newSlowServer(t *testing.T, delay time.Duration) *slowServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &slowServer{Listener: l, delay: delay, got: make(chan struct{})}
	go s.serve()
	t.Cleanup(func() { _ = l.Close() })
	return s
}

func (s *slowServer) serve() {
	var once sync.Once
	for {
		c, err := s.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = c.Close() }()
			say := func(line string) { _, _ = fmt.Fprintf(c, "%s\r\n", line) }
			say("220 slow.example")
			data := false
			for r := bufio.NewScanner(c); r.Scan(); {
				line := strings.ToUpper(r.Text())
				switch {
				case data && line == ".":
					data = false
					once.Do(func() { close(s.got) })
					time.Sleep(s.delay)
					say("250 kept")
				case data:
				case line == "DATA":
					data = true
					say("354 go on")
				case line == "QUIT":
					say("221 bye")
					return
				default:
					say("250 yes")
				}
			}
		}()
	}
}

// TestStopWaits stops the server while a letter is at the other side and while a
// request is coming in: both end well, and the exit code is 0.
func TestStopWaits(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); stopWaits(t, "") })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); stopWaits(t, dbtest.PostgresURL(t)) })
}

func stopWaits(t *testing.T, database string) {
	s := newScript(t, database)
	slow := newSlowServer(t, 2*time.Second)
	s.furnish(fmt.Sprintf(`{"mode":"smtp","host":"127.0.0.1","port":%d,"security":"plain"}`, slow.Addr().(*net.TCPAddr).Port), "--allow-net", "127.0.0.0/8")
	conversation := s.answered()
	select {
	case <-slow.got:
	case <-time.After(40 * time.Second):
		t.Fatal("the letter never went out")
	}
	status := make(chan string, 1)
	ready := make(chan struct{})
	go func() { status <- s.trickle(ready) }()
	<-ready
	if err := s.server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := <-status; got != "HTTP/1.1 201 Created" {
		t.Errorf("the request under way: %q", got)
	}
	s.ended(20 * time.Second)
	if strings.Contains(s.stderr, "cut") {
		t.Errorf("something was cut: %s", s.stderr)
	}
	s.serve()
	var page struct {
		Items []struct {
			Kind     string
			Delivery *struct{ State string }
		}
	}
	s.call("GET", "/api/v1/conversations/"+conversation+"/messages", "", http.StatusOK, &page)
	for _, m := range page.Items {
		if m.Kind == "outgoing" && (m.Delivery == nil || m.Delivery.State != "sent") {
			t.Errorf("the letter: %+v", m.Delivery)
		}
	}
	s.stop()
}

// answered lets a mail come in and answers it.
func (s *script) answered() (conversation string) {
	s.Helper()
	s.mail(1)
	var page struct {
		Items []struct{ ID string }
	}
	s.call("GET", "/api/v1/conversations?status=open", "", http.StatusOK, &page)
	if len(page.Items) != 1 {
		s.Fatalf("%d conversations", len(page.Items))
	}
	s.call("POST", "/api/v1/conversations/"+page.Items[0].ID+"/messages", `{"kind":"reply","text":"On its way."}`, http.StatusCreated, nil)
	return page.Items[0].ID
}

// trickle makes a tag with a request that takes its time, and returns the status line.
func (s *script) trickle(ready chan<- struct{}) string {
	body := `{"name":"slow"}`
	conn, err := net.Dial("tcp", s.env["HTTP"])
	if err != nil {
		close(ready)
		return err.Error()
	}
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "POST /api/v1/tags HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		s.env["TOKEN"], len(body), body[:5])
	time.Sleep(200 * time.Millisecond) // it must be under way, not only sent
	close(ready)
	time.Sleep(time.Second)
	if err == nil {
		_, err = fmt.Fprint(conn, body[5:])
	}
	if err != nil {
		return err.Error()
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(line)
}

// TestDemoLooksAtItsAddressFirst plays no story when somebody else listens where
// it is to be seen.
func TestDemoLooksAtItsAddressFirst(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	s := newScript(t, "")
	s.exec("kintsugi", "demo", "--http", l.Addr().String())
	if s.code != 1 || s.stdout != "" || !strings.Contains(s.stderr, "choose another address with --http") {
		s.fail("ended with %d", s.code)
	}
}

// TestStopEnds stops a server that has more to do than the grace allows, and one
// that is told twice.
func TestStopEnds(t *testing.T) {
	t.Parallel()
	for name, twice := range map[string]bool{"grace": false, "twice": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, "")
			grace := "1s"
			if twice {
				grace = "1h"
			}
			s.furnish(`{"mode":"none"}`, "--stop-grace", grace)
			conn, err := net.Dial("tcp", s.env["HTTP"])
			s.must(err)
			defer func() { _ = conn.Close() }()
			_, err = fmt.Fprint(conn, "POST /api/v1/session HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
			s.must(err)
			time.Sleep(300 * time.Millisecond)
			began := time.Now()
			s.must(s.server.cmd.Process.Signal(syscall.SIGTERM))
			if !twice {
				s.ended(15 * time.Second)
				if took := time.Since(began); took < 900*time.Millisecond {
					t.Errorf("stopped after %s, before the grace was over", took)
				}
				if !strings.Contains(s.stderr, "requests were cut") {
					t.Errorf("it does not say so: %s", s.stderr)
				}
				return
			}
			time.Sleep(500 * time.Millisecond)
			select {
			case err := <-s.server.done:
				t.Fatalf("it did not wait: %v", err)
			default:
			}
			s.must(s.server.cmd.Process.Signal(syscall.SIGTERM))
			select {
			case err := <-s.server.done:
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
					t.Errorf("ended with %v", err)
				}
				s.server = nil
			case <-time.After(5 * time.Second):
				t.Error("a second signal does not end it")
			}
		})
	}
}
