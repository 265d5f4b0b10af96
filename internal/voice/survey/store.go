package survey

import (
	"context"
	"database/sql"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

type row interface{ Scan(...any) error }

const invitationColumns = `id, kind, link, conversation_id, resolution, customer_id, inbox_id, brand_id, agent_id, team_id, locale,
	state, reason, run_at, sent_at, expires_at, delivery_id, address, created_at`

func scanInvitation(r row) (i Invitation, err error) {
	err = r.Scan(&i.ID, &i.Kind, &i.Link, &i.ConversationID, &i.Resolution, &i.CustomerID, &i.InboxID, &i.BrandID,
		sqldb.Str(&i.AgentID), sqldb.Str(&i.TeamID), &i.Locale, &i.State, &i.Reason, sqldb.At(&i.RunAt), sqldb.At(&i.SentAt),
		sqldb.At(&i.ExpiresAt), sqldb.Str(&i.DeliveryID), &i.Address, sqldb.At(&i.CreatedAt))
	return i, err
}

func scanInvitationRows(r *sql.Rows) (Invitation, error) { return scanInvitation(r) }

const insertInvitationSQL = `INSERT INTO invitation (` + invitationColumns + `, token_hash)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
	ON CONFLICT (conversation_id, kind, link, resolution) DO NOTHING`

// insertInvitation writes a new invitation; false if there is one for the same
// resolution already.
func insertInvitation(ctx context.Context, tx *sqldb.Tx, i Invitation, tokenHash string) (bool, error) {
	n, err := tx.Exec(ctx, insertInvitationSQL, i.ID, string(i.Kind), i.Link, i.ConversationID, i.Resolution, i.CustomerID, i.InboxID,
		i.BrandID, sqldb.Null(i.AgentID), sqldb.Null(i.TeamID), i.Locale, string(i.State), string(i.Reason), sqldb.Millis(i.RunAt),
		sqldb.Millis(i.SentAt), sqldb.Millis(i.ExpiresAt), sqldb.Null(i.DeliveryID), i.Address, i.CreatedAt.UnixMilli(), tokenHash)
	return n > 0, err
}

const saveInvitationSQL = `UPDATE invitation SET state = $2, reason = $3, run_at = $4, sent_at = $5, expires_at = $6, delivery_id = $7,
	brand_id = $8, agent_id = $9, team_id = $10, customer_id = $11, inbox_id = $12, locale = $13, address = $14 WHERE id = $1`

func saveInvitation(ctx context.Context, tx *sqldb.Tx, i Invitation) error {
	_, err := tx.Exec(ctx, saveInvitationSQL, i.ID, string(i.State), string(i.Reason), sqldb.Millis(i.RunAt), sqldb.Millis(i.SentAt),
		sqldb.Millis(i.ExpiresAt), sqldb.Null(i.DeliveryID), i.BrandID, sqldb.Null(i.AgentID), sqldb.Null(i.TeamID), i.CustomerID, i.InboxID, i.Locale, i.Address)
	return err
}

func setToken(ctx context.Context, tx *sqldb.Tx, invitationID, hash string) error {
	_, err := tx.Exec(ctx, `UPDATE invitation SET token_hash = $2 WHERE id = $1`, invitationID, hash)
	return err
}

const (
	invitationByIDSQL    = `SELECT ` + invitationColumns + ` FROM invitation WHERE id = $1`
	invitationByTokenSQL = `SELECT ` + invitationColumns + ` FROM invitation WHERE token_hash = $1`
	lastAskedSQL         = `SELECT ` + invitationColumns + ` FROM invitation
		WHERE conversation_id = $1 AND kind = $2 AND link = $3 ORDER BY resolution DESC LIMIT 1`
)

func invitationByID(ctx context.Context, tx *sqldb.Tx, id string) (Invitation, error) {
	i, err := scanInvitation(tx.QueryRow(ctx, invitationByIDSQL, id))
	return i, sqldb.NotFound(err, "error.survey.missing")
}

// lockInvitation reads an invitation that nobody else can change until the
// transaction ends.
func lockInvitation(ctx context.Context, tx *sqldb.Tx, id string) (Invitation, error) {
	if err := tx.Lock(ctx, "invitation", id); err != nil {
		return Invitation{}, err
	}
	return invitationByID(ctx, tx, id)
}

func invitationByToken(ctx context.Context, tx *sqldb.Tx, hash string) (Invitation, error) {
	i, err := scanInvitation(tx.QueryRow(ctx, invitationByTokenSQL, hash))
	return i, sqldb.NotFound(err, "error.survey.missing")
}

// lastAsked returns the newest invitation of one asker; false if there is none.
func lastAsked(ctx context.Context, tx *sqldb.Tx, conversationID string, kind Kind, link string) (Invitation, bool, error) {
	i, err := scanInvitation(tx.QueryRow(ctx, lastAskedSQL, conversationID, string(kind), link))
	if errors.Is(err, sql.ErrNoRows) {
		return Invitation{}, false, nil
	}
	return i, err == nil, err
}

const askedSinceSQL = `SELECT COUNT(*) FROM invitation
	WHERE customer_id = $1 AND id <> $2 AND state IN ('queued', 'sent', 'answered', 'expired') AND run_at > $3`

// askedSince reports whether a customer was asked anything after a time (in
// milliseconds), other than by this invitation.
func askedSince(ctx context.Context, tx *sqldb.Tx, i Invitation, since int64) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, askedSinceSQL, i.CustomerID, i.ID, since).Scan(&n)
	return n > 0, err
}

const policyColumns = `inbox_id, enabled, delay_minutes, sampling, cooldown_days, quiet_from, quiet_to, question, asks_repeat, updated_at, version`

func scanPolicy(r row) (p Policy, err error) {
	var minutes int64
	err = r.Scan(&p.InboxID, &p.Enabled, &minutes, &p.Sampling, &p.CoolDown, &p.QuietFrom, &p.QuietTo,
		sqldb.JSON{V: &p.Question}, &p.AsksRepeat, sqldb.At(&p.UpdatedAt), &p.Version)
	p.Delay = minutesToDuration(minutes)
	return p, err
}

const savePolicySQL = `INSERT INTO survey_policy (` + policyColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
	ON CONFLICT (inbox_id) DO UPDATE SET enabled = excluded.enabled, delay_minutes = excluded.delay_minutes, sampling = excluded.sampling,
	cooldown_days = excluded.cooldown_days, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, question = excluded.question,
	asks_repeat = excluded.asks_repeat,
	updated_at = excluded.updated_at, version = survey_policy.version + 1
	RETURNING version`

func savePolicy(ctx context.Context, tx *sqldb.Tx, p *Policy) error {
	return tx.QueryRow(ctx, savePolicySQL, p.InboxID, p.Enabled, durationToMinutes(p.Delay), p.Sampling, p.CoolDown,
		p.QuietFrom, p.QuietTo, sqldb.JSON{V: p.Question}, p.AsksRepeat, tx.Now.UnixMilli()).Scan(&p.Version)
}

func policyOf(ctx context.Context, tx *sqldb.Tx, inboxID string) (Policy, error) {
	p, err := scanPolicy(tx.QueryRow(ctx, `SELECT `+policyColumns+` FROM survey_policy WHERE inbox_id = $1`, inboxID))
	if errors.Is(err, sql.ErrNoRows) {
		return DefaultPolicy(inboxID), nil
	}
	return p, err
}

const responseColumns = `id, invitation_id, kind, link, conversation_id, customer_id, inbox_id, brand_id, agent_id, team_id,
	score, band, comment, repeated, answered_at, changed_at`

func scanResponse(r row) (a Response, err error) {
	err = r.Scan(&a.ID, &a.InvitationID, &a.Kind, &a.Link, &a.ConversationID, &a.CustomerID, &a.InboxID, &a.BrandID,
		sqldb.Str(&a.AgentID), sqldb.Str(&a.TeamID), &a.Score, &a.Band, &a.Comment, &a.Repeated, sqldb.At(&a.AnsweredAt), sqldb.At(&a.ChangedAt))
	return a, err
}

func scanResponseRows(r *sql.Rows) (Response, error) { return scanResponse(r) }

// responseOf returns what an invitation brought; false if nothing yet.
func responseOf(ctx context.Context, tx *sqldb.Tx, invitationID string) (Response, bool, error) {
	a, err := scanResponse(tx.QueryRow(ctx, `SELECT `+responseColumns+` FROM response WHERE invitation_id = $1`, invitationID))
	if errors.Is(err, sql.ErrNoRows) {
		return Response{}, false, nil
	}
	return a, err == nil, err
}

const insertResponseSQL = `INSERT INTO response (` + responseColumns + `, metric)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

func insertResponse(ctx context.Context, tx *sqldb.Tx, a Response) error {
	_, err := tx.Exec(ctx, insertResponseSQL, a.ID, a.InvitationID, string(a.Kind), a.Link, a.ConversationID, a.CustomerID, a.InboxID, a.BrandID,
		sqldb.Null(a.AgentID), sqldb.Null(a.TeamID), a.Score, string(a.Band), a.Comment, a.Repeated, a.AnsweredAt.UnixMilli(), sqldb.Millis(a.ChangedAt), Metric)
	return err
}

const changeResponseSQL = `UPDATE response SET score = $2, band = $3, comment = $4, changed_at = $5, repeated = $6 WHERE id = $1`

func changeResponse(ctx context.Context, tx *sqldb.Tx, a Response) error {
	_, err := tx.Exec(ctx, changeResponseSQL, a.ID, a.Score, string(a.Band), a.Comment, sqldb.Millis(a.ChangedAt), a.Repeated)
	return err
}

const addVersionSQL = `INSERT INTO response_history (response_id, position, score, comment, at, repeated)
	VALUES ($1, (SELECT COALESCE(MAX(position), 0) + 1 FROM response_history WHERE response_id = $1), $2, $3, $4, $5)`

// addVersion appends to a response's history; the response's row is locked.
func addVersion(ctx context.Context, tx *sqldb.Tx, responseID string, v Version) error {
	_, err := tx.Exec(ctx, addVersionSQL, responseID, v.Score, v.Comment, v.At.UnixMilli(), v.Repeated)
	return err
}
