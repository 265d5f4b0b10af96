package recovery

import (
	"context"
	"database/sql"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const caseColumns = `c.id, c.ref, c.brand_id, c.customer_id, c.conversation_id, c.source_kind, c.source_id, c.source_label,
	c.severity, c.inputs, c.state, c.outcome, c.owner_id, c.double_deviation, c.reopened, c.score_before, c.score_after,
	c.cause, c.measure, c.informed_at, c.informed_id, c.playbook_id, p.version, p.key, c.tries, c.due_at,
	c.opened_at, c.round_at, c.closed_at, c.confirmed_at, c.close_reason, c.version`

const caseFrom = ` FROM recovery_case c JOIN playbook p ON p.id = c.playbook_id `

type row interface{ Scan(...any) error }

func scanCase(r row, more ...any) (c Case, err error) {
	var before, after sql.NullInt64
	err = r.Scan(append([]any{&c.ID, &c.Ref, &c.BrandID, &c.CustomerID, &c.ConversationID, &c.Source.Kind, &c.Source.ID, &c.Source.Label,
		&c.Severity, sqldb.JSON{V: &c.Inputs}, &c.State, sqldb.Str(&c.Outcome), sqldb.Str(&c.OwnerID), &c.DoubleDeviation, &c.Reopened, &before, &after,
		sqldb.JSON{V: &c.Cause}, sqldb.JSON{V: &c.Measure}, sqldb.At(&c.InformedAt), sqldb.Str(&c.InformedID), &c.PlaybookID, &c.PlaybookVersion, &c.PlaybookKey, &c.Tries, sqldb.At(&c.DueAt),
		sqldb.At(&c.OpenedAt), sqldb.At(&c.RoundAt), sqldb.At(&c.ClosedAt), sqldb.At(&c.ConfirmedAt), &c.CloseReason, &c.Version}, more...)...)
	c.ScoreBefore, c.ScoreAfter = int(before.Int64), int(after.Int64)
	return c, err
}

// ByID returns a case; fault.NotFound if there is none.
func ByID(ctx context.Context, tx *sqldb.Tx, id ID) (Case, error) {
	c, err := scanCase(tx.QueryRow(ctx, `SELECT `+caseColumns+caseFrom+`WHERE c.id = $1`, string(id)))
	return c, sqldb.NotFound(err, "error.recovery.notFound")
}

const bySourceSQL = `SELECT id FROM recovery_case WHERE source_kind = $1 AND source_id = $2
UNION ALL SELECT case_id FROM case_source WHERE source_kind = $1 AND source_id = $2`

// idBySource returns the case that a source opened or joined, "" if none.
func idBySource(ctx context.Context, tx *sqldb.Tx, s Source) (id ID, err error) {
	err = tx.QueryRow(ctx, bySourceSQL, string(s.Kind), s.ID).Scan(&id)
	return id, unlessNone(err)
}

// idByConversation returns the newest open case of a conversation, "" if none.
func idByConversation(ctx context.Context, tx *sqldb.Tx, conversationID string) (id ID, err error) {
	err = tx.QueryRow(ctx, `SELECT id FROM recovery_case WHERE conversation_id = $1 AND state <> 'closed'
		ORDER BY opened_at DESC, id DESC LIMIT 1`, conversationID).Scan(&id)
	return id, unlessNone(err)
}

func unlessNone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

const insertCaseSQL = `INSERT INTO recovery_case (id, ref, brand_id, customer_id, conversation_id, source_kind, source_id, source_label,
	severity, inputs, state, outcome, owner_id, double_deviation, reopened, score_before, score_after, cause, cause_category, measure,
	informed_at, informed_id, playbook_id, tries, due_at, opened_at, round_at, closed_at, confirmed_at, close_reason, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)`

func insertCase(ctx context.Context, tx *sqldb.Tx, c Case) error {
	_, err := tx.Exec(ctx, insertCaseSQL, string(c.ID), c.Ref, c.BrandID, c.CustomerID, c.ConversationID, string(c.Source.Kind), c.Source.ID, c.Source.Label,
		c.Severity, sqldb.JSON{V: c.Inputs}, string(c.State), sqldb.Null(c.Outcome), sqldb.Null(c.OwnerID), c.DoubleDeviation, c.Reopened, number(c.ScoreBefore), number(c.ScoreAfter),
		orNull(c.Cause), category(c), orNull(c.Measure), sqldb.Millis(c.InformedAt), sqldb.Null(c.InformedID), c.PlaybookID, c.Tries, sqldb.Millis(c.DueAt),
		sqldb.Millis(c.OpenedAt), sqldb.Millis(c.RoundAt), sqldb.Millis(c.ClosedAt), sqldb.Millis(c.ConfirmedAt), c.CloseReason, c.Version)
	return err
}

const updateCaseSQL = `UPDATE recovery_case SET customer_id = $2, conversation_id = $3, severity = $4, inputs = $5, state = $6, outcome = $7,
	owner_id = $8, double_deviation = $9, reopened = $10, score_before = $11, score_after = $12, cause = $13, cause_category = $14, measure = $15,
	informed_at = $16, informed_id = $17, tries = $18, due_at = $19, round_at = $20, closed_at = $21, confirmed_at = $22, close_reason = $23,
	version = $24 WHERE id = $1`

func updateCase(ctx context.Context, tx *sqldb.Tx, c Case) error {
	_, err := tx.Exec(ctx, updateCaseSQL, string(c.ID), c.CustomerID, c.ConversationID, c.Severity, sqldb.JSON{V: c.Inputs}, string(c.State), sqldb.Null(c.Outcome),
		sqldb.Null(c.OwnerID), c.DoubleDeviation, c.Reopened, number(c.ScoreBefore), number(c.ScoreAfter), orNull(c.Cause), category(c), orNull(c.Measure),
		sqldb.Millis(c.InformedAt), sqldb.Null(c.InformedID), c.Tries, sqldb.Millis(c.DueAt), sqldb.Millis(c.RoundAt), sqldb.Millis(c.ClosedAt), sqldb.Millis(c.ConfirmedAt), c.CloseReason,
		c.Version)
	return err
}

func category(c Case) string {
	if c.Cause == nil {
		return ""
	}
	return c.Cause.Category
}

// number is a score as stored: NULL for none.
func number(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func orNull[T any](v *T) any {
	if v == nil {
		return nil
	}
	return sqldb.JSON{V: v}
}

const nextRefSQL = `INSERT INTO counter (name, value) VALUES ('case', 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value`

func nextRef(ctx context.Context, tx *sqldb.Tx) (ref int64, err error) {
	err = tx.QueryRow(ctx, nextRefSQL).Scan(&ref)
	return ref, err
}

// repeatSQL asks whether a customer had another failure since a time; cases
// without a fault of ours do not count.
const repeatSQL = `SELECT COUNT(*) FROM recovery_case WHERE customer_id = $1 AND opened_at >= $2 AND (outcome IS NULL OR outcome <> 'no_fault')`

const stepColumns = `id, round, position, key, state, due_at, escalation, taken_by, done_at, done_by, evidence`

func scanStep(r *sql.Rows) (s Step, err error) {
	err = r.Scan(&s.ID, &s.Round, &s.Position, &s.Key, &s.State, sqldb.At(&s.DueAt), &s.Escalation, sqldb.Str(&s.TakenBy),
		sqldb.At(&s.DoneAt), &s.DoneBy, sqldb.JSON{V: &s.Evidence})
	return s, err
}

func stepsOf(ctx context.Context, tx *sqldb.Tx, id ID, round int) ([]Step, error) {
	return sqldb.List(ctx, tx, scanStep, `SELECT `+stepColumns+` FROM case_step WHERE case_id = $1 AND round = $2 ORDER BY position`, string(id), round)
}

const putStepSQL = `INSERT INTO case_step (id, case_id, round, position, key, state, due_at, escalation, taken_by, done_at, done_by, evidence)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, escalation = excluded.escalation,
	taken_by = excluded.taken_by, done_at = excluded.done_at, done_by = excluded.done_by, evidence = excluded.evidence`

func putStep(ctx context.Context, tx *sqldb.Tx, id ID, s Step) error {
	_, err := tx.Exec(ctx, putStepSQL, s.ID, string(id), s.Round, s.Position, string(s.Key), string(s.State), sqldb.Millis(s.DueAt), s.Escalation,
		sqldb.Null(s.TakenBy), sqldb.Millis(s.DoneAt), s.DoneBy, sqldb.JSON{V: s.Evidence})
	return err
}

const putPlaybookSQL = `INSERT INTO playbook (id, key, version, content, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`

// storePlaybook makes sure that a playbook is kept and returns its id.
func storePlaybook(ctx context.Context, tx *sqldb.Tx, id string, p Playbook) (string, error) {
	const find = `SELECT id FROM playbook WHERE key = $1 AND version = $2`
	var have string
	err := tx.QueryRow(ctx, find, p.Key, p.Version).Scan(&have)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return have, err
	}
	if _, err := tx.Exec(ctx, putPlaybookSQL, id, p.Key, p.Version, sqldb.JSON{V: p}, tx.Now.UnixMilli()); err != nil {
		return "", err
	}
	err = tx.QueryRow(ctx, find, p.Key, p.Version).Scan(&have)
	return have, err
}

func playbookByID(ctx context.Context, tx *sqldb.Tx, id string) (p Playbook, err error) {
	p.ID = id
	err = tx.QueryRow(ctx, `SELECT key, version, content FROM playbook WHERE id = $1`, id).Scan(&p.Key, &p.Version, sqldb.JSON{V: &p})
	return p, err
}
