package chaos

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
)

// peer is the server that takes the product's letters. It misbehaves at every
// step of a conversation, and may strike (kill the product) there.
type peer struct {
	t      *testing.T
	net    net.Listener
	strike func()
	wait   sync.WaitGroup

	mu      sync.Mutex
	bad     bool
	over    bool
	conns   map[net.Conn]struct{}
	took    map[string]int // Message-ID → how often it was accepted
	deeds   map[string]int // what was done, by step and kind
	strikes int
}

// The steps of a conversation. After "dot" the peer has the whole letter and has
// not answered; after "answer" it has written its 250.
var steps = []string{"greeting", "hello", "mail", "rcpt", "data", "body", "dot", "answer"}

// What happens there.
var deeds = []string{"451", "550", "hang", "drop", "strike"}

func newPeer(t *testing.T) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &peer{t: t, net: l, conns: map[net.Conn]struct{}{}, took: map[string]int{}, deeds: map[string]int{}}
	p.wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.wait.Go(func() { p.meet(c) })
		}
	})
	t.Cleanup(func() {
		p.mu.Lock()
		p.over = true
		for c := range p.conns {
			_ = c.Close() // it may have ended
		}
		p.mu.Unlock()
		_ = l.Close() // ends the accepting
		p.wait.Wait()
	})
	return p
}

func (p *peer) addr() string { return p.net.Addr().String() }

func (p *peer) misbehave(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad = yes
}

// accepted returns how often each letter was accepted.
func (p *peer) accepted() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.took)
}

// did says what was done to the product.
func (p *peer) did() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	by := map[string]int{}
	for what, n := range p.deeds {
		_, deed, _ := strings.Cut(what, " ")
		by[deed] += n
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(by)) {
		out = append(out, fmt.Sprintf("%s %d", k, by[k]))
	}
	return strings.Join(out, ", ")
}

// plan picks what will go wrong in a conversation: nothing in every second.
func (p *peer) plan() (step, deed string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.bad || chance(50) {
		return "", ""
	}
	deed = deeds[rand.IntN(len(deeds))]
	if deed == "strike" && chance(60) {
		deed = "drop" // kills cost the most time
	}
	if deed == "550" && chance(50) {
		deed = "451"
	}
	return steps[rand.IntN(len(steps))], deed
}

var errOver = errors.New("the conversation is over")

func (p *peer) meet(c net.Conn) {
	p.mu.Lock()
	if p.over {
		p.mu.Unlock()
		_ = c.Close()
		return
	}
	p.conns[c] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.conns, c)
		p.mu.Unlock()
		_ = c.Close() // twice does no harm
	}()
	s := &session{p: p, c: c, r: bufio.NewReader(c)}
	s.step, s.deed = p.plan()
	_ = s.talk() // however it ends, the letters tell
}

// session is one conversation with the product.
type session struct {
	p          *peer
	c          net.Conn
	r          *bufio.Reader
	step, deed string
}

// at does what is planned for a step, or says the line.
func (s *session) at(step, line string) error {
	if s.step != step {
		_, err := fmt.Fprintf(s.c, "%s\r\n", line)
		return err
	}
	s.p.mu.Lock()
	s.p.deeds[step+" "+s.deed]++
	s.p.mu.Unlock()
	switch s.deed {
	case "451":
		_, err := fmt.Fprint(s.c, "451 4.3.0 try again later\r\n")
		return errors.Join(err, errOver)
	case "550":
		_, err := fmt.Fprint(s.c, "550 5.7.1 never\r\n")
		return errors.Join(err, errOver)
	case "hang":
		_ = s.c.SetReadDeadline(time.Now().Add(3 * time.Second))
		for {
			if _, err := s.r.ReadByte(); err != nil {
				return errOver
			}
		}
	case "strike":
		s.p.mu.Lock()
		s.p.strikes++
		s.p.mu.Unlock()
		s.p.strike()
	}
	return errOver
}

func (s *session) talk() error {
	err := s.at("greeting", "220 peer.test ESMTP")
	for err == nil {
		var line string
		if line, err = s.r.ReadString('\n'); err != nil {
			return err
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); verb {
		case "EHLO", "HELO":
			err = s.at("hello", "250-peer.test\r\n250 8BITMIME")
		case "MAIL":
			err = s.at("mail", "250 ok")
		case "RCPT":
			err = s.at("rcpt", "250 ok")
		case "DATA":
			if err = s.at("data", "354 go on"); err == nil {
				err = s.letter()
			}
		case "QUIT":
			_, _ = fmt.Fprint(s.c, "221 bye\r\n") // the client may have hung up already
			return nil
		default:
			_, err = fmt.Fprint(s.c, "250 ok\r\n")
		}
	}
	if errors.Is(err, errOver) && (s.deed == "451" || s.deed == "550") { // polite to the end
		_ = s.c.SetReadDeadline(time.Now().Add(2 * time.Second))
		for {
			if _, err := s.r.ReadByte(); err != nil {
				break
			}
		}
	}
	return err
}

// letter takes the content. What was taken whole may be accepted even if the
// product never hears of it.
func (s *session) letter() error {
	var body strings.Builder
	for {
		line, err := s.r.ReadString('\n')
		if err != nil {
			return err
		}
		if line == ".\r\n" {
			break
		}
		if s.step == "body" {
			return s.at("body", "")
		}
		body.WriteString(strings.TrimPrefix(line, "."))
	}
	refuses := s.step == "dot" && (s.deed == "451" || s.deed == "550")
	secretly := s.step == "dot" && chance(50)
	if !refuses && (s.step != "dot" || secretly) {
		if err := s.accept(body.String()); err != nil {
			return err
		}
	}
	if s.step == "answer" {
		if _, err := fmt.Fprint(s.c, "250 taken\r\n"); err != nil {
			return err
		}
		if s.deed == "451" || s.deed == "550" { // there is nothing to answer any more
			return nil
		}
		return s.at("answer", "")
	}
	return s.at("dot", "250 taken")
}

func (s *session) accept(raw string) error {
	m, err := email.Parse([]byte(raw))
	if err != nil {
		return err
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.took[m.ExternalID]++
	return nil
}
