-- +goose Up
-- What the reports say of one local day of a brand, made from the rows of that day.
CREATE TABLE rollup_day (
  brand_id TEXT NOT NULL REFERENCES brand (id) ON DELETE CASCADE,
  day      INTEGER NOT NULL,
  content  BYTEA NOT NULL,
  PRIMARY KEY (brand_id, day)
);
-- The zone and the hours for which a brand's days were made.
CREATE TABLE rollup_basis (
  brand_id TEXT PRIMARY KEY REFERENCES brand (id) ON DELETE CASCADE,
  basis    TEXT NOT NULL
);
-- Moments at which something changed since their day was made: one row a change,
-- written in the transaction of the change, whoever makes it. Rows are never
-- shared, so that no transaction waits for another.
CREATE TABLE rollup_change (
  n        INTEGER PRIMARY KEY AUTOINCREMENT,
  brand_id TEXT NOT NULL,
  at       BIGINT NOT NULL
);
CREATE INDEX rollup_change_at ON rollup_change (brand_id, at);

-- +goose StatementBegin
CREATE TRIGGER rollup_conversation_new AFTER INSERT ON conversation
WHEN NEW.first_response_at IS NOT NULL OR NEW.resolved_at IS NOT NULL OR NEW.first_resolved_at IS NOT NULL
BEGIN
  INSERT INTO rollup_change (brand_id, at)
  SELECT NEW.brand_id, NEW.first_response_at WHERE NEW.first_response_at IS NOT NULL
  UNION SELECT NEW.brand_id, NEW.resolved_at WHERE NEW.resolved_at IS NOT NULL
  UNION SELECT NEW.brand_id, NEW.first_resolved_at WHERE NEW.first_resolved_at IS NOT NULL;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER rollup_conversation_changed AFTER UPDATE ON conversation
WHEN OLD.first_response_at IS NOT NEW.first_response_at OR OLD.resolved_at IS NOT NEW.resolved_at
  OR OLD.first_resolved_at IS NOT NEW.first_resolved_at OR OLD.first_customer_at IS NOT NEW.first_customer_at
  OR OLD.created_at <> NEW.created_at OR OLD.origin <> NEW.origin OR OLD.muted <> NEW.muted
  OR (OLD.merged_into IS NULL) <> (NEW.merged_into IS NULL) OR OLD.brand_id <> NEW.brand_id
BEGIN
  INSERT INTO rollup_change (brand_id, at)
  SELECT OLD.brand_id, OLD.first_response_at WHERE OLD.first_response_at IS NOT NULL
  UNION SELECT OLD.brand_id, OLD.resolved_at WHERE OLD.resolved_at IS NOT NULL
  UNION SELECT OLD.brand_id, OLD.first_resolved_at WHERE OLD.first_resolved_at IS NOT NULL
  UNION SELECT NEW.brand_id, NEW.first_response_at WHERE NEW.first_response_at IS NOT NULL
  UNION SELECT NEW.brand_id, NEW.resolved_at WHERE NEW.resolved_at IS NOT NULL
  UNION SELECT NEW.brand_id, NEW.first_resolved_at WHERE NEW.first_resolved_at IS NOT NULL;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER rollup_response_new AFTER INSERT ON response
BEGIN
  INSERT INTO rollup_change (brand_id, at) VALUES (NEW.brand_id, NEW.answered_at);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER rollup_response_changed AFTER UPDATE ON response
WHEN OLD.score <> NEW.score OR OLD.answered_at <> NEW.answered_at OR OLD.kind <> NEW.kind OR OLD.brand_id <> NEW.brand_id
BEGIN
  INSERT INTO rollup_change (brand_id, at)
  SELECT OLD.brand_id, OLD.answered_at UNION SELECT NEW.brand_id, NEW.answered_at;
END;
-- +goose StatementEnd
