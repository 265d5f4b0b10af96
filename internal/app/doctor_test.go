package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// found looks for a finding with words in it.
func found(list []app.Finding, name string, v app.Verdict, words string) bool {
	for _, f := range list {
		if f.Name == name && f.Verdict == v && strings.Contains(f.Text, words) {
			return true
		}
	}
	return false
}

// TestExamineKnowsTheDatabase spoils what only the database knows, one thing
// after the other.
func TestExamineKnowsTheDatabase(t *testing.T) {
	var cfg app.Config
	onBoth(t, func(c *app.Config) { loopback(c); cfg = *c }, func(s *site) {
		s.must(cfg.Prepare())
		cfg.SMTP = ""
		want := func(name string, v app.Verdict, words string) {
			s.Helper()
			if list := app.Examine(s.Context(), cfg); !found(list, name, v, words) {
				s.Errorf("%s %s %q is missing: %+v", name, v, words, list)
			}
		}
		exec := s.exec
		want("database", app.Fine, "")
		if s.in.DB.Dialect() == sqldb.Postgres {
			want("database", app.Fine, "PostgreSQL ")
		}
		want("clock", app.Fine, "20")
		want("schema", app.Fine, "version")

		want("duties", app.Fine, " wait")
		s.strand("job_00000000000000000000000001", time.Now().Add(-2*time.Hour))
		want("duties", app.Warning, "1 of kind polish")
		exec(`UPDATE job SET state = 'dead' WHERE kind = 'polish'`)
		want("duties", app.Warning, "1 failed too often")

		i := s.inbox("Post", "post@desk.example")
		want("inbox", app.Fine, "Post, not used yet")
		want("inbox", app.Warning, "Post waits for the built-in mail receiver")
		s.must(s.in.Inboxes.Healthy(s.Context(), i.ID, inbox.Receiving, os.ErrDeadlineExceeded))
		want("inbox", app.Failure, "Post: receiving: ")
		s.must(s.in.Inboxes.Healthy(s.Context(), i.ID, inbox.Receiving, nil))
		s.must(s.in.Inboxes.Healthy(s.Context(), i.ID, inbox.Sending, os.ErrDeadlineExceeded))
		want("inbox", app.Failure, "Post: sending: ")

		mode, host, port, user, pass, security := "smtp", "mail.desk.example", 587, "post", "secret", "starttls"
		_, err := s.in.Inboxes.Change(s.Context(), actor.OfSystem("test"), i.ID, inbox.Change{
			Send: &inbox.SendChange{Mode: &mode, Host: &host, Port: &port, Username: &user, Password: &pass, Security: &security},
		})
		s.must(err)
		cfg.Key = strings.Repeat("ab", 32)
		want("inbox", app.Failure, "Post: ")
		if list := app.Examine(s.Context(), cfg); !found(list, "inbox", app.Failure, "key") {
			s.Errorf("a wrong key is not told: %+v", list)
		}
		cfg.Key = ""

		cfg.SMTP = "127.0.0.1:0"
		exec(`UPDATE inbox SET active = FALSE`)
		want("mail receiver", app.Warning, "no active inbox")

		exec(`UPDATE journal SET at = $1`, time.Now().Add(time.Hour).UnixMilli())
		want("clock", app.Failure, "the clock was set back")

		exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
		want("schema", app.Failure, "a newer program wrote it")
		if _, err := app.New(s.Context(), cfg); err == nil || !strings.Contains(err.Error(), "a newer program wrote it") {
			s.Errorf("a newer schema is opened: %v", err)
		}
		exec(`DELETE FROM goose_db_version WHERE version_id > 4`)
		want("schema", app.Failure, "run `kintsugi migrate`")
	})
}

// TestExamineFindsNoDatabase asks for databases that are not there.
func TestExamineFindsNoDatabase(t *testing.T) {
	for database, words := range map[string]string{
		"postgres://desk@127.0.0.1:1/desk": "refused",
		"":                                 "there is no database at",
	} {
		dir := t.TempDir()
		cfg := app.Config{DataDir: dir, Database: database, HTTP: "127.0.0.1:0"}
		if err := cfg.Prepare(); err != nil {
			t.Fatal(err)
		}
		if list := app.Examine(t.Context(), cfg); !found(list, "database", app.Failure, words) {
			t.Errorf("%q: %+v", database, list)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%q: looking made %v, %v", database, left, err)
		}
	}
}

// TestExamineFindsAFolderThatCannotBeWritten needs somebody whom permissions stop.
func TestExamineFindsAFolderThatCannotBeWritten(t *testing.T) {
	cfg := app.Config{DataDir: "/proc/self", HTTP: "127.0.0.1:0"} // nobody writes there, not even root
	if err := cfg.Prepare(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cfg.DataDir); err != nil {
		t.Skipf("no folder that nobody can write: %v", err)
	}
	if list := app.Examine(context.WithoutCancel(t.Context()), cfg); !found(list, "data folder", app.Failure, "/proc/self") {
		t.Errorf("%+v", list)
	}
}

// TestExamineReadsCertificates looks at certificates that are good, nearly over and over.
func TestExamineReadsCertificates(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		days int
		want app.Verdict
	}{{90, app.Fine}, {5, app.Warning}, {-1, app.Failure}} {
		cert, key := certificate(t, dir, time.Now().AddDate(0, 0, c.days))
		cfg := app.Config{DataDir: dir, HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", SMTPCert: cert, SMTPKey: key}
		if err := cfg.Prepare(); err != nil {
			t.Fatal(err)
		}
		if list := app.Examine(t.Context(), cfg); !found(list, "certificate", c.want, "is valid until") {
			t.Errorf("%d days: %+v", c.days, list)
		}
	}
}

func certificate(t *testing.T, dir string, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.AddDate(-1, 0, 0), NotAfter: until, DNSNames: []string{"desk.example"}}
	public, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
