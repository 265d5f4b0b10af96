-- +goose Up
ALTER TABLE recovery_case ADD COLUMN round_at BIGINT NOT NULL DEFAULT 0;
UPDATE recovery_case SET round_at = opened_at;
ALTER TABLE recovery_case ADD COLUMN close_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX recovery_case_severity ON recovery_case (severity, opened_at, id) WHERE state <> 'closed';
CREATE INDEX recovery_case_opened ON recovery_case (opened_at, id);
CREATE INDEX recovery_case_closed ON recovery_case (brand_id, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX promise_due ON promise (due_at, id);
CREATE INDEX remedy_decided ON remedy (decided_by, decided_at);

-- Messages that were written to the customer from a case, to undo what they
-- proved when they do not arrive.
CREATE TABLE case_message (
  message_id TEXT PRIMARY KEY REFERENCES message (id),
  case_id    TEXT NOT NULL REFERENCES recovery_case (id),
  step_id    TEXT,
  promise_id TEXT
);
CREATE INDEX case_message_case ON case_message (case_id);

-- Sources that joined a case which was open already: they open no other.
CREATE TABLE case_source (
  source_kind TEXT NOT NULL,
  source_id   TEXT NOT NULL,
  case_id     TEXT NOT NULL REFERENCES recovery_case (id),
  at          BIGINT NOT NULL,
  PRIMARY KEY (source_kind, source_id)
);
CREATE INDEX case_source_case ON case_source (case_id);

-- What the reports read by range. Scores are answered from the index alone.
CREATE INDEX response_scores ON response (brand_id, kind, answered_at, score);
-- Waiting times are answered from the index alone, too.
DROP INDEX conversation_brand_resolved;
CREATE INDEX conversation_answered ON conversation (brand_id, first_response_at, first_customer_at, muted, merged_into)
  WHERE first_response_at IS NOT NULL AND merged_into IS NULL AND NOT muted;
CREATE INDEX conversation_resolved ON conversation (brand_id, resolved_at, origin, first_customer_at, created_at, muted, merged_into)
  WHERE resolved_at IS NOT NULL AND merged_into IS NULL AND NOT muted;
CREATE INDEX conversation_first_resolved ON conversation (brand_id, first_resolved_at, origin, first_customer_at, created_at, muted, merged_into)
  WHERE first_resolved_at IS NOT NULL AND merged_into IS NULL AND NOT muted;

CREATE INDEX notice_unread ON notice (agent_id, id) WHERE read_at IS NULL;
