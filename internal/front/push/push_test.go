package push_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/front/push"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/webpush"
)

const (
	mei        = "v-mei"
	pushSecret = "whsec_VGhlIG90aGVyIHdheSBoYXMgaXRzIG93biBrZXk="
)

// away is a desk whose visitor Mei is away, and a push service that plays the
// browsers', and a company's server.
type away struct {
	*threadtest.Desk
	push    *push.Push
	box     inbox.Inbox
	door    *intake.Door
	server  *httptest.Server
	browser *ecdh.PrivateKey
	auth    []byte

	mu     sync.Mutex
	calls  []*http.Request
	bodies [][]byte
	status int
	n      int
}

func each(t *testing.T, fn func(a *away)) {
	t.Helper()
	eachBy(t, nil, fn)
}

// eachBy is each with a client of its own; nil: one that trusts the played server.
func eachBy(t *testing.T, client *http.Client, fn func(a *away)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		a := &away{Desk: threadtest.New(t, db, c), status: http.StatusCreated, auth: make([]byte, 16)}
		var err error
		a.browser, err = ecdh.P256().GenerateKey(rand.Reader)
		a.must(err)
		a.server = httptest.NewTLSServer(a)
		t.Cleanup(a.server.Close)
		by := client
		if by == nil {
			by = a.server.Client()
		}
		a.push = push.New(push.Deps{DB: db, Queue: a.Queue, Key: a.Key, Inboxes: a.Inboxes, Brands: a.Brands, Threads: a.Threads, Words: a.Phrases,
			Log: slog.New(slog.DiscardHandler), Client: by, Origin: "https://desk.example"})
		event.On(a.Journal, conversation.DeliveredFact, "chat.push", a.push.OnDelivered)
		a.door = intake.New(intake.Tools{DB: db, IDs: a.IDs, Journal: a.Journal, Blobs: a.Blobs, Kinds: []channel.Kind{webchat.Kind},
			Inboxes: a.Inboxes, Customers: a.Customers, Outbox: a.Outbox, Threads: a.Threads, Queue: a.Queue})
		a.box = a.chat(inbox.Values{})
		fn(a)
	})
}

func (a *away) chat(more inbox.Values) inbox.Inbox {
	a.Helper()
	name := "Chat"
	values := inbox.Values{"origins": []any{"https://www.shop.example"}}
	for k, v := range more {
		values[k] = v
	}
	box, err := a.Inboxes.Create(a.Context(), actor.OfSystem("test"), inbox.Change{Kind: webchat.Name, BrandID: &a.Brand.ID, Name: &name, Values: values})
	a.must(err)
	return box
}

// ServeHTTP plays the other sides.
func (a *away) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls, a.bodies = append(a.calls, r), append(a.bodies, body)
	w.WriteHeader(a.status)
}

func (a *away) answers(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status = status
}

// taken returns the calls since the last look.
func (a *away) taken() (calls []*http.Request, bodies [][]byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	calls, bodies = a.calls, a.bodies
	a.calls, a.bodies = nil, nil
	return calls, bodies
}

func (a *away) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

const sessionSQL = `INSERT INTO chat_session (token_hash, inbox_id, address, name, email, proven, lang, seen_at, subject, created_at) VALUES ($1, $2, $3, '', '', FALSE, 'ja', $4, $5, $4)`

// begin makes a session of a visitor.
func (a *away) begin(hash, address, subject string) {
	a.Helper()
	a.must(a.DB.Write(a.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(a.Context(), sessionSQL, hash, a.box.ID, address, tx.Now.UnixMilli(), subject)
		return err
	}))
}

func (a *away) say(address string) conversation.ID {
	a.Helper()
	a.n++
	raw, err := webchat.Said{ID: "client-" + strings.Repeat("0", a.n), From: address, At: a.Clock.Now(), Text: "Hello"}.Raw()
	a.must(err)
	e, err := a.door.Accept(a.Context(), a.box.ID, raw)
	a.must(err)
	return e.ConversationID
}

func (a *away) reply(id conversation.ID, text string) {
	a.Helper()
	_, err := a.Threads.Post(a.Context(), a.Hana, conversation.Reply{ConversationID: id, Text: text})
	a.must(err)
	a.Wait(15 * time.Second)
}

func (a *away) looked(address string) {
	a.Helper()
	a.must(a.DB.Write(a.Context(), func(tx *sqldb.Tx) error { return a.push.LookedTx(a.Context(), tx, address) }))
}

func (a *away) subscription(path string) webpush.Subscription {
	enc := base64.RawURLEncoding.EncodeToString
	return webpush.Subscription{Endpoint: a.server.URL + path, Keys: webpush.Keys{P256dh: enc(a.browser.PublicKey().Bytes()), Auth: enc(a.auth)}}
}

// read decrypts what came as a browser does (RFC 8291).
func (a *away) read(body []byte) string {
	a.Helper()
	salt, rest := body[:16], body[20:]
	server, sealed := rest[1:1+rest[0]], rest[1+rest[0]:]
	key, err := ecdh.P256().NewPublicKey(server)
	a.must(err)
	shared, err := a.browser.ECDH(key)
	a.must(err)
	ikm, err := hkdf.Key(sha256.New, shared, a.auth, "WebPush: info\x00"+string(a.browser.PublicKey().Bytes())+string(server), 32)
	a.must(err)
	cek, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	a.must(err)
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	a.must(err)
	block, err := aes.NewCipher(cek)
	a.must(err)
	gcm, err := cipher.NewGCM(block)
	a.must(err)
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	a.must(err)
	return strings.TrimSuffix(string(plain), "\x02")
}

func TestABrowserIsToldOnceAndReadsIt(t *testing.T) {
	each(t, func(a *away) {
		ctx := a.Context()
		a.begin("hash-mei", mei, "")
		a.begin("hash-ken", "v-ken", "")
		public, err := a.push.PublicKey(ctx)
		a.must(err)
		again, err := a.push.PublicKey(ctx)
		a.must(err)
		if public != again || len(public) != 87 {
			a.Errorf("keys %q and %q", public, again)
		}
		a.must(a.push.Subscribe(ctx, "hash-mei", "https://www.shop.example/bowls", "ja", a.subscription("/mei")))
		a.must(a.push.Subscribe(ctx, "hash-ken", "", "en", a.subscription("/ken")))
		id := a.say(mei)
		a.say("v-ken")
		a.reply(id, "A secret answer.")
		if calls, _ := a.taken(); len(calls) != 0 {
			a.Error("told before anybody could have looked")
		}
		a.Wait(push.Bundle)
		calls, bodies := a.taken()
		if len(calls) != 1 || calls[0].URL.Path != "/mei" {
			a.Fatalf("%d calls", len(calls))
		}
		h := calls[0].Header
		if h.Get("Content-Encoding") != "aes128gcm" || h.Get("TTL") != "86400" || !strings.HasPrefix(h.Get("Authorization"), "vapid t=ey") || !strings.HasSuffix(h.Get("Authorization"), ", k="+public) {
			a.Errorf("fields %v", h)
		}
		var n struct{ Title, Body, URL string }
		a.must(json.Unmarshal([]byte(a.read(bodies[0])), &n))
		if n.Title != a.Brand.Name || n.URL != "https://www.shop.example/bowls" || n.Body != "お問い合わせに新しいお返事があります。" || strings.Contains(a.read(bodies[0]), "secret") {
			a.Errorf("told %+v", n)
		}
		// Once, until they have looked.
		a.reply(id, "And another.")
		a.Wait(push.Bundle)
		if calls, _ := a.taken(); len(calls) != 0 {
			a.Errorf("told again %d times", len(calls))
		}
		a.looked(mei)
		a.Wait(push.Fresh)
		a.taken()
		a.reply(id, "A third.")
		a.Wait(push.Bundle)
		if calls, _ := a.taken(); len(calls) != 1 {
			a.Errorf("after a look told %d times", len(calls))
		}
	})
}

func TestWhoIsConnectedIsNotTold(t *testing.T) {
	each(t, func(a *away) {
		ctx := a.Context()
		a.begin("hash-mei", mei, "")
		a.must(a.push.Subscribe(ctx, "hash-mei", "", "en", a.subscription("/mei")))
		id := a.say(mei)
		a.must(a.push.Live(ctx, []string{"hash-mei"}, false))
		a.reply(id, "Yes.")
		a.must(a.push.Live(ctx, []string{"hash-mei"}, false))
		a.Wait(push.Bundle)
		if calls, _ := a.taken(); len(calls) != 0 {
			a.Error("who looks at it is told")
		}
		a.Wait(push.Fresh) // they went away without having read
		if calls, _ := a.taken(); len(calls) != 1 {
			a.Errorf("who went away is told %d times", len(calls))
		}
	})
}

func TestABrowserThatIsGoneIsForgotten(t *testing.T) {
	each(t, func(a *away) {
		ctx := a.Context()
		a.begin("hash-mei", mei, "")
		a.must(a.push.Subscribe(ctx, "hash-mei", "", "en", a.subscription("/mei")))
		id := a.say(mei)
		a.answers(http.StatusServiceUnavailable)
		a.reply(id, "Yes.")
		a.Wait(push.Bundle)
		if calls, _ := a.taken(); len(calls) == 0 || a.Count("chat_push") != 1 {
			a.Errorf("%d calls, %d browsers", len(calls), a.Count("chat_push"))
		}
		a.answers(http.StatusGone)
		a.Wait(10 * time.Minute)
		if calls, _ := a.taken(); len(calls) != 1 || a.Count("chat_push") != 0 {
			a.Errorf("%d calls, %d browsers", len(calls), a.Count("chat_push"))
		}
		for name, s := range map[string]webpush.Subscription{
			"no https": {Endpoint: "http://push.example/x", Keys: a.subscription("").Keys}, "no keys": {Endpoint: "https://push.example/x"},
			"with a name": {Endpoint: "https://a:b@push.example/x", Keys: a.subscription("").Keys},
		} {
			if err := a.push.Subscribe(ctx, "hash-mei", "", "en", s); !fault.Is(err, fault.Invalid) {
				a.Errorf("%s: %v", name, err)
			}
		}
		for i := range 5 {
			a.Clock.Advance(time.Second)
			a.must(a.push.Subscribe(ctx, "hash-mei", "", "en", a.subscription("/"+strings.Repeat("x", i+1))))
		}
		if n := a.Count("chat_push"); n != 3 {
			a.Errorf("%d browsers of a session", n)
		}
		a.must(a.push.Unsubscribe(ctx, "hash-mei"))
		if n := a.Count("chat_push"); n != 0 {
			a.Errorf("%d browsers after the visitor ended it", n)
		}
	})
}

// TestAnotherInstanceKey: what was sealed with a key that is lost does not stop web
// push for ever.
func TestAnotherInstanceKey(t *testing.T) {
	each(t, func(a *away) {
		ctx := a.Context()
		a.begin("hash-mei", mei, "")
		before, err := a.push.PublicKey(ctx)
		a.must(err)
		a.must(a.push.Subscribe(ctx, "hash-mei", "", "en", a.subscription("/old")))
		a.push.Key = seal.Random()
		now, err := a.push.PublicKey(ctx)
		a.must(err)
		again, err := a.push.PublicKey(ctx)
		a.must(err)
		if now == before || again != now || a.Count("chat_push") != 0 {
			a.Errorf("keys %q, %q, %q, %d browsers", before, now, again, a.Count("chat_push"))
		}
		a.must(a.push.Subscribe(ctx, "hash-mei", "", "en", a.subscription("/new")))
		a.reply(a.say(mei), "Yes.")
		a.Wait(push.Bundle)
		if calls, _ := a.taken(); len(calls) != 1 || calls[0].URL.Path != "/new" {
			a.Errorf("told %d times", len(calls))
		}
	})
}

// TestNobodyInsideIsTold: a page chooses where a browser is reached, and may choose
// what is beside us.
func TestNobodyInsideIsTold(t *testing.T) {
	eachBy(t, fetch.Client(fetch.Dialer{}.Dial), func(a *away) {
		a.begin("hash-mei", mei, "")
		a.must(a.push.Subscribe(a.Context(), "hash-mei", "", "en", a.subscription("/mei")))
		a.reply(a.say(mei), "Yes.")
		a.Wait(push.Bundle)
		a.Wait(3 * time.Hour)
		if calls, _ := a.taken(); len(calls) != 0 {
			a.Errorf("%d calls went to this machine", len(calls))
		}
	})
}

func TestACompanysServerIsCalled(t *testing.T) {
	each(t, func(a *away) {
		a.box = a.chat(inbox.Values{"pushAddress": a.server.URL + "/app", "pushSecret": pushSecret})
		a.begin("hash-mei", mei, "customer-1207")
		id := a.say(mei)
		a.answers(http.StatusBadGateway)
		a.reply(id, "A secret answer.")
		a.reply(id, "And another.")
		a.Wait(push.Bundle)
		first, _ := a.taken()
		a.answers(http.StatusNoContent)
		a.Wait(10 * time.Minute)
		calls, bodies := a.taken()
		if len(first) == 0 || len(calls) != 1 || calls[0].URL.Path != "/app" || calls[0].Header.Get("Webhook-Id") != first[0].Header.Get("Webhook-Id") {
			a.Fatalf("%d calls after %d", len(calls), len(first))
		}
		var d struct {
			Type, Conversation string
			Visitor            struct{ ID, Sub string }
			Unread             int
		}
		a.must(json.Unmarshal(bodies[0], &d))
		if d.Type != "unread" || d.Conversation != string(id) || d.Visitor.ID != mei || d.Visitor.Sub != "customer-1207" || d.Unread < 1 || strings.Contains(string(bodies[0]), "secret") {
			a.Errorf("told %s", bodies[0])
		}
		at, err := time.Parse(time.RFC3339, timeOf(a, bodies[0]))
		a.must(err)
		h := http.Header{}
		a.must(hook.Sign(h, pushSecret, hook.Signed{ID: calls[0].Header.Get("Webhook-Id"), At: at, Body: bodies[0]}))
		if calls[0].Header.Get("Webhook-Signature") != h.Get("Webhook-Signature") {
			a.Error("the signature is not that of docs/HOOK.md")
		}
	})
}

// TestACallMadeAgainLooksAnew: a call that failed is made again later, and by then
// the visitor may have come, or read, or more was said.
func TestACallMadeAgainLooksAnew(t *testing.T) {
	each(t, func(a *away) {
		a.box = a.chat(inbox.Values{"pushAddress": a.server.URL, "pushSecret": pushSecret})
		a.begin("hash-mei", mei, "")
		id := a.say(mei)
		fails := func(words string) {
			a.Helper()
			a.answers(http.StatusBadGateway)
			a.reply(id, words)
			a.Wait(push.Bundle)
			if calls, _ := a.taken(); len(calls) == 0 {
				a.Fatal("nobody was called")
			}
			a.answers(http.StatusNoContent)
		}
		fails("One.")
		fails("Two.")
		a.Wait(10 * time.Minute)
		if _, bodies := a.taken(); len(bodies) != 1 || !strings.Contains(string(bodies[0]), `"unread":2`) {
			a.Errorf("told of two %s", bodies)
		}

		fails("Three.")
		a.must(a.push.Live(a.Context(), []string{"hash-mei"}, true))
		a.Wait(push.Fresh - time.Second)
		if _, bodies := a.taken(); len(bodies) != 0 {
			a.Errorf("who is there is called: %s", bodies)
		}
		a.Wait(10 * time.Minute) // they went without having read
		if _, bodies := a.taken(); len(bodies) != 1 || !strings.Contains(string(bodies[0]), `"unread":3`) {
			a.Errorf("who went is told %s", bodies)
		}

		fails("Four.")
		a.must(a.DB.Write(a.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(a.Context(), `UPDATE delivery SET read_at = $1`, tx.Now.UnixMilli())
			return err
		}))
		a.Wait(10 * time.Minute)
		if _, bodies := a.taken(); len(bodies) != 0 {
			a.Errorf("who has read is called: %s", bodies)
		}
	})
}

func timeOf(a *away, body []byte) string {
	var d struct{ At string }
	a.must(json.Unmarshal(body, &d))
	return d.At
}
