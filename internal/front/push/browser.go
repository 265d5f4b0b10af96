package push

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/webpush"
)

// Limits and purposes.
const (
	maxEndpoint   = 1000 // bytes
	maxOfSession  = 3    // browsers; a session is one browser's, which may change its address
	sealedBrowser = "push.browser"
	sealedSender  = "push.sender"
	topic         = "kintsugi-answer"
)

// PublicKey returns the key that a page hands to its browser. It is made at first use.
func (p *Push) PublicKey(ctx context.Context) (string, error) {
	s, err := p.sender(ctx)
	if err != nil {
		return "", err
	}
	return s.Public()
}

const (
	senderSQL    = `SELECT sealed FROM push_sender`
	newSenderSQL = `INSERT INTO push_sender (one, sealed, created_at) VALUES (TRUE, $1, $2) ON CONFLICT DO NOTHING`
)

func (p *Push) sender(ctx context.Context) (*webpush.Sender, error) {
	var sealed string
	err := p.DB.Read(ctx, func(tx *sqldb.Tx) error { return tx.QueryRow(ctx, senderSQL).Scan(&sealed) })
	if errors.Is(err, sql.ErrNoRows) {
		sealed, err = p.makeSender(ctx)
	}
	if err != nil {
		return nil, err
	}
	secret, err := p.Key.Open(sealedSender, sealed)
	if err != nil { // the instance has another key than when it was sealed
		if sealed, err = p.replaceSender(ctx, sealed); err != nil {
			return nil, err
		}
		if secret, err = p.Key.Open(sealedSender, sealed); err != nil {
			return nil, err
		}
	}
	return webpush.ReadSender(secret, p.Origin)
}

// makeSender makes the key. Of two nodes that do at once both use the first's.
func (p *Push) makeSender(ctx context.Context) (sealed string, err error) {
	fresh, err := p.newSender()
	if err != nil {
		return "", err
	}
	err = p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, newSenderSQL, fresh, tx.Now.UnixMilli()); err != nil {
			return err
		}
		return tx.QueryRow(ctx, senderSQL).Scan(&sealed)
	})
	return sealed, err
}

// replaceSender puts a new key in place of one that cannot be opened any more. The
// browsers go with it: what is kept of them was sealed likewise, and they take
// nothing from another key. They come again when their visitors open a chat.
func (p *Push) replaceSender(ctx context.Context, old string) (sealed string, err error) {
	fresh, err := p.newSender()
	if err != nil {
		return "", err
	}
	replaced := false
	err = p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE push_sender SET sealed = $1, created_at = $2 WHERE sealed = $3`, fresh, tx.Now.UnixMilli(), old)
		if err != nil {
			return err
		}
		if replaced = n > 0; replaced {
			if _, err := tx.Exec(ctx, `DELETE FROM chat_push`); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, senderSQL).Scan(&sealed)
	})
	if err == nil && replaced {
		p.Log.WarnContext(ctx, "the instance key has changed: web push has a new key, and browsers ask anew")
	}
	return sealed, err
}

// newSender makes a key and seals it.
func (p *Push) newSender() (string, error) {
	s, err := webpush.NewSender(p.Origin)
	if err != nil {
		return "", err
	}
	secret, err := s.Secret()
	if err != nil {
		return "", err
	}
	return p.Key.Seal(sealedSender, secret), nil
}

// check says what is wrong with a browser that a page names.
func check(s webpush.Subscription) error {
	var c fault.Check
	u, err := url.Parse(s.Endpoint)
	c.That(err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(s.Endpoint) <= maxEndpoint, "body.endpoint", "error.field.invalid")
	c.That(s.Check() == nil, "body.keys", "error.field.invalid")
	return c.Err()
}

const (
	subscribeSQL = `INSERT INTO chat_push (id, token_hash, sealed, page, lang, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, sealed = excluded.sealed, page = excluded.page, lang = excluded.lang`
	crowdSQL = `DELETE FROM chat_push WHERE token_hash = $1 AND id NOT IN (SELECT id FROM chat_push WHERE token_hash = $1 ORDER BY created_at DESC, id DESC LIMIT $2)`
)

// Subscribe lets the browser of a session (the hash of its token) be told; page is
// opened when the visitor follows. fault.Invalid with fields.
func (p *Push) Subscribe(ctx context.Context, session, page, lang string, s webpush.Subscription) error {
	if err := check(s); err != nil {
		return err
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, subscribeSQL, seal.Hash(s.Endpoint), session, p.Key.Seal(sealedBrowser, string(doc)), page, phrase.Pick(lang), tx.Now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, crowdSQL, session, maxOfSession)
		return err
	})
}

// Unsubscribe ends it for the browsers of a session.
func (p *Push) Unsubscribe(ctx context.Context, session string) error {
	return p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM chat_push WHERE token_hash = $1`, session)
		return err
	})
}

type sending struct {
	ID string `json:"id"`
}

// notification is what the site's worker shows.
type notification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	URL   string `json:"url"`
}

const (
	browserSQL = `SELECT token_hash, sealed, page, lang FROM chat_push WHERE id = $1`
	toldSQL    = `SELECT inbox_id FROM chat_session WHERE token_hash = $1 AND ended_at IS NULL AND told_at IS NOT NULL`
)

// send tells one browser. Who has looked meanwhile is not told.
func (p *Push) send(ctx context.Context, j job.Job) error {
	var d sending
	if err := j.Decode(&d); err != nil {
		return job.Give(err)
	}
	var sealed, lang string
	var n notification
	var now time.Time
	err := p.DB.Read(ctx, func(tx *sqldb.Tx) error {
		now = tx.Now
		var session, inboxID string
		if err := tx.QueryRow(ctx, browserSQL, d.ID).Scan(&session, &sealed, &n.URL, &lang); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, toldSQL, session).Scan(&inboxID); err != nil {
			return err
		}
		box, err := p.Inboxes.ByID(ctx, tx, inboxID)
		if err != nil {
			return err
		}
		b, err := p.Brands.ByID(ctx, tx, box.BrandID)
		n.Title = b.Name
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	n.Body = p.Words.Text(lang, "chat.push.body", nil)
	m := webpush.Message{TTL: keptFor, Topic: topic, SentAt: now}
	doc, err := p.Key.Open(sealedBrowser, sealed)
	if err == nil {
		err = json.Unmarshal([]byte(doc), &m.To)
	}
	if err == nil {
		m.Words, err = json.Marshal(n)
	}
	if err != nil {
		return job.Give(errors.New("what is kept of a browser cannot be read")) // the library's words may quote it
	}
	s, err := p.sender(ctx)
	if err != nil {
		return err
	}
	q, err := s.Request(m)
	if err != nil {
		return job.Give(err)
	}
	return p.told(ctx, j, d.ID, outcome(p.ask(ctx, q)))
}

// answer is what became of a call.
type answer struct {
	status int
	header http.Header
	err    error
}

func outcome(a fetch.Answer, err error) answer { return answer{a.Status, a.Header, err} }

func (p *Push) ask(ctx context.Context, q fetch.Request) (fetch.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return fetch.Ask(ctx, p.Client, q)
}

// told judges a push service's answer: a browser that is gone is forgotten, what
// may go later is tried again for a while, and no more than that is made of it.
func (p *Push) told(ctx context.Context, j job.Job, id string, a answer) error {
	switch {
	case a.err == nil && a.status/100 == 2:
		return nil
	case a.status == http.StatusNotFound || a.status == http.StatusGone:
		return p.DB.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM chat_push WHERE id = $1`, id)
			return err
		})
	}
	return p.later(ctx, j, a, "telling a browser")
}

// later has a call made again, for a while, if that can help.
func (p *Push) later(ctx context.Context, j job.Job, a answer, what string) error {
	now := time.Time{}
	if err := p.DB.Read(ctx, func(tx *sqldb.Tx) error { now = tx.Now; return nil }); err != nil {
		return err
	}
	passing := a.err != nil || a.status == http.StatusRequestTimeout || a.status == http.StatusTooEarly || a.status == http.StatusTooManyRequests || a.status >= 500
	if !passing || now.Sub(j.CreatedAt) > callFor {
		p.Log.WarnContext(ctx, what+" that there is an answer did not work", "status", a.status, "error", a.err)
		return nil
	}
	if a.header.Get("Retry-After") != "" {
		return job.Later(now.Add(fetch.RetryAfter(a.header, now, laterPause)))
	}
	if a.err != nil {
		return a.err
	}
	return errors.New(strings.TrimSpace("the other side answered " + http.StatusText(a.status)))
}
