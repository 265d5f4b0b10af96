package chaos

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// Env says how long to do harm, as a duration.
const Env = "KINTSUGI_CHAOS"

const (
	address = "support@utsuwa.example"
	calm    = 90 * time.Second // after the harm, everything must come to rest within this
)

func TestKilledAgainAndAgain(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv(Env))
	if err != nil {
		t.Skip(Env + " does not say for how long to do harm; make chaos does")
	}
	program := filepath.Join(t.TempDir(), "kintsugi")
	build := exec.Command("go", "build", "-o", program, "../../cmd/kintsugi")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("sqlite", func(t *testing.T) { harm(t, program, "", length) })
	t.Run("postgres", func(t *testing.T) { harm(t, program, dbtest.PostgresURL(t), length) })
}

// victim is the product as a process, and the world around it.
type victim struct {
	t        *testing.T
	program  string
	dir      string
	database string
	web      string
	mail     string
	key      string
	office   *emailtest.Office

	mu       sync.Mutex
	accepted map[string]bool // Message-IDs that were taken with 250
	answered map[string]bool // conversations whose answer was taken with 201
	kills    int
}

func harm(t *testing.T, program, database string, length time.Duration) {
	v := &victim{
		t: t, program: program, dir: t.TempDir(), database: database, web: free(t), mail: free(t),
		office: emailtest.Open(t, emailtest.Options{}), accepted: map[string]bool{}, answered: map[string]bool{},
	}
	v.furnish()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var g errgroup.Group
	for who := range 3 {
		g.Go(func() error { v.write(ctx, who); return nil })
	}
	g.Go(func() error { v.reply(ctx); return nil })
	g.Go(func() error { return v.live(ctx) })
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	v.settle()
	v.judge()
}

func free(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (v *victim) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *victim) config() app.Config {
	return app.Config{DataDir: v.dir, Database: v.database, Log: slog.New(slog.DiscardHandler)}
}

// furnish makes a brand, an inbox and a key, in this process.
func (v *victim) furnish() {
	ctx, by := v.t.Context(), actor.OfSystem("chaos")
	a, err := app.New(ctx, v.config())
	v.must(err)
	defer func() { v.must(a.Close()) }()
	in := a.Inside()
	name, lang, zone := "Utsuwa", "en", "Asia/Tokyo"
	b, err := in.Brands.Create(ctx, by, brand.Change{Name: &name, Locale: &lang, Zone: &zone})
	v.must(err)
	v.office.Add(address, "secret")
	host, portText, err := net.SplitHostPort(v.office.SMTP())
	v.must(err)
	port, err := strconv.Atoi(portText)
	v.must(err)
	box, yes, out, plain, pass, to := "support", true, "smtp", "plain", "secret", address
	_, err = in.Inboxes.Create(ctx, by, inbox.Change{BrandID: &b.ID, Name: &box, Address: &to, Active: &yes,
		Receive: &inbox.ReceiveChange{Mode: &out}, Send: &inbox.SendChange{Mode: &out, Host: &host, Port: &port, Security: &plain, Username: &to, Password: &pass}})
	v.must(err)
	_, v.key, err = in.Agents.CreateKey(ctx, by, team.NewKey{Name: "chaos", Role: team.Administrator})
	v.must(err)
}

func (v *victim) start() (*exec.Cmd, error) {
	args := []string{"serve", "--data", v.dir, "--http", v.web, "--smtp", v.mail, "--allow-net", "127.0.0.0/8", "--log-level", "error"}
	if v.database != "" {
		args = append(args, "--database", v.database)
	}
	c := exec.Command(v.program, args...)
	c.Stderr = v.t.Output()
	return c, c.Start()
}

// live starts the product and kills it at a bad moment, until ctx ends.
func (v *victim) live(ctx context.Context) error {
	for ctx.Err() == nil {
		c, err := v.start()
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(1500+rand.IntN(6000)) * time.Millisecond):
		}
		if err := c.Process.Kill(); err != nil {
			return err
		}
		_ = c.Wait() // it was killed, and says so
		v.kills++
	}
	return nil
}

// write sends mails, each until it is taken.
func (v *victim) write(ctx context.Context, who int) {
	from := fmt.Sprintf("c%d@x.example", who)
	for n := 0; ctx.Err() == nil; n++ {
		id := fmt.Sprintf("m%d.%d@x.example", who, n)
		raw := emailtest.Mail{From: from, To: address, Subject: fmt.Sprintf("Matter %d of %d", n, who), Text: "Hello", ID: id}.Bytes()
		for ctx.Err() == nil {
			if err := smtp.SendMail(v.mail, nil, from, []string{address}, raw); err == nil {
				v.mu.Lock()
				v.accepted[id] = true
				v.mu.Unlock()
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
	}
}

// reply answers every open conversation once, with a key that makes asking again harmless.
func (v *victim) reply(ctx context.Context) {
	for ; ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		var page struct{ Items []struct{ ID string } }
		if v.call(ctx, http.MethodGet, "/conversations?status=open&sort=oldest&limit=50", "", nil, &page) != nil {
			continue
		}
		for _, c := range page.Items {
			body := map[string]string{"kind": "reply", "text": "It comes tomorrow."}
			if v.call(ctx, http.MethodPost, "/conversations/"+c.ID+"/messages", c.ID, body, nil) == nil {
				v.mu.Lock()
				v.answered[c.ID] = true
				v.mu.Unlock()
			}
		}
	}
}

func (v *victim) call(ctx context.Context, method, path, once string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+v.web+"/api/v1"+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+v.key)
	if once != "" {
		req.Header.Set("Idempotency-Key", once)
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		return errors.New(res.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// settle lets the product run undisturbed until nothing is left to do.
func (v *victim) settle() {
	c, err := v.start()
	v.must(err)
	defer func() {
		_ = c.Process.Signal(os.Interrupt) // it may end by itself
		_ = c.Wait()
	}()
	db, err := sqldb.Open(v.t.Context(), v.url(), sqldb.Options{})
	v.must(err)
	defer func() { v.must(db.Close()) }()
	for deadline := time.Now().Add(calm); ; time.Sleep(200 * time.Millisecond) {
		waiting, letters := v.number(db, `SELECT COUNT(*) FROM job WHERE state = 'running' OR state = 'ready' AND attempt = 0 AND kind LIKE 'fact:%'`),
			v.number(db, `SELECT COUNT(*) FROM delivery WHERE state IN ('held', 'queued', 'sending')`)
		if waiting+letters == 0 {
			return
		}
		if time.Now().After(deadline) {
			v.t.Errorf("%d duties and %d letters do not come to rest", waiting, letters)
			return
		}
	}
}

func (v *victim) url() string {
	if v.database != "" {
		return v.database
	}
	return "sqlite:" + filepath.Join(v.dir, "kintsugi.db")
}

func (v *victim) number(db *sqldb.DB, query string) (n int) {
	v.t.Helper()
	v.must(db.Read(v.t.Context(), func(tx *sqldb.Tx) error { return tx.QueryRow(v.t.Context(), query).Scan(&n) }))
	return n
}

// judge compares what was promised with what is there.
func (v *victim) judge() {
	db, err := sqldb.Open(v.t.Context(), v.url(), sqldb.Options{})
	v.must(err)
	defer func() { v.must(db.Close()) }()
	v.t.Logf("killed %d times; %d mails were taken, %d answers", v.kills, len(v.accepted), len(v.answered))
	if v.kills < 2 || len(v.accepted) < 10 || len(v.answered) < 1 {
		v.t.Errorf("too little happened to judge")
	}
	linked, raws := map[string]int{}, []string{}
	v.must(db.Read(v.t.Context(), func(tx *sqldb.Tx) error {
		return tx.Each(v.t.Context(), func(r *sql.Rows) error {
			var id, state, raw string
			err := r.Scan(&id, &state, &raw)
			raws = append(raws, raw)
			if state == "linked" {
				linked[id]++
			}
			return err
		}, `SELECT external_id, state, raw_key FROM ledger`)
	}))
	for id := range v.accepted {
		if linked[id] != 1 {
			v.t.Errorf("mail %s was taken and is linked %d times", id, linked[id])
		}
	}
	blobs, err := blob.Open(filepath.Join(v.dir, "blobs"))
	v.must(err)
	for _, key := range raws {
		if err := blobs.Verify(v.t.Context(), key); err != nil {
			v.t.Errorf("a mail's bytes: %v", err)
		}
	}
	if facts, last := v.number(db, `SELECT COUNT(*) FROM journal`), v.number(db, `SELECT COALESCE(MAX(seq), 0) FROM journal`); facts != last {
		v.t.Errorf("%d facts, the last is number %d", facts, last)
	}
	if messages, mails := v.number(db, `SELECT COUNT(*) FROM message WHERE kind = 'incoming'`), v.number(db, `SELECT COUNT(*) FROM ledger WHERE state = 'linked'`); messages != mails {
		v.t.Errorf("%d mails are linked, and there are %d messages", mails, messages)
	}
	if dead := v.number(db, `SELECT COUNT(*) FROM job WHERE state = 'dead'`); dead > 0 {
		v.t.Errorf("%d duties lie dead", dead)
	}
	v.judgeLetters(db)
}

// judgeLetters: a letter that is called sent has left once; one of which nobody
// knows is called ambiguous; nothing has left twice.
func (v *victim) judgeLetters(db *sqldb.DB) {
	left := map[string]int{}
	for _, s := range v.office.Sent() {
		m, err := email.Parse(s.Raw)
		v.must(err)
		left[m.ExternalID]++
	}
	states := map[string]int{}
	v.must(db.Read(v.t.Context(), func(tx *sqldb.Tx) error {
		return tx.Each(v.t.Context(), func(r *sql.Rows) error {
			var id, state string
			if err := r.Scan(&id, &state); err != nil {
				return err
			}
			states[state]++
			n := left[strings.Trim(id, "<>")]
			if n > 1 || state == "sent" && n != 1 || state != "sent" && state != "ambiguous" {
				v.t.Errorf("letter %s is %s and left %d times", id, state, n)
			}
			return nil
		}, `SELECT external_id, state FROM delivery`)
	}))
	if total := states["sent"] + states["ambiguous"]; total < len(v.answered) {
		v.t.Errorf("%d answers were taken, and %d letters left", len(v.answered), total)
	}
	v.t.Logf("letters: %v", states)
}
