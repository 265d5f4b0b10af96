package survey

import (
	"context"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// finder finds an invitation for somebody who may answer it, else fault.NotFound.
type finder func(ctx context.Context, tx *sqldb.Tx) (Invitation, error)

// held finds the invitation of a token: whoever has the letter may answer it.
func held(token string) finder {
	return func(ctx context.Context, tx *sqldb.Tx) (Invitation, error) { return byToken(ctx, tx, token) }
}

// Reader is somebody who reads conversations where they stand, and is asked there
// and not by letter. Who fills it in knows who they are.
type Reader struct {
	InboxID       string
	Conversations []string // in which they take part
	Addresses     []string // that are theirs
}

const offeredSQL = `SELECT ` + invitationColumns + ` FROM invitation WHERE inbox_id = $1 AND state IN ('queued', 'sent', 'answered')
AND conversation_id IN (`

// Thread is how a reader is asked. Make it with In.
type Thread struct {
	program *Program
	reader  Reader
}

// In returns what a reader can do with what they are asked.
func In(p *Program, r Reader) Thread { return Thread{p, r} }

// Offered returns the newest invitation that the reader can answer, or whose answer
// they can still change; ok is false if there is none. It writes nothing.
func (t Thread) Offered(ctx context.Context, tx *sqldb.Tx) (f Form, ok bool, err error) {
	list, err := t.reader.invitations(ctx, tx)
	if err != nil {
		return f, false, err
	}
	for _, i := range list {
		if f, err = t.program.form(ctx, tx, i); err != nil {
			return f, false, err
		}
		if !f.Stopped && (f.Stage == Unanswered || f.Stage == Changeable) {
			return f, true, nil
		}
	}
	return Form{}, false, nil
}

// Answer is Program.Answer for the reader, who names the invitation.
func (t Thread) Answer(ctx context.Context, invitationID string, a Answer) (Form, error) {
	return answerBy(ctx, t.program, t.reader.named(invitationID), a)
}

// OptOut is Program.OptOut for the reader.
func (t Thread) OptOut(ctx context.Context, invitationID string) (Form, error) {
	return optOutBy(ctx, t.program, t.reader.named(invitationID))
}

// named finds one of the reader's own invitations.
func (r Reader) named(id string) finder {
	return func(ctx context.Context, tx *sqldb.Tx) (Invitation, error) {
		list, err := r.invitations(ctx, tx)
		if err != nil {
			return Invitation{}, err
		}
		if n := slices.IndexFunc(list, func(i Invitation) bool { return i.ID == id }); n >= 0 {
			return list[n], nil
		}
		return Invitation{}, fault.New(fault.NotFound, "error.survey.missing")
	}
}

// maxOffered is how many invitations of a reader are looked at, the newest first.
const maxOffered = 10

// invitations are those that went to the reader. A conversation that was joined
// with another by mistake shows nobody what somebody else was asked.
func (r Reader) invitations(ctx context.Context, tx *sqldb.Tx) ([]Invitation, error) {
	if len(r.Conversations) == 0 {
		return nil, nil
	}
	marks, args := sqldb.In(3, r.Conversations)
	list, err := sqldb.List(ctx, tx, scanInvitationRows, offeredSQL+marks+`) ORDER BY run_at DESC, id DESC LIMIT $2`, append([]any{r.InboxID, maxOffered}, args...)...)
	return slices.DeleteFunc(list, func(i Invitation) bool {
		return !slices.ContainsFunc(r.Addresses, func(a string) bool { return text.Fold(a) == text.Fold(i.Address) })
	}), err
}
