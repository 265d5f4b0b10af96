package survey

import (
	"context"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of an answer.
const (
	// MaxComment is in user-perceived characters, whatever their bytes: a kana
	// with its voicing mark, a flag or a family of emoji is one.
	MaxComment = 2000
	// maxCommentBytes bounds what marks piled on one character can do; the
	// longest sensible comment, 2,000 families of emoji, stays below.
	maxCommentBytes = 96 << 10
	// maxVersions bounds how often one answer can be changed.
	maxVersions = 50
)

// Answer is what a customer says.
type Answer struct {
	Score   int
	Comment string
	// Repeated says whether they had to tell the same thing again; nil: they did
	// not say. It is dropped where that is not asked.
	Repeated *bool
}

// check brings an answer into the form in which it is kept and says what is
// wrong with it.
func (a Answer) check() (Answer, error) {
	a.Comment = cleanComment(a.Comment)
	var c fault.Check
	_, ok := BandOf(a.Score)
	c.That(ok, "body.score", "error.survey.score")
	n := text.Length(a.Comment)
	c.That(n <= MaxComment && len(a.Comment) <= maxCommentBytes, "body.comment", "error.survey.comment", "count", n, "max", MaxComment)
	return a, c.Err()
}

// cleanComment makes valid UTF-8 with plain line ends and without control
// characters of what a browser sent.
func cleanComment(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// Answer records what the holder of a token says, or changes what was said
// before, and returns the form as it is then. The same answer again changes
// nothing. Errors: fault.NotFound for an unknown token, fault.Invalid with
// fields, fault.Conflict "error.survey.expired" or "error.survey.closed".
func (p *Program) Answer(ctx context.Context, token string, a Answer) (Form, error) {
	return answerBy(ctx, p, held(token), a)
}

func answerBy(ctx context.Context, p *Program, which finder, a Answer) (f Form, err error) {
	a, wrong := a.check()
	err = p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		i, err := which(ctx, tx)
		if err != nil {
			return err
		}
		if wrong != nil {
			return wrong
		}
		if i, err = lockInvitation(ctx, tx, i.ID); err != nil {
			return err
		}
		if f, err = p.form(ctx, tx, i); err != nil {
			return err
		}
		if !f.AsksRepeat {
			a.Repeated = nil
		}
		if err := p.record(ctx, tx, i, a); err != nil {
			return err
		}
		f, err = p.form(ctx, tx, i)
		return err
	})
	return f, err
}

func (p *Program) record(ctx context.Context, tx *sqldb.Tx, i Invitation, a Answer) error {
	r, answered, err := responseOf(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	if answered && r.Score == a.Score && r.Comment == a.Comment && same(r.Repeated, a.Repeated) {
		return nil
	}
	switch s, _ := stage(i, r, answered, tx.Now); s {
	case Over:
		return fault.New(fault.Conflict, "error.survey.expired")
	case Final:
		return fault.New(fault.Conflict, "error.survey.closed")
	case Changeable:
		return p.change(ctx, tx, i, r, a)
	}
	return p.first(ctx, tx, i, a)
}

// same compares two answers that may not have been given.
func same(a, b *bool) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func (p *Program) first(ctx context.Context, tx *sqldb.Tx, i Invitation, a Answer) error {
	band, _ := BandOf(a.Score) // checked before
	r := Response{ID: p.IDs.New("resp"), InvitationID: i.ID, Kind: i.Kind, Link: i.Link, ConversationID: i.ConversationID,
		CustomerID: i.CustomerID, InboxID: i.InboxID, BrandID: i.BrandID, AgentID: i.AgentID, TeamID: i.TeamID,
		Score: a.Score, Band: band, Comment: a.Comment, Repeated: a.Repeated, AnsweredAt: tx.Now}
	if err := insertResponse(ctx, tx, r); err != nil {
		return err
	}
	i.State, i.Reason = Answered, ""
	if err := saveInvitation(ctx, tx, i); err != nil {
		return err
	}
	if err := p.Queue.Cancel(ctx, tx, expireDuty, i.ID); err != nil {
		return err
	}
	return p.tell(ctx, tx, i, r)
}

func (p *Program) change(ctx context.Context, tx *sqldb.Tx, i Invitation, r Response, a Answer) error {
	n, err := countVersions(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	if n >= maxVersions {
		return fault.New(fault.Conflict, "error.survey.closed")
	}
	r.Band, _ = BandOf(a.Score)
	r.Score, r.Comment, r.Repeated, r.ChangedAt = a.Score, a.Comment, a.Repeated, tx.Now
	if err := changeResponse(ctx, tx, r); err != nil {
		return err
	}
	return p.tell(ctx, tx, i, r)
}

// tell keeps the version and reports it.
func (p *Program) tell(ctx context.Context, tx *sqldb.Tx, i Invitation, r Response) error {
	if err := addVersion(ctx, tx, r.ID, Version{Score: r.Score, Comment: r.Comment, Repeated: r.Repeated, At: tx.Now}); err != nil {
		return err
	}
	p.Journal.Emit(tx, RespondedFact, r.ID, byCustomer(i), RespondedData{
		InvitedData: i.facts(), InvitationID: i.ID, InboxID: i.InboxID, AgentID: i.AgentID, TeamID: i.TeamID,
		Score: r.Score, Band: string(r.Band), Comment: r.Comment, Repeated: r.Repeated, Changed: !r.ChangedAt.IsZero(),
	})
	return nil
}
