package app

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

// Verdict is what a check came to.
type Verdict string

// The verdicts.
const (
	Fine    Verdict = "ok"
	Warning Verdict = "warn" // works, and may not be what is wanted
	Failure Verdict = "fail"
)

// Finding is one thing that Examine looked at.
type Finding struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`
}

// Limits of what an instance needs.
const (
	littleSpace = 2 << 30   // free bytes below which the operator is warned
	noSpace     = 256 << 20 // and below which it will soon stop
	clockSlack  = time.Minute
	soonOver    = 14 * 24 * time.Hour // of a certificate
	knockTime   = 3 * time.Second
)

// examination gathers findings.
type examination struct {
	cfg  Config
	list []Finding
}

func (e *examination) say(name string, v Verdict, format string, args ...any) {
	e.list = append(e.list, Finding{Name: name, Verdict: v, Text: fmt.Sprintf(format, args...)})
}

// fail notes an error and reports whether there was one.
func (e *examination) fail(name string, err error) bool {
	if err != nil {
		e.say(name, Failure, "%s", Explain(err))
	}
	return err != nil
}

// Examine checks what an instance of this configuration needs, without changing
// anything and beside a running one.
func Examine(ctx context.Context, cfg Config) []Finding {
	e := &examination{cfg: cfg}
	e.addresses(ctx)
	e.proxies()
	e.certificate()
	if e.folder() {
		e.space()
		e.key()
	}
	e.database(ctx)
	return e.list
}

// folder looks at the data folder and reports whether it is there.
func (e *examination) folder() bool {
	const name = "data folder"
	dir := e.cfg.DataDir
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.say(name, Failure, "%s is not there; give the right one with --data, or start `kintsugi serve` once to make it", dir)
	case err != nil:
		e.fail(name, err)
	case !info.IsDir():
		e.say(name, Failure, "%s is no folder", dir)
	case e.fail(name, writable(dir)):
	case info.Mode().Perm()&0o077 != 0:
		e.say(name, Failure, "%s can be read by others; chmod 700 it", dir)
	default:
		e.say(name, Fine, "%s", dir)
	}
	return err == nil && info.IsDir()
}

func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func (e *examination) space() {
	var s syscall.Statfs_t
	if e.fail("disk space", syscall.Statfs(e.cfg.DataDir, &s)) {
		return
	}
	free := uint64(s.Bavail) * uint64(s.Bsize)
	e.say("disk space", spaceVerdict(free), "%d MiB free in %s", free>>20, e.cfg.DataDir)
}

func spaceVerdict(free uint64) Verdict {
	switch {
	case free < noSpace:
		return Failure
	case free < littleSpace:
		return Warning
	}
	return Fine
}

// key looks at the instance key. Before the first start there is none.
func (e *examination) key() {
	const name = "instance key"
	if e.cfg.Key != "" {
		e.say(name, Fine, "given (hidden)")
		return
	}
	path := e.cfg.KeyPath()
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.say(name, Failure, "%s is missing: put it back, or stored mailbox passwords cannot be read (a start makes a new one)", path)
		return
	case e.fail(name, err):
		return
	case info.Mode().Perm()&0o077 != 0:
		e.say(name, Failure, "%s can be read by others; chmod 600 it", path)
		return
	}
	b, err := os.ReadFile(path)
	if err == nil {
		_, err = seal.Parse(string(b))
	}
	if err != nil {
		e.say(name, Failure, "%s: %v", path, err)
		return
	}
	e.say(name, Fine, "%s", path)
}

// addresses finds out whether what is to be listened on is free, or taken by
// this very program.
func (e *examination) addresses(ctx context.Context) {
	for _, a := range []struct{ name, address string }{{"http", e.cfg.HTTP}, {"smtp", e.cfg.SMTP}, {"lmtp", e.cfg.LMTP}} {
		if a.address == "" {
			continue
		}
		l, err := net.Listen("tcp", a.address)
		switch {
		case err == nil:
			e.say(a.name, Fine, "%s is free", a.address)
			e.fail(a.name, l.Close())
		case !errors.Is(err, syscall.EADDRINUSE):
			e.say(a.name, Failure, "%v; choose another address with --%s", err, a.name)
		case a.name == "http" && answersAsKintsugi(ctx, a.address):
			e.say(a.name, Fine, "%s: Kintsugi runs there", a.address)
		case a.name != "http" && greetsAs(a.address, e.cfg.Hostname):
			e.say(a.name, Fine, "%s: the mail receiver runs there", a.address)
		default:
			e.say(a.name, Failure, "%s is taken by another program; choose another address with --%s", a.address, a.name)
		}
	}
}

// answersAsKintsugi reports whether an instance runs at an address of this machine.
func answersAsKintsugi(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, knockTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		return false
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close() // only the header was asked for
	return res.StatusCode == http.StatusOK && res.Header.Get("Server") == serverName
}

// greetsAs reports whether a mail server at an address names itself so.
func greetsAs(address, hostname string) bool {
	conn, err := net.DialTimeout("tcp", address, knockTime)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }() // only read from
	if conn.SetDeadline(clock.System{}.Now().Add(knockTime)) != nil {
		return false
	}
	b := make([]byte, 512)
	n, _ := conn.Read(b) // what came is enough, or it is not
	return strings.HasPrefix(string(b[:n]), "220 "+hostname+" ")
}

// proxies looks at how the world reaches the instance.
func (e *examination) proxies() {
	u, err := url.Parse(e.cfg.PublicURL)
	if e.fail("public url", err) {
		return
	}
	switch here := isLoopback(u.Hostname()); {
	case u.Scheme == "http" && !here:
		e.say("public url", Warning, "%s: passwords and cookies travel in the clear; put a proxy with TLS in front and give its https:// address", e.cfg.PublicURL)
	case u.Scheme == "https" && len(e.cfg.Proxies) == 0:
		e.say("public url", Warning, "%s needs a proxy with TLS in front: give its address with --trusted-proxies, or all clients count as one in rate limits", e.cfg.PublicURL)
	default:
		e.say("public url", Fine, "%s", e.cfg.PublicURL)
	}
	host, _, err := net.SplitHostPort(e.cfg.HTTP)
	if err == nil && !isLoopback(host) && u.Scheme == "https" {
		e.say("http", Warning, "%s is open to the network beside the proxy; listen on 127.0.0.1, or let a firewall close it", e.cfg.HTTP)
	}
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// certificate looks at what the mail receiver offers STARTTLS with.
func (e *examination) certificate() {
	if e.cfg.SMTPCert == "" {
		return
	}
	const name = "certificate"
	if _, err := loadCertificate(e.cfg); e.fail(name, err) {
		return
	}
	raw, err := os.ReadFile(e.cfg.SMTPCert)
	if e.fail(name, err) {
		return
	}
	block, _ := pem.Decode(raw)
	cert, err := x509.ParseCertificate(block.Bytes)
	if e.fail(name, err) {
		return
	}
	now, v := e.cfg.Clock.Now(), Fine
	switch {
	case now.After(cert.NotAfter), now.Before(cert.NotBefore):
		v = Failure
	case now.Add(soonOver).After(cert.NotAfter):
		v = Warning
	}
	e.say(name, v, "%s is valid until %s", e.cfg.SMTPCert, cert.NotAfter.UTC().Format(time.DateOnly))
}
