package hostile

import (
	"archive/tar"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// TestInsideIsNotDialled sets every outgoing host to addresses of this machine,
// of its private networks and of a cloud's metadata service. None is connected
// to, in whatever way the address is written.
func TestInsideIsNotDialled(t *testing.T) {
	d := open(t, "", func(c *app.Config) { c.AllowNet = nil })
	var touched atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	d.must(err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			touched.Add(1)
			_ = c.Close()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "127.1", "127.0.0.1.", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "0.1.2.3", "::1", "[::1]", "::", "::ffff:127.0.0.1", "::127.0.0.1",
		"64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1", "fe80::1%lo", "fd00::1", "fec0::1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "fd00:ec2::254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1",
		"224.0.0.1", "255.255.255.255", "ip6-localhost", "localhost.localdomain", "127.0.0.1:1", "127.0.0.1/x", "user@127.0.0.1", "127.0.0.1\r\nx", "file:///etc/passwd", "/var/run/docker.sock", ""} {
		for _, security := range []string{"tls", "starttls", "plain"} {
			server := object{"host": host, "port": port, "security": security, "username": "u", "password": "p"}
			receive, send := object{"mode": "imap"}, object{"mode": "smtp"}
			for k, v := range server {
				receive[k], send[k] = v, v
			}
			r := d.root.call("POST", "/inboxes/check", object{"receive": receive, "send": send})
			if r.status >= 500 {
				t.Errorf("%q: %d %s", host, r.status, r.body)
			}
			connected := regexp.MustCompile(`"name":"connect","ok":true`)
			if r.status == 200 && (connected.MatchString(r.body) || strings.Contains(r.body, "passwd")) {
				t.Errorf("%q was connected to: %s", host, r.body)
			}
		}
	}
	// Saved settings are used when mail is sent, by the same dialler.
	box := d.boxes[support]
	d.root.ok("PATCH", "/inboxes/"+box, object{"send": object{"mode": "smtp", "host": "127.0.0.1", "port": port, "security": "plain", "username": "", "password": ""}})
	conv := d.conversation("ana@customer.example")
	d.root.ok("POST", "/conversations/"+conv+"/messages", object{"kind": "reply", "text": "hi"})
	d.wait(time.Minute)
	d.wait(10 * time.Minute)
	if n := touched.Load(); n != 0 {
		t.Errorf("the listener inside was reached %d times", n)
	}
}

// TestSecretsAreWrittenNowhere plants secrets in every place that takes one and
// looks for them in everything that an instance writes: the log, the database,
// the backup, the answers.
func TestSecretsAreWrittenNowhere(t *testing.T) {
	d := open(t, "", nil)
	secret := func(n int) string { return fmt.Sprintf("PLANTED-%d-secret", n) }
	p := d.hire("mika", team.Worker)
	d.root.ok("POST", "/agents/"+p.id+"/password", object{"password": secret(1)})
	d.nobody().call("POST", "/session", object{"email": p.email, "password": secret(2)})
	box := d.boxes[support]
	d.root.ok("PATCH", "/inboxes/"+box, object{"send": object{"password": secret(3)}, "receive": object{"mode": "imap", "host": "127.0.0.1", "port": 1, "security": "plain", "username": "u", "password": secret(4)}})
	d.root.call("POST", "/inboxes/check", object{"inboxId": box, "send": object{"password": secret(5)}})
	d.root.call("PATCH", "/inboxes/"+box, object{"dkim": object{"domain": "x.example", "selector": "s", "key": "-----BEGIN PRIVATE KEY-----\n" + secret(6) + "\n-----END PRIVATE KEY-----"}})
	key := d.root.ok("POST", "/keys", object{"name": "k", "role": "agent"}, "Idempotency-Key", "once")["token"].(string)
	program := &person{desk: d, key: key}
	program.call("GET", "/conversations", nil)
	(&person{desk: d, key: secret(7)}).call("GET", "/conversations", nil)
	d.nobody().call("POST", "/setup/administrator", object{"token": secret(8), "name": "x", "email": "x@x.example", "password": secret(9)})
	d.nobody().send("GET", "/s/"+secret(10), nil)
	d.nobody().send("POST", "/s/"+secret(10), "score=1", "Content-Type", "application/x-www-form-urlencoded")
	d.nobody().send("GET", "/setup?token="+secret(11), nil)
	// A survey's link goes to the customer and is nowhere else to be read.
	d.root.ok("PUT", "/inboxes/"+d.boxes[sales]+"/survey-policy", object{"enabled": true, "delayMinutes": 0, "sampling": 100, "cooldownDays": 0, "quietFrom": "", "quietTo": ""})
	d.mail(strings.ReplaceAll(d.letter("ana@customer.example", "thanks"), support, sales), sales)
	d.rest()
	conv := fmt.Sprint(d.ledger()["conversationId"])
	d.root.ok("POST", "/conversations/"+conv+"/messages", object{"kind": "reply", "text": "done", "resolve": true})
	d.wait(time.Minute)
	d.wait(2 * time.Hour)
	var link string
	for _, s := range d.office.Sent() {
		if m := regexp.MustCompile(`/s/([A-Za-z0-9_=-]{20,})`).FindStringSubmatch(strings.ReplaceAll(string(s.Raw), "=\r\n", "")); m != nil {
			link = m[1]
		}
	}
	if link == "" {
		t.Fatal("no survey was sent")
	}
	d.nobody().send("POST", "/s/"+link, "score=1&comment=x", "Content-Type", "application/x-www-form-urlencoded")
	d.rest()

	backup := filepath.Join(t.TempDir(), "backup.tar.gz")
	cfg := app.Config{DataDir: d.dir, Version: "hostile"}
	d.must(cfg.Prepare())
	_, err := app.Backup(t.Context(), cfg, backup, false)
	d.must(err)
	written := d.written(backup)
	written["log"] = d.log.String()
	for _, path := range []string{"/inboxes", "/inboxes/" + box, "/agents", "/keys", "/sessions", "/jobs?state=dead", "/jobs?state=ready", "/ledger", "/me"} {
		written["GET "+path] = d.root.call("GET", path, nil).body
	}
	written["/readyz"] = d.nobody().send("GET", "/readyz", nil).body
	written["/metrics"] = d.nobody().send("GET", "/metrics", nil).body
	planted := map[string]string{"a key's token": key, "a session": d.root.cookie, "the first password": password, "a survey's token": link}
	for n := 1; n <= 11; n++ {
		planted[fmt.Sprint("secret ", n)] = secret(n)
	}
	for where, content := range written {
		for what, s := range planted {
			if what == "a session" && where == "GET /me" {
				continue
			}
			// The outbox keeps every letter as it was sent, so that it can be sent once more.
			if what == "a survey's token" && (strings.Contains(where, "kintsugi.db") || where == "backup") {
				continue
			}
			if strings.Contains(content, s) {
				at := strings.Index(content, s)
				t.Errorf("%s stands in %s: …%q…", what, where, content[max(0, at-150):min(len(content), at+len(s)+20)])
			}
		}
	}
	if b, err := os.ReadFile(filepath.Join(d.dir, "key")); err != nil || len(b) == 0 || strings.Contains(written["backup"], string(b)) {
		t.Errorf("the instance key is in the backup, or there is none: %v", err)
	}
	if info, err := os.Stat(filepath.Join(d.dir, "key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file may be read by others: %v %v", info.Mode(), err)
	}
}

// written is all that lies in the data folder and in a backup, by name.
func (d *desk) written(backup string) map[string]string {
	d.Helper()
	out := map[string]string{}
	d.must(filepath.WalkDir(d.dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "key" {
			return err
		}
		b, err := os.ReadFile(p)
		out[strings.TrimPrefix(p, d.dir)] = string(b)
		return err
	}))
	f, err := os.Open(backup)
	d.must(err)
	defer func() { _ = f.Close() }()
	var in io.Reader = f
	if z, err := gzip.NewReader(f); err == nil {
		in = z
	} else {
		_, err = f.Seek(0, io.SeekStart)
		d.must(err)
	}
	all := tar.NewReader(in)
	for {
		_, err := all.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		d.must(err)
		b, err := io.ReadAll(all)
		d.must(err)
		out["backup"] += string(b)
	}
}

// TestExportsHoldNoFormula answers a survey with formulas and opens the sheet.
func TestExportsHoldNoFormula(t *testing.T) {
	onBoth(t, func(d *desk) {
		d.root.ok("PUT", "/inboxes/"+d.boxes[support]+"/survey-policy", object{"enabled": true, "delayMinutes": 0, "sampling": 100, "cooldownDays": 0, "quietFrom": "", "quietTo": ""})
		for i, formula := range []string{"=cmd|'/C calc'!A0", "＝1+1", "\t=1", "@SUM(A1)", "-1+1", "+1", "\n=1", "\"=1\""} {
			d.mail(d.letter(fmt.Sprintf("\"%s\" <ana%d@customer.example>", strings.NewReplacer("\"", "", "\t", "", "\n", "").Replace(formula), i), "s"))
			d.rest()
			conv := fmt.Sprint(d.ledger()["conversationId"])
			d.root.ok("POST", "/conversations/"+conv+"/messages", object{"kind": "reply", "text": "done", "resolve": true})
			d.wait(time.Minute)
			d.wait(time.Hour)
			sent := d.office.Sent()
			m := regexp.MustCompile(`/s/([A-Za-z0-9_-]{20,})`).FindStringSubmatch(strings.ReplaceAll(string(sent[len(sent)-1].Raw), "=\r\n", ""))
			if m == nil {
				t.Fatalf("no link in\n%s", sent[len(sent)-1].Raw)
			}
			if r := d.nobody().send("POST", "/s/"+m[1], "score=2&comment="+strings.NewReplacer("+", "%2B", "=", "%3D", "\t", "%09", "\n", "%0A", "|", "%7C", "'", "%27", " ", "+", "＝", "%EF%BC%9D", "\"", "%22").Replace(formula), "Content-Type", "application/x-www-form-urlencoded"); r.status != 303 {
				t.Fatal(r.status, r.body)
			}
		}
		r := d.root.call("GET", "/reports/loop.csv?number=csat", nil)
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(r.body, "\uFEFF"))).ReadAll()
		if err != nil || len(lines) != 9 {
			t.Fatalf("%v: %d lines: %d %s", err, len(lines), r.status, r.body)
		}
		for _, line := range lines {
			for _, cell := range line {
				if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
					t.Errorf("a formula: %q", cell)
				}
			}
		}
	})
}
