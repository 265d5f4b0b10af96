package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

const (
	password = "correct horse battery"
	support  = "support@shop.example"
	sales    = "sales@shop.example"
)

type object = map[string]any

// desk is one running instance with its outside world.
type desk struct {
	*testing.T
	app    *app.App
	in     app.Inside
	clock  *clock.Manual
	office *emailtest.Office
	log    *journal
	dir    string
	base   string // http://127.0.0.1:…
	client *http.Client
	root   *person
	boxes  map[string]string // inbox id by address
	serial int
}

// journal keeps what an instance logs.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

// String returns all that was logged.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// onBoth runs fn on each database.
func onBoth(t *testing.T, fn func(d *desk)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(open(t, "", nil)) })
	t.Run("postgres", func(t *testing.T) { fn(open(t, dbtest.MigratedURL(t), nil)) })
}

// loopback is what instances in tests may dial: the mail servers beside them.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// open starts an instance with two inboxes and an administrator.
func open(t *testing.T, database string, change func(*app.Config)) *desk {
	t.Helper()
	d := &desk{T: t, clock: clock.NewManual(dbtest.Start), log: &journal{}, dir: t.TempDir(), boxes: map[string]string{}}
	d.office = emailtest.Open(t, emailtest.Options{})
	cfg := app.Config{DataDir: d.dir, Database: database, HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", PublicURL: "https://desk.example", AllowNet: loopback(),
		Relaxed: true, Clock: d.clock, Log: slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Version: "hostile",
		StopGrace: 5 * time.Second}
	if change != nil {
		change(&cfg)
	}
	// The address is needed before the instance tells it: reserve one.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	d.must(err)
	cfg.HTTP = l.Addr().String()
	d.must(l.Close())
	d.base = "http://" + cfg.HTTP
	d.app, err = app.New(t.Context(), cfg)
	d.must(err)
	d.in = d.app.Inside()
	d.must(d.app.Listen())
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- d.app.Run(ctx) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	d.client = &http.Client{Transport: transport, Timeout: 2 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the product ended with %v", err)
		}
		if err := d.app.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		if t.Failed() && os.Getenv("KINTSUGI_HOSTILE_LOG") != "" {
			t.Log(d.log.String())
		}
	})
	d.root = d.hire("root", team.Administrator)
	d.furnish()
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func system() actor.Actor { return actor.OfSystem("test") }

// furnish makes a brand and two inboxes that receive by the built-in server.
func (d *desk) furnish() {
	name, lang := "Shop", "en"
	hours := worktime.Weekdays("UTC", "00:00", "23:59")
	b, err := d.in.Brands.Create(d.Context(), system(), brand.Change{Name: &name, Locale: &lang, Hours: &hours})
	d.must(err)
	host, p, err := net.SplitHostPort(d.office.SMTP())
	d.must(err)
	port, err := strconv.Atoi(p)
	d.must(err)
	for _, address := range []string{support, sales} {
		d.office.Add(address, password)
		yes, mode, plain, pass := true, "smtp", "plain", password
		i, err := d.in.Inboxes.Create(d.Context(), system(), inbox.Change{BrandID: &b.ID, Name: &address, Address: &address, Active: &yes,
			Receive: &inbox.ReceiveChange{Mode: &mode},
			Send:    &inbox.SendChange{Mode: &mode, Host: &host, Port: &port, Security: &plain, Username: &address, Password: &pass}})
		d.must(err)
		d.boxes[address] = i.ID
	}
}

// person is somebody with a browser, a program with a key, or nobody.
type person struct {
	*desk
	id, email, cookie, key string
}

func (d *desk) nobody() *person { return &person{desk: d} }

// hire adds an agent and signs them in.
func (d *desk) hire(name string, role team.Role) *person {
	d.Helper()
	p := &person{desk: d, email: name + "@desk.example"}
	a, err := d.in.Agents.Create(d.Context(), system(), team.NewAgent{Name: name, Email: p.email, Role: role, Password: password})
	d.must(err)
	p.id = a.ID
	p.signIn()
	return p
}

func (p *person) signIn() {
	p.Helper()
	r := p.call("POST", "/session", object{"email": p.email, "password": password})
	if r.status != http.StatusOK {
		p.Fatalf("%s cannot sign in: %d %s", p.email, r.status, r.body)
	}
	p.cookie = r.cookie()
}

// program returns a key with a role.
func (d *desk) program(role team.Role) *person {
	d.Helper()
	_, token, err := d.in.Agents.CreateKey(d.Context(), system(), team.NewKey{Name: string(role), Role: role})
	d.must(err)
	return &person{desk: d, key: token}
}

// reply is what came back over the wire.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) json() object {
	out := object{}
	_ = json.Unmarshal([]byte(r.body), &out) // what is no object has no members
	return out
}

func (r reply) items() (out []object) {
	list, _ := r.json()["items"].([]any)
	for _, i := range list {
		if o, ok := i.(object); ok {
			out = append(out, o)
		}
	}
	return out
}

// cookie returns the session that an answer sets, "" if none.
func (r reply) cookie() string {
	for _, c := range (&http.Response{Header: r.header}).Cookies() {
		if c.Name == api.CookieName {
			return c.Value
		}
	}
	return ""
}

// call asks the API; headers are names and values in turn.
func (p *person) call(method, path string, body any, headers ...string) reply {
	p.Helper()
	return p.send(method, api.Base+path, body, headers...)
}

// send makes a request to any path. A string body is sent as it is.
func (p *person) send(method, path string, body any, headers ...string) reply {
	p.Helper()
	r, err := p.try(method, path, body, headers...)
	p.must(err)
	return r
}

func (p *person) try(method, path string, body any, headers ...string) (reply, error) {
	var in io.Reader
	kind := "application/json"
	switch v := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(v)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return reply{}, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(p.Context(), method, p.base+path, in)
	if err != nil {
		return reply{}, err
	}
	if in != nil {
		req.Header.Set("Content-Type", kind)
	}
	if p.cookie != "" {
		req.AddCookie(&http.Cookie{Name: api.CookieName, Value: p.cookie})
	}
	if p.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := p.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	b, err := io.ReadAll(res.Body)
	if e := res.Body.Close(); err == nil {
		err = e
	}
	return reply{res.StatusCode, res.Header, string(b)}, err
}

// ok calls and wants success.
func (p *person) ok(method, path string, body any, headers ...string) object {
	p.Helper()
	r := p.call(method, path, body, headers...)
	if r.status >= 300 {
		p.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
	}
	return r.json()
}

// list returns all items of a list.
func (p *person) list(path string) (out []object) {
	p.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	for cursor := ""; ; {
		r := p.call("GET", path+sep+"limit=200"+cursor, nil)
		if r.status != http.StatusOK {
			p.Fatalf("GET %s: %d %s", path, r.status, r.body)
		}
		out = append(out, r.items()...)
		next, _ := r.json()["next"].(string)
		if next == "" {
			return out
		}
		cursor = "&cursor=" + next
	}
}

// mail brings raw bytes in by SMTP.
func (d *desk) mail(raw string, to ...string) {
	d.Helper()
	d.must(d.bring(raw, to...))
}

func (d *desk) bring(raw string, to ...string) error {
	if len(to) == 0 {
		to = []string{support}
	}
	raw = strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")
	return smtp.SendMail(d.app.MailAddress(), nil, "envelope@customer.example", to, []byte(raw))
}

// letter is a plain mail with further header lines.
func (d *desk) letter(from, subject string, headers ...string) string {
	d.serial++
	h := strings.Join(headers, "\n")
	if h != "" {
		h += "\n"
	}
	return fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <h%d@customer.example>\n%sMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nHello, this is number %d.\n",
		from, support, subject, d.clock.Now().Format(time.RFC1123Z), d.serial, h, d.serial)
}

// rest lets everything happen that is due.
func (d *desk) rest() {
	d.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		_, err := d.in.Queue.Drain(d.Context())
		d.must(err)
		busy := 0
		d.must(d.in.DB.Read(d.Context(), func(tx *sqldb.Tx) error {
			return tx.QueryRow(d.Context(), `SELECT COUNT(*) FROM job WHERE state = 'running' OR state = 'ready' AND run_at <= $1`, tx.Now.UnixMilli()).Scan(&busy)
		}))
		if busy == 0 {
			return
		}
		if time.Now().After(deadline) {
			d.Fatalf("%d duties do not come to rest", busy)
		}
	}
}

// wait moves the clock and lets everything happen.
func (d *desk) wait(span time.Duration) {
	d.Helper()
	d.rest()
	d.clock.Advance(span)
	d.rest()
}

// ledger returns the newest entry of the ledger.
func (d *desk) ledger() object {
	d.Helper()
	list := d.root.call("GET", "/ledger?limit=1", nil).items()
	if len(list) == 0 {
		d.Fatal("the ledger is empty")
	}
	return list[0]
}

// thread returns the messages of a conversation.
func (d *desk) thread(conversation any) []object {
	d.Helper()
	return d.root.call("GET", fmt.Sprintf("/conversations/%v/messages?limit=200", conversation), nil).items()
}
