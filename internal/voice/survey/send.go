package survey

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// send looks at a planned invitation once more, now that it is due, and writes
// the letter if it still holds.
func (p *Program) send(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	var d duty
	if err := j.Decode(&d); err != nil {
		return job.Give(err)
	}
	i, err := lockInvitation(ctx, tx, d.InvitationID)
	if err != nil || i.State != Planned {
		return err
	}
	// Two conversations of one customer may fall due at the same moment.
	if err := tx.Serialize(ctx, "survey customer "+i.CustomerID); err != nil {
		return err
	}
	s, err := p.gather(ctx, tx, &i)
	if err != nil {
		return err
	}
	reason := overtaken(i, s.conversation, tx.Now)
	if reason == "" {
		reason = s.refusal()
	}
	if reason != "" {
		return p.skip(ctx, tx, i, reason)
	}
	awake, err := s.policy.Awake(tx.Now, s.brand.Zone)
	if err != nil {
		return err
	}
	if awake, err = s.awake(awake); err != nil {
		return err
	}
	if awake.After(tx.Now) {
		return job.Later(awake)
	}
	return p.write(ctx, tx, i, s)
}

// awake returns the first time from t on that lies in the hours in which the
// customer likes to be reached and in none of the policy's quiet ones. Hours that
// have none in common are the customer's to choose.
func (s scene) awake(t time.Time) (time.Time, error) {
	liked, err := s.customer.Within(t, s.brand.Zone)
	if err != nil || liked.Equal(t) {
		return t, err
	}
	both, err := s.policy.Awake(liked, s.brand.Zone)
	if err != nil {
		return t, err
	}
	again, err := s.customer.Within(both, s.brand.Zone)
	if err != nil || again.Equal(both) {
		return both, err
	}
	return liked, nil
}

const overdueSQL = `SELECT id FROM invitation WHERE state = 'planned' AND run_at <= $1 ORDER BY id`

// DoubtTx skips the planned invitations that were due up to a moment, in a
// database that came out of a backup then: they may have been sent after the
// backup was made. It returns how many they are.
func (p *Program) DoubtTx(ctx context.Context, tx *sqldb.Tx, due time.Time) (n int, err error) {
	ids, err := sqldb.List(ctx, tx, func(r *sql.Rows) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	}, overdueSQL, due.UnixMilli())
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		i, err := lockInvitation(ctx, tx, id)
		if err == nil {
			err = p.skip(ctx, tx, i, Restored)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (p *Program) skip(ctx context.Context, tx *sqldb.Tx, i Invitation, reason Reason) error {
	i.State, i.Reason = Skipped, reason
	p.Journal.Emit(tx, SkippedFact, i.ID, system(), SkippedData{InvitedData: i.facts(), Reason: string(reason)})
	return saveInvitation(ctx, tx, i)
}

// write makes the token and the letter and hands the letter to the outbox.
func (p *Program) write(ctx context.Context, tx *sqldb.Tx, i Invitation, s scene) error {
	openFor := i.ExpiresAt.Sub(i.RunAt)
	i.RunAt, i.ExpiresAt, i.State = tx.Now, tx.Now.Add(openFor), Queued
	token, hash := seal.Token("")
	l, err := letter(p, i, s, p.PublicURL+"/s/"+token)
	if err != nil {
		return err
	}
	d, err := p.Post.QueueTx(ctx, tx, l)
	if err != nil {
		return err
	}
	i.DeliveryID = string(d.ID)
	if err := saveInvitation(ctx, tx, i); err != nil {
		return err
	}
	if err := setToken(ctx, tx, i.ID, hash); err != nil {
		return err
	}
	p.Journal.Emit(tx, InvitedFact, i.ID, system(), i.facts())
	return p.expireLater(ctx, tx, i)
}

func letter(p *Program, i Invitation, s scene, link string) (delivery.Letter, error) {
	mail, err := p.writer.compose(asking{
		Lang: i.Locale, Kind: i.Kind, Brand: s.brand.Name, Color: s.brand.Color, Zone: s.brand.Zone,
		Customer: s.customer.Name, Subject: s.conversation.Subject, Ref: s.conversation.Ref,
		Question: Question(p.Words, i.Locale, i.Kind, s.policy.Question), Link: link, Until: i.ExpiresAt, Signature: s.inbox.Signature,
	})
	if err != nil {
		return delivery.Letter{}, err
	}
	if s.chat {
		mail = letterText{Text: chatLetter(p.Words, i, s, link)}
	}
	from := channel.Address{Name: s.inbox.SenderName, Address: s.inbox.Address}
	if from.Name == "" {
		from.Name = s.brand.Name
	}
	return delivery.Letter{
		InboxID: s.inbox.ID, Purpose: Purpose, Subject: i.ID,
		ExternalID: p.Threads.LetterID(s.conversation.ID, s.inbox.Address),
		From:       from, To: []channel.Address{s.to},
		Title: mail.Title, Text: mail.Text, HTML: mail.HTML,
		InReplyTo: s.thread.inReplyTo, References: s.thread.references, Automatic: true,
		Headers: map[string]string{
			"List-Unsubscribe":      "<" + StopLink(link) + ">",
			"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", // RFC 8058
		},
	}, nil
}

// Question is what is asked in a language: the inbox's own wording where it has
// one, else the product's.
func Question(words *phrase.Catalogue, lang string, kind Kind, own map[string]string) string {
	if q := strings.TrimSpace(own[lang]); q != "" && kind == CSAT {
		return text.Clip(q, MaxQuestion)
	}
	return words.Text(lang, "survey.question."+string(kind), nil)
}
