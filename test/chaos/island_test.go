package chaos

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// island is a network namespace with one bridge to us, which can be taken away.
type island struct {
	t     *testing.T
	name  string
	ours  string // our address on the bridge
	their string // its address
	link  string // our end of the bridge
}

// newIsland makes one, or says why it cannot.
func newIsland(t *testing.T) (*island, error) {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("a network namespace needs root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return nil, err
	}
	n := os.Getpid() % 250
	i := &island{t: t, name: fmt.Sprintf("kchaos%d", n), ours: fmt.Sprintf("10.231.%d.1", n), their: fmt.Sprintf("10.231.%d.2", n), link: fmt.Sprintf("kc%d", n)}
	t.Cleanup(func() {
		_ = exec.Command("ip", "link", "del", i.link).Run()  // what is left of it
		_ = exec.Command("ip", "netns", "del", i.name).Run() // goes with its end of the bridge
	})
	for _, line := range []string{
		"netns add " + i.name,
		fmt.Sprintf("link add %s type veth peer name %sb netns %s", i.link, i.link, i.name),
		fmt.Sprintf("addr add %s/24 dev %s", i.ours, i.link),
		fmt.Sprintf("link set %s up", i.link),
		fmt.Sprintf("-n %s addr add %s/24 dev %sb", i.name, i.their, i.link),
		fmt.Sprintf("-n %s link set %sb up", i.name, i.link),
		fmt.Sprintf("-n %s link set lo up", i.name),
	} {
		if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("ip %s: %w: %s", line, err, out)
		}
	}
	return i, nil
}

// bridge takes the bridge away, or puts it back.
func (i *island) bridge(up bool) {
	i.t.Helper()
	word := "down"
	if up {
		word = "up"
	}
	if out, err := exec.Command("ip", "link", "set", i.link, word).CombinedOutput(); err != nil {
		i.t.Fatalf("the bridge %s: %v: %s", word, err, out)
	}
}

// pipeEnv makes this test binary carry connections on an island: pairs "from>to"
// of addresses or socket paths, with commas between.
const pipeEnv = "KINTSUGI_CHAOS_PIPE"

func pipeMain() int {
	for pair := range strings.SplitSeq(os.Getenv(pipeEnv), ",") {
		from, to, _ := strings.Cut(pair, ">")
		l, err := net.Listen(networkOf(from), from)
		if err != nil {
			fmt.Fprintln(os.Stderr, "pipe:", err)
			return 1
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer func() { _ = c.Close() }() // it has ended
					s, err := net.Dial(networkOf(to), to)
					if err != nil {
						return
					}
					defer func() { _ = s.Close() }() // it has ended
					done := make(chan struct{}, 2)
					go func() { _, _ = io.Copy(s, c); done <- struct{}{} }()
					go func() { _, _ = io.Copy(c, s); done <- struct{}{} }()
					<-done
				}()
			}
		}()
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test has gone
	return 0
}

// pipe carries connections between the island and us, which do not need the bridge.
func (i *island) pipe(pairs ...string) {
	i.t.Helper()
	c := exec.Command("ip", "netns", "exec", i.name, os.Args[0])
	c.Env = append(os.Environ(), pipeEnv+"="+strings.Join(pairs, ","))
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	must(i.t, err)
	must(i.t, c.Start())
	i.t.Cleanup(func() {
		_ = in.Close() // it ends by that
		_ = c.Wait()
	})
	for _, pair := range pairs {
		from, _, _ := strings.Cut(pair, ">")
		if networkOf(from) != "unix" {
			continue
		}
		for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if _, err := os.Stat(from); err == nil {
				break
			}
			if time.Now().After(end) {
				i.t.Fatalf("no pipe at %s", from)
			}
		}
	}
}
