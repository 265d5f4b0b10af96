package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Config is everything an instance is told from outside. The zero value of a
// field means its default.
type Config struct {
	DataDir   string // blobs, the key file, and the SQLite file
	Database  string // "postgres://…"; "" is SQLite in DataDir
	HTTP      string // address to listen on, "127.0.0.1:8080"
	SMTP      string // address of the mail receiver; "" for none
	LMTP      string // address of the LMTP receiver; "" for none
	PublicURL string // how customers and agents reach HTTP; "" is http:// and HTTP
	Hostname  string // how the mail receiver calls itself; "" is the public URL's host

	SMTPCert, SMTPKey string         // PEM files; both or none
	Proxies           []netip.Prefix // whose X-Forwarded-For is believed
	AllowNet          []netip.Prefix // private networks that may be dialled
	MaxMail           int64          // bytes of one mail
	Key               string         // the instance key in hexadecimal; "" is a file in DataDir

	StopGrace     time.Duration // how long what is under way may go on after the end of Run's context; 0: not at all
	ReadTimeout   time.Duration // for a client to send a request
	UploadTimeout time.Duration // for a client to send a file
	WriteTimeout  time.Duration // in which a client takes nothing of an answer

	Kinds    []channel.Kind // nil: all built-in channels
	Existing bool           // refuse to make a database that is not there
	Relaxed  bool           // no durability on power loss: demonstrations and tests
	Clock    clock.Clock    // nil: the machine's
	Log      *slog.Logger
	Version  string
	// PostOffice plays the outside world in a demonstration.
	PostOffice api.PostOffice
	// Phone plays the services on customers' telephones in a demonstration.
	Phone api.Phone
}

// Defaults of a configuration.
const (
	DefaultHTTP    = "127.0.0.1:8080"
	DefaultMaxMail = 40 << 20 // a 25 MB attachment is 34 MB in base64, and room for the rest

	DefaultStopGrace     = 10 * time.Second
	DefaultReadTimeout   = 30 * time.Second
	DefaultUploadTimeout = 10 * time.Minute
	DefaultWriteTimeout  = time.Minute
)

// Prepare fills in defaults and reports what is wrong.
func (c *Config) Prepare() error {
	if c.DataDir == "" {
		c.DataDir = "data"
	}
	abs, err := filepath.Abs(c.DataDir)
	if err != nil {
		return err
	}
	c.DataDir = abs
	if c.Database == "" {
		c.Database = "sqlite:" + filepath.Join(c.DataDir, "kintsugi.db")
	}
	if c.HTTP == "" {
		c.HTTP = DefaultHTTP
	}
	if c.MaxMail == 0 {
		c.MaxMail = DefaultMaxMail
	}
	for _, d := range []struct {
		at  *time.Duration
		def time.Duration
	}{{&c.ReadTimeout, DefaultReadTimeout}, {&c.UploadTimeout, DefaultUploadTimeout}, {&c.WriteTimeout, DefaultWriteTimeout}} {
		if *d.at == 0 {
			*d.at = d.def
		}
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.HTTP
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("public URL %q: want http:// or https:// and a host", c.PublicURL)
	}
	if c.Hostname == "" {
		c.Hostname = u.Hostname()
	}
	if (c.SMTPCert == "") != (c.SMTPKey == "") {
		return fmt.Errorf("the mail receiver's certificate and key belong together: give both or none")
	}
	if c.Key != "" {
		if _, err := seal.Parse(c.Key); err != nil {
			return err
		}
	}
	return c.checkDatabase()
}

func (c *Config) checkDatabase() error {
	for _, scheme := range []string{"sqlite:", "postgres://", "postgresql://"} {
		if strings.HasPrefix(c.Database, scheme) {
			return nil
		}
	}
	return fmt.Errorf("database %q: want sqlite:PATH or postgres://USER@HOST/NAME", sqldb.Redact(c.Database))
}

// Print writes the configuration in effect, secrets hidden.
func (c Config) Print(w io.Writer) error {
	key := "file " + filepath.Join(c.DataDir, keyFile)
	if c.Key != "" {
		key = "given (hidden)"
	}
	rows := [][2]string{
		{"data", c.DataDir}, {"database", sqldb.Redact(c.Database)}, {"http", c.HTTP}, {"public-url", c.PublicURL},
		{"smtp", orNone(c.SMTP)}, {"lmtp", orNone(c.LMTP)}, {"hostname", c.Hostname}, {"smtp-cert", orNone(c.SMTPCert)},
		{"trusted-proxies", orNone(join(c.Proxies))}, {"allow-net", orNone(join(c.AllowNet))},
		{"max-mail", fmt.Sprintf("%d bytes", c.MaxMail)}, {"stop-grace", c.StopGrace.String()}, {"read-timeout", c.ReadTimeout.String()},
		{"upload-timeout", c.UploadTimeout.String()}, {"write-timeout", c.WriteTimeout.String()}, {"key", key}, {"version", c.Version},
	}
	for _, r := range rows {
		if _, err := fmt.Fprintf(w, "  %-16s %s\n", r[0], r[1]); err != nil {
			return err
		}
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

func join(list []netip.Prefix) string {
	var out []string
	for _, p := range list {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}
