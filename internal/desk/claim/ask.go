package claim

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed" // the mail
	"errors"
	"html/template"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/kit/tint"
)

// Purpose marks the letters of this package in the outbox.
const Purpose = "claim"

// defaultColor is a brand's without one.
const defaultColor = "#1f5fbf"

const (
	brandOfSQL = `SELECT brand_id FROM conversation WHERE customer_id = $1 ORDER BY last_at DESC LIMIT 1`
	askSQL     = `UPDATE claim SET asked_at = $2, token_hash = $3, brand_id = $4, lang = $5, until = $6 WHERE id = $1`
	forgetSQL  = `DELETE FROM claim_ask WHERE at < $1`
	askedOfSQL = `SELECT COUNT(*) FROM claim_ask WHERE address_key = $1 AND at >= $2`
	askedBySQL = `SELECT COUNT(*) FROM claim_ask WHERE asked_by = $1 AND at >= $2`
	noteAskSQL = `INSERT INTO claim_ask (id, address_key, asked_by, at) VALUES ($1, $2, $3, $4)`
)

// Ask mails the question to the address of a claim, in the customer's language and
// the name of the brand they last talked with. A link that was sent before opens
// nothing any more. Errors: fault.NotFound; fault.TooMany; fault.Conflict if no
// mail inbox of the brand can send.
func (x *Claims) Ask(ctx context.Context, by actor.Actor, id string) error {
	return x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := one(ctx, tx, byIDSQL, id)
		if err != nil {
			return err
		}
		who, err := x.Customers.ByID(ctx, tx, c.CustomerID)
		if err != nil {
			return err
		}
		b, box, err := x.voice(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		if err := x.mayAsk(ctx, tx, by, c); err != nil {
			return err
		}
		lang := phrase.Pick(cmp.Or(who.Locale, b.Locale))
		token, hash := seal.Token(tokenPrefix)
		if _, err := tx.Exec(ctx, askSQL, c.ID, tx.Now.UnixMilli(), hash, b.ID, lang, tx.Now.Add(Lasts).UnixMilli()); err != nil {
			return err
		}
		x.Journal.Emit(tx, ChangedFact, who.ID, by, struct{}{})
		l := x.letter(lang, b, token)
		html, err := l.html()
		if err != nil {
			return err
		}
		_, err = x.Outbox.QueueTx(ctx, tx, delivery.Letter{
			InboxID: box.ID, Purpose: Purpose, Subject: c.ID, ExternalID: x.IDs.New("claim") + "@" + domainOf(box.Address),
			From: channel.Address{Name: cmp.Or(box.SenderName, b.Name), Address: box.Address}, To: []channel.Address{{Address: c.Address}},
			Title: l.Title, Text: l.text(), HTML: html, Automatic: true,
		})
		return err
	})
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}

// voice is in whose name a customer is asked: the brand they last talked with, and
// its first mail inbox that sends.
func (x *Claims) voice(ctx context.Context, tx *sqldb.Tx, customerID string) (b brand.Brand, box inbox.Inbox, err error) {
	mute := fault.New(fault.Conflict, "error.claim.mute")
	var brandID string
	err = tx.QueryRow(ctx, brandOfSQL, customerID).Scan(&brandID)
	if errors.Is(err, sql.ErrNoRows) {
		return b, box, mute
	}
	if err != nil {
		return b, box, err
	}
	if b, err = x.Brands.ByID(ctx, tx, brandID); err != nil {
		return b, box, err
	}
	list, err := x.Inboxes.List(ctx, tx)
	if err != nil {
		return b, box, err
	}
	for _, i := range list {
		if i.BrandID == b.ID && i.Kind == inbox.Email && i.Active && x.Inboxes.Sends(i) {
			return b, i, nil
		}
	}
	return b, box, mute
}

// mayAsk notes a question and refuses one too many: an address belongs to somebody
// who may never have heard of us.
func (x *Claims) mayAsk(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Claim) error {
	key, asker := text.Fold(c.Address), string(by.Kind)+":"+by.ID
	for _, name := range []string{"claim ask " + key, "claim by " + asker} {
		if err := tx.Serialize(ctx, name); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, forgetSQL, tx.Now.Add(-max(addressWithin, agentWithin)).UnixMilli()); err != nil {
		return err
	}
	var of, own int
	if err := tx.QueryRow(ctx, askedOfSQL, key, tx.Now.Add(-addressWithin).UnixMilli()).Scan(&of); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, askedBySQL, asker, tx.Now.Add(-agentWithin).UnixMilli()).Scan(&own); err != nil {
		return err
	}
	switch {
	case of >= perAddress:
		return fault.New(fault.TooMany, "error.claim.often", "max", perAddress)
	case own >= perAgent:
		return fault.New(fault.TooMany, "error.claim.busy", "max", perAgent)
	}
	_, err := tx.Exec(ctx, noteAskSQL, x.IDs.New("ask"), key, asker, tx.Now.UnixMilli())
	return err
}

//go:embed mail.gohtml
var mailHTML string

// letter is the question as a mail.
type letter struct {
	Lang, Title, Hello string
	Lines              []string
	Label, Link        string
	Foot               []string
	Accent, Ink        string
}

func (x *Claims) letter(lang string, b brand.Brand, token string) letter {
	say := func(key string) string {
		return x.Words.Text(lang, key, map[string]any{"brand": b.Name, "days": int(Lasts.Hours() / 24)})
	}
	accent := tint.Or(b.Color, tint.Or(defaultColor, tint.Color{}))
	return letter{Lang: lang, Title: say("claim.mail.title"), Lines: []string{say("claim.mail.hello"), say("claim.mail.why"), say("claim.mail.what")},
		Label: say("claim.mail.open"), Link: x.PublicURL + Path + token, Foot: []string{say("claim.mail.until"), say("claim.mail.notYou"), b.Name},
		Accent: accent.String(), Ink: accent.Ink().String()}
}

func (l letter) text() string {
	return strings.Join(l.Lines, "\n\n") + "\n\n" + l.Label + "\n" + l.Link + "\n\n" + strings.Join(l.Foot, "\n") + "\n"
}

func (l letter) html() (string, error) {
	t, err := template.New("mail").Parse(mailHTML)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, l)
	return b.String(), err
}
