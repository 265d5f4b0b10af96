package inbox

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// The ways an inbox of kind Email receives and sends.
const (
	ModeIMAP = "imap" // receive: fetch from a mailbox
	ModeSMTP = "smtp" // receive: our own server takes mail in; send: submit to a server
	ModeNone = "none" // not at all
)

// How a connection is protected.
const (
	TLS      = "tls"
	StartTLS = "starttls"
	Plain    = "plain" // only to this very machine
)

// Mail are the settings of an inbox of kind Email, in the form of channel/email.
type Mail struct {
	Receive Receive `json:"receive"`
	Send    Send    `json:"send"`
	DKIM    DKIM    `json:"dkim"`
}

// Receive says where mail comes from.
type Receive struct {
	Mode     string   `json:"mode"`
	Host     string   `json:"host"`
	Port     int      `json:"port"`
	Security string   `json:"security"`
	Username string   `json:"username"`
	Trust    string   `json:"trust,omitempty"` // certificates (PEM) to believe besides the system's
	Folders  []string `json:"folders"`         // the first is watched, the others are polled
	Since    string   `json:"since,omitempty"` // "2006-01-02": older mail stays where it is; "" takes all
	MaxBytes int64    `json:"maxMessageBytes,omitempty"`
}

// Send says where mail goes out.
type Send struct {
	Mode     string `json:"mode"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Security string `json:"security"`
	Username string `json:"username"`
	Trust    string `json:"trust,omitempty"` // certificates (PEM) to believe besides the system's
}

// DKIM says under which name outgoing mail is signed; empty: it is not.
type DKIM struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector"`
}

// MailSecrets are the credentials of an inbox of kind Email, in the form of channel/email.
type MailSecrets struct {
	ReceivePassword string `json:"receivePassword,omitempty"`
	SendPassword    string `json:"sendPassword,omitempty"`
	DKIMKey         string `json:"dkimKey,omitempty"` // PEM
}

// ReceiveChange changes how mail comes in; nil leaves a field. A Password is
// only written, never read back.
type ReceiveChange struct {
	Mode, Host, Security, Username, Password, Trust, Since *string
	Port                                                   *int
	Folders                                                *[]string
}

// SendChange changes how mail goes out; nil leaves a field.
type SendChange struct {
	Mode, Host, Security, Username, Password, Trust *string
	Port                                            *int
}

// DKIMChange changes the signature of outgoing mail; nil leaves a field. Key is
// a private key in PEM and is only written.
type DKIMChange struct{ Domain, Selector, Key *string }

const (
	maxHost       = 253 // bytes, RFC 1035
	maxCredential = 500 // bytes
	maxFolders    = 50
	minRSA        = 1024 // bits, RFC 8301
)

// server is the part that both directions share.
type server struct {
	path     string
	mode     *string
	host     *string
	port     *int
	security *string
	username *string
	trust    *string
	password *string
}

type serverChange struct {
	mode, host, security, username, trust, password *string
	port                                            *int
}

func (ch ReceiveChange) apply(c *fault.Check, r *Receive, password *string) {
	s := server{"body.receive", &r.Mode, &r.Host, &r.Port, &r.Security, &r.Username, &r.Trust, password}
	s.change(c, serverChange{ch.Mode, ch.Host, ch.Security, ch.Username, ch.Trust, ch.Password, ch.Port})
	if ch.Since != nil {
		r.Since = *ch.Since
	}
	_, err := time.Parse(time.DateOnly, r.Since)
	c.That(r.Since == "" || err == nil, "body.receive.since", "hours.date.unreadable", "date", r.Since)
	if ch.Folders != nil {
		r.Folders = cleanAliases(*ch.Folders)
	}
	c.That(slices.Contains([]string{ModeIMAP, ModeSMTP, ModeNone}, r.Mode), "body.receive.mode", "error.inbox.mode")
	c.That(len(r.Folders) <= maxFolders, "body.receive.folders", "error.inbox.folders", "max", maxFolders)
	for _, f := range r.Folders {
		c.That(clean(f), "body.receive.folders", "error.field.invalid")
	}
	if r.Mode != ModeIMAP {
		return
	}
	if len(r.Folders) == 0 {
		r.Folders = []string{"INBOX"}
	}
	s.check(c, map[string]int{TLS: 993, StartTLS: 143, Plain: 143})
}

func (ch SendChange) apply(c *fault.Check, x *Send, password *string) {
	s := server{"body.send", &x.Mode, &x.Host, &x.Port, &x.Security, &x.Username, &x.Trust, password}
	s.change(c, serverChange{ch.Mode, ch.Host, ch.Security, ch.Username, ch.Trust, ch.Password, ch.Port})
	c.That(slices.Contains([]string{ModeSMTP, ModeNone}, x.Mode), "body.send.mode", "error.inbox.mode")
	if x.Mode == ModeSMTP {
		s.check(c, map[string]int{TLS: 465, StartTLS: 587, Plain: 25})
	}
}

// change takes over what is named. A password that was entered for one server
// and user must not go to another: whoever changes those enters it again.
func (s server) change(c *fault.Check, ch serverChange) {
	hostWas, userWas := *s.host, *s.username
	var named []string
	put(&named, "mode", s.mode, ch.mode)
	put(&named, "host", s.host, trimmed(ch.host))
	put(&named, "port", s.port, ch.port)
	put(&named, "security", s.security, ch.security)
	put(&named, "username", s.username, ch.username)
	put(&named, "trust", s.trust, trimmed(ch.trust))
	moved := !strings.EqualFold(hostWas, *s.host) || userWas != *s.username
	switch {
	case ch.password != nil && *ch.password != "":
		*s.password = *ch.password
	case *s.username == "":
		*s.password = ""
	case moved && *s.password != "":
		c.Add(s.path+".password", "error.inbox.password.again")
	}
}

// check fills in the usual port and notes what cannot work.
func (s server) check(c *fault.Check, ports map[string]int) {
	if *s.security == "" {
		*s.security = TLS
	}
	usual, known := ports[*s.security]
	c.That(known, s.path+".security", "error.inbox.security")
	if *s.port == 0 {
		*s.port = usual
	}
	c.Require(*s.host != "", s.path+".host")
	c.That(*s.host == "" || validHost(*s.host), s.path+".host", "error.inbox.host")
	c.That(!known || *s.port > 0 && *s.port < 1<<16, s.path+".port", "error.inbox.port")
	c.That(*s.security != Plain || loopback(*s.host), s.path+".security", "error.inbox.plain")
	c.That(*s.trust == "" || x509.NewCertPool().AppendCertsFromPEM([]byte(*s.trust)), s.path+".trust", "error.inbox.trust")
	c.That(clean(*s.username) && len(*s.username) <= maxCredential, s.path+".username", "error.field.invalid")
	c.That(clean(*s.password) && len(*s.password) <= maxCredential, s.path+".password", "error.field.invalid")
}

// clean reports whether text can stand in one line of a protocol.
func clean(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

// validHost accepts host names and addresses, without a scheme or port.
func validHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if len(s) > maxHost {
		return false
	}
	label := regexp.MustCompile(`^[\pL\pN_]([\pL\pN_-]{0,61}[\pL\pN])?$`)
	for _, l := range strings.Split(strings.TrimSuffix(s, "."), ".") {
		if !label.MatchString(l) {
			return false
		}
	}
	return true
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

func (ch DKIMChange) apply(c *fault.Check, d *DKIM, key *string) {
	var named []string
	put(&named, "domain", &d.Domain, trimmed(ch.Domain))
	put(&named, "selector", &d.Selector, trimmed(ch.Selector))
	if ch.Key != nil && strings.TrimSpace(*ch.Key) != "" {
		*key = strings.TrimSpace(*ch.Key) + "\n"
		c.That(validKey(*key), "body.dkim.key", "error.inbox.dkim.key", "bits", strconv.Itoa(minRSA))
	}
	if d.Domain == "" && d.Selector == "" { // no signature any more
		*key = ""
		return
	}
	c.That(validHost(d.Domain), "body.dkim.domain", "error.inbox.host")
	c.That(validHost(d.Selector), "body.dkim.selector", "error.field.invalid")
	c.Require(*key != "", "body.dkim.key")
}

func validKey(text string) bool {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return false
	}
	if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return k.N.BitLen() >= minRSA
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return false
	}
	switch k := k.(type) {
	case *rsa.PrivateKey:
		return k.N.BitLen() >= minRSA
	case ed25519.PrivateKey:
		return true
	}
	return false
}
