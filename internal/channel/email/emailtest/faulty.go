package emailtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
)

// Stage is a point of an SMTP conversation.
type Stage string

// The stages at which Faulty can fail. "body" is in the middle of DATA, "dot" is
// after the final dot, before the answer.
const (
	AtGreeting Stage = "greeting"
	AtHello    Stage = "hello"
	AtMail     Stage = "mail"
	AtRcpt     Stage = "rcpt"
	AtData     Stage = "data"
	AtBody     Stage = "body"
	AtDot      Stage = "dot"
)

// Failure is what happens at a stage.
type Failure string

// The ways to fail.
const (
	Later  Failure = "451" // a temporary refusal
	Never  Failure = "550" // a permanent one
	Hang   Failure = "hang"
	Drop   Failure = "drop"
	Babble Failure = "babble" // an answer that is none
)

// Faulty is an SMTP server that fails at one stage and otherwise takes everything.
type Faulty struct {
	at     Stage
	how    Failure
	net    net.Listener
	stop   chan struct{}
	wait   sync.WaitGroup
	mu     sync.Mutex
	bodies []string
	conns  int
}

// NewFaulty starts a server for the length of a test.
func NewFaulty(t TB, at Stage, how Failure) *Faulty {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("faulty server: %v", err)
	}
	f := &Faulty{at: at, how: how, net: l, stop: make(chan struct{})}
	f.wait.Go(f.serve)
	t.Cleanup(func() {
		close(f.stop)
		if err := l.Close(); err != nil {
			t.Fatalf("faulty server: %v", err)
		}
		f.wait.Wait()
	})
	return f
}

// Port returns the port on 127.0.0.1.
func (f *Faulty) Port() int { return f.net.Addr().(*net.TCPAddr).Port }

// Bodies returns the messages that arrived with their final dot.
func (f *Faulty) Bodies() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.bodies...)
}

// Conns returns how many connections were made.
func (f *Faulty) Conns() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conns
}

func (f *Faulty) serve() {
	for {
		c, err := f.net.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.conns++
		f.mu.Unlock()
		f.wait.Go(func() {
			ended := make(chan struct{})
			go func() {
				select {
				case <-f.stop:
				case <-ended:
				}
				_ = c.Close() // hanging conversations end with the test
			}()
			f.converse(c)
			close(ended)
		})
	}
}

var errHangUp = errors.New("hang up")

// say answers at a stage, or fails there.
func (f *Faulty) say(w io.Writer, at Stage, answer string) error {
	if f.at == at {
		switch f.how {
		case Drop:
			return errHangUp
		case Hang:
			<-f.stop
			return errHangUp
		case Later:
			answer = "451 4.3.0 try again later"
		case Never:
			answer = "550 5.7.1 never, said the server"
		case Babble:
			answer = "what?"
		}
	}
	_, err := fmt.Fprintf(w, "%s\r\n", answer)
	return err
}

func (f *Faulty) converse(c net.Conn) {
	r := bufio.NewReader(c)
	err := f.say(c, AtGreeting, "220 faulty.test ESMTP")
	for err == nil {
		var line string
		if line, err = r.ReadString('\n'); err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		switch verb {
		case "EHLO", "HELO":
			err = f.say(c, AtHello, "250-faulty.test\r\n250 8BITMIME")
		case "MAIL":
			err = f.say(c, AtMail, "250 ok")
		case "RCPT":
			err = f.say(c, AtRcpt, "250 ok")
		case "DATA":
			if err = f.say(c, AtData, "354 go on"); err == nil && f.at != AtData {
				err = f.data(c, r)
			}
		case "QUIT":
			_, _ = io.WriteString(c, "221 bye\r\n") // the client may have hung up already
			return
		default:
			_, err = io.WriteString(c, "250 ok\r\n")
		}
	}
}

func (f *Faulty) data(c net.Conn, r *bufio.Reader) error {
	var body strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if line == ".\r\n" {
			break
		}
		if f.at == AtBody {
			return f.say(c, AtBody, "")
		}
		body.WriteString(strings.TrimPrefix(line, "."))
	}
	f.mu.Lock()
	f.bodies = append(f.bodies, body.String())
	f.mu.Unlock()
	return f.say(c, AtDot, "250 2.0.0 taken")
}
