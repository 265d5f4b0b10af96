package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTimeout bounds how long a server may take to say where it is.
const startTimeout = 60 * time.Second

// server is one that runs in the background.
type server struct {
	cmd  *exec.Cmd
	done chan error
	err  *os.File

	mu  sync.Mutex
	out strings.Builder
}

var (
	openLine  = regexp.MustCompile(`(?m)^  Open +(\S+)`)
	mailLine  = regexp.MustCompile(`(?m)^  Mail in +(\S+)`)
	setupLine = regexp.MustCompile(`(?m)^  (\S+/setup\?token=\S+)`)
)

// serve starts a server and waits until it answers.
func (s *script) serve(args ...string) {
	s.Helper()
	log, err := os.CreateTemp(s.dir, "serve-*.log")
	s.must(err)
	all := append([]string{"kintsugi", "serve", "--http", "127.0.0.1:0"}, args...)
	srv := &server{cmd: s.command(context.Background(), all...), done: make(chan error, 1), err: log}
	srv.cmd.Stderr = log
	out, err := srv.cmd.StdoutPipe()
	s.must(err)
	s.must(srv.cmd.Start())
	s.server = srv
	go func() {
		for r := bufio.NewScanner(out); r.Scan(); {
			srv.mu.Lock()
			srv.out.WriteString(r.Text() + "\n")
			srv.mu.Unlock()
		}
		srv.done <- srv.cmd.Wait()
	}()
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(20 * time.Millisecond) {
		srv.mu.Lock()
		said := srv.out.String()
		srv.mu.Unlock()
		if m := openLine.FindStringSubmatch(said); m != nil {
			if r, err := http.Get(m[1] + "/healthz"); err == nil {
				_ = r.Body.Close()
				s.env["URL"], s.env["MAIL"], s.env["SETUP"] = m[1], first(mailLine, said), first(setupLine, said)
				s.env["HTTP"] = strings.TrimPrefix(m[1], "http://")
				return
			}
		}
		select {
		case err := <-srv.done:
			s.server = nil
			s.fail("the server ended at once: %v\n%s%s", err, said, s.logged(srv))
		default:
		}
		if time.Now().After(deadline) {
			s.fail("the server does not start\n%s%s", said, s.logged(srv))
		}
	}
}

func first(re *regexp.Regexp, text string) string {
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func (s *script) logged(srv *server) string {
	b, err := os.ReadFile(srv.err.Name())
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// stop asks the server to end, which it must do well.
func (s *script) stop() {
	s.Helper()
	s.must(s.server.cmd.Process.Signal(syscall.SIGTERM))
	s.ended(30 * time.Second)
}

// ended waits for the server's good end.
func (s *script) ended(within time.Duration) {
	s.Helper()
	srv := s.server
	select {
	case err := <-srv.done:
		s.server = nil
		s.stdout, s.stderr = srv.out.String(), s.logged(srv)
		if err != nil {
			s.fail("the server ended with %v", err)
		}
	case <-time.After(within):
		s.fail("the server does not end\n%s", s.logged(srv))
	}
}

// kill ends a server that a failed script left.
func (s *script) kill() {
	if s.server != nil {
		_ = s.server.cmd.Process.Kill() // it may have ended already
		<-s.server.done
		if s.Failed() {
			s.Logf("the server's log:\n%s", s.logged(s.server))
		}
		s.server = nil
	}
}

// http asks the server.
func (s *script) http(args []string) {
	s.Helper()
	body := ""
	if len(args) > 2 {
		body = strings.Join(args[2:], " ")
	}
	status, answer, err := s.ask(args[0], args[1], body)
	s.must(err)
	s.stdout, s.stderr, s.code = answer, "", status
}

func (s *script) ask(method, path, body string) (status int, answer string, err error) {
	req, err := http.NewRequestWithContext(s.Context(), method, s.env["URL"]+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if t := s.env["TOKEN"]; t != "" {
		req.Header.Set("Authorization", "Bearer "+t)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), errors.Join(err, res.Body.Close())
}

// call asks the server and reads its JSON; every status but want fails.
func (s *script) call(method, path, body string, want int, into any) {
	s.Helper()
	status, answer, err := s.ask(method, path, body)
	s.must(err)
	if status != want {
		s.fail("%s %s: %d, want %d: %s", method, path, status, want, answer)
	}
	if into != nil {
		s.must(json.Unmarshal([]byte(answer), into))
	}
}

// mail gives the server's receiver a mail with a file.
func (s *script) mail(n int) {
	s.Helper()
	s.must(s.send(n))
}

// send is mail for those who do not own the script.
func (s *script) send(n int) error {
	text := fmt.Sprintf("From: ana@customer.example\r\nTo: %s\r\nSubject: Matter %d\r\nMessage-ID: <m%d@customer.example>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello %d\r\n"+
		"--b\r\nContent-Type: text/csv; name=list.csv\r\nContent-Disposition: attachment; filename=list.csv\r\n\r\nrow,%d\r\n--b--\r\n", post, n, n, n, n)
	return smtp.SendMail(s.env["MAIL"], nil, "ana@customer.example", []string{post}, []byte(text))
}

// change does something to files.
func (s *script) change(verb string, args []string) {
	s.Helper()
	switch verb {
	case "mkdir":
		s.must(os.MkdirAll(s.path(args[0]), 0o700))
	case "rm":
		s.must(os.RemoveAll(s.path(args[0])))
	case "cp":
		s.copy(args[0], args[1])
	case "chmod":
		mode, err := strconv.ParseUint(args[0], 8, 32)
		s.must(err)
		s.must(os.Chmod(s.path(args[1]), fs.FileMode(mode)))
	case "cut":
		n, err := strconv.ParseInt(args[1], 10, 64)
		s.must(err)
		info, err := os.Stat(s.path(args[0]))
		s.must(err)
		s.must(os.Truncate(s.path(args[0]), info.Size()-n))
	case "bend":
		n, err := strconv.ParseInt(args[1], 10, 64)
		s.must(err)
		b, err := os.ReadFile(s.path(args[0]))
		s.must(err)
		b[n] ^= 0xff
		s.must(os.WriteFile(s.path(args[0]), b, 0o600))
	default:
		s.fail("no such command: %s", verb)
	}
}

func (s *script) copy(from, to string) {
	b, err := os.ReadFile(s.path(from))
	s.must(err)
	s.must(os.MkdirAll(filepath.Dir(s.path(to)), 0o700))
	s.must(os.WriteFile(s.path(to), b, 0o600))
}
