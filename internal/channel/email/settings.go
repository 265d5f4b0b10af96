package email

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// Settings is an endpoint's settings document.
type Settings struct {
	Receive Receive `json:"receive"`
	Send    Send    `json:"send"`
	DKIM    DKIM    `json:"dkim"`
}

// Secrets is the document that is kept sealed.
type Secrets struct {
	ReceivePassword string `json:"receivePassword"`
	SendPassword    string `json:"sendPassword"`
	DKIMKey         string `json:"dkimKey"` // PEM: PKCS #8 or PKCS #1, RSA or Ed25519
}

// Server says where a mail server is and how to sign in.
type Server struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`     // 0: the usual one of the protocol and Security
	Security string `json:"security"` // "tls", "starttls" or "plain" (loopback only)
	Username string `json:"username"` // "" signs in nowhere
	// Trust holds certificates (PEM) to believe besides the system's, for a
	// server inside the house that signs its own.
	Trust string `json:"trust,omitempty"`
}

// Receive says how mail comes in.
type Receive struct {
	Mode string `json:"mode"` // "imap", "smtp" (the built-in receiver) or "none"
	Server
	Folders []string `json:"folders"` // none: INBOX. The first is watched, the others are polled.
	// Since (2006-01-02) leaves older mail on the server alone; "" takes all.
	Since string `json:"since,omitempty"`
	// MaxMessageBytes is the largest message that is fetched whole (0: 50 MiB).
	MaxMessageBytes int64 `json:"maxMessageBytes,omitempty"`
}

// Send says how mail goes out.
type Send struct {
	Mode string `json:"mode"` // "smtp" or "none"
	Server
}

// DKIM says how outgoing mail is signed. An empty Domain does not sign.
type DKIM struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector"`
}

// The words of Mode and Security.
const (
	modeIMAP = "imap"
	modeSMTP = "smtp"
	modeNone = "none"

	securityTLS      = "tls"
	securityStartTLS = "starttls"
	securityPlain    = "plain"
)

// sinceLayout is the form of Receive.Since.
const sinceLayout = "2006-01-02"

// prepare fills in what was left out and refuses what cannot work.
func (s *Settings) prepare() error {
	switch s.Receive.Mode {
	case "", modeNone:
		s.Receive.Mode = modeNone
	case modeSMTP:
	case modeIMAP:
		if err := s.Receive.Server.prepare(993, 143, 143); err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if len(s.Receive.Folders) == 0 {
			s.Receive.Folders = []string{"INBOX"}
		}
		if _, err := s.Receive.since(); err != nil {
			return fmt.Errorf("receive: since: %w", err)
		}
	default:
		return fmt.Errorf("receive: unknown mode %q", s.Receive.Mode)
	}
	switch s.Send.Mode {
	case "", modeNone:
		s.Send.Mode = modeNone
	case modeSMTP:
		if err := s.Send.Server.prepare(465, 587, 25); err != nil {
			return fmt.Errorf("send: %w", err)
		}
	default:
		return fmt.Errorf("send: unknown mode %q", s.Send.Mode)
	}
	return nil
}

// sends reports whether a settings document names a way to send. One that cannot
// be read is left to Open, which says what is wrong with it.
func sends(settings []byte) bool {
	var s Settings
	return json.Unmarshal(settings, &s) != nil || s.prepare() != nil || s.Send.Mode != modeNone
}

// since returns the first day whose mail is wanted; zero: all.
func (r *Receive) since() (time.Time, error) {
	if r.Since == "" {
		return time.Time{}, nil
	}
	return time.Parse(sinceLayout, r.Since)
}

func (s *Server) prepare(tlsPort, startTLSPort, plainPort int) error {
	host, err := idna.Lookup.ToASCII(strings.TrimSpace(s.Host))
	if ip := net.ParseIP(strings.Trim(s.Host, "[] ")); ip != nil {
		host, err = ip.String(), nil
	}
	if err != nil || host == "" {
		return fmt.Errorf("host %q is not a host name", s.Host)
	}
	s.Host = host
	usual := tlsPort
	switch s.Security {
	case "", securityTLS:
		s.Security = securityTLS
	case securityStartTLS:
		usual = startTLSPort
	case securityPlain:
		if !loopback(s.Host) {
			return errors.New("without TLS only this machine itself can be reached")
		}
		usual = plainPort
	default:
		return fmt.Errorf("unknown security %q", s.Security)
	}
	if s.Port == 0 {
		s.Port = usual
	}
	if s.Port < 1 || s.Port > 65535 {
		return fmt.Errorf("port %d does not exist", s.Port)
	}
	_, err = s.tls()
	return err
}

// address is host:port.
func (s *Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// tls is the configuration for connections to s: the name must match and the
// chain must end in the system's roots or in Trust.
func (s *Server) tls() (*tls.Config, error) {
	c := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if strings.TrimSpace(s.Trust) == "" {
		return c, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM([]byte(s.Trust)) {
		return nil, errors.New("trust holds no PEM certificate")
	}
	c.RootCAs = pool
	return c, nil
}

// loopback tells whether host names this machine by its very form. A name that
// merely resolves to it does not count: the answer could change.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
