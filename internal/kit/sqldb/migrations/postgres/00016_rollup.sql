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
  n        BIGSERIAL PRIMARY KEY,
  brand_id TEXT NOT NULL,
  at       BIGINT NOT NULL
);
CREATE INDEX rollup_change_at ON rollup_change (brand_id, at);

-- +goose StatementBegin
CREATE FUNCTION rollup_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO rollup_change (brand_id, at)
    SELECT OLD.brand_id, moment FROM (VALUES (OLD.first_response_at), (OLD.resolved_at), (OLD.first_resolved_at)) was (moment) WHERE moment IS NOT NULL
    UNION SELECT NEW.brand_id, moment FROM (VALUES (NEW.first_response_at), (NEW.resolved_at), (NEW.first_resolved_at)) becomes (moment) WHERE moment IS NOT NULL;
  ELSE
    INSERT INTO rollup_change (brand_id, at)
    SELECT DISTINCT NEW.brand_id, moment FROM (VALUES (NEW.first_response_at), (NEW.resolved_at), (NEW.first_resolved_at)) becomes (moment) WHERE moment IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER rollup_conversation_new AFTER INSERT ON conversation FOR EACH ROW
WHEN (NEW.first_response_at IS NOT NULL OR NEW.resolved_at IS NOT NULL OR NEW.first_resolved_at IS NOT NULL)
EXECUTE FUNCTION rollup_conversation();

CREATE TRIGGER rollup_conversation_changed AFTER UPDATE ON conversation FOR EACH ROW
WHEN (OLD.first_response_at IS DISTINCT FROM NEW.first_response_at OR OLD.resolved_at IS DISTINCT FROM NEW.resolved_at
  OR OLD.first_resolved_at IS DISTINCT FROM NEW.first_resolved_at OR OLD.first_customer_at IS DISTINCT FROM NEW.first_customer_at
  OR OLD.created_at <> NEW.created_at OR OLD.origin <> NEW.origin OR OLD.muted <> NEW.muted
  OR (OLD.merged_into IS NULL) <> (NEW.merged_into IS NULL) OR OLD.brand_id <> NEW.brand_id)
EXECUTE FUNCTION rollup_conversation();

-- +goose StatementBegin
CREATE FUNCTION rollup_response() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO rollup_change (brand_id, at) VALUES (OLD.brand_id, OLD.answered_at), (NEW.brand_id, NEW.answered_at);
  ELSE
    INSERT INTO rollup_change (brand_id, at) VALUES (NEW.brand_id, NEW.answered_at);
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER rollup_response_new AFTER INSERT ON response FOR EACH ROW EXECUTE FUNCTION rollup_response();

CREATE TRIGGER rollup_response_changed AFTER UPDATE ON response FOR EACH ROW
WHEN (OLD.score <> NEW.score OR OLD.answered_at <> NEW.answered_at OR OLD.kind <> NEW.kind OR OLD.brand_id <> NEW.brand_id)
EXECUTE FUNCTION rollup_response();
