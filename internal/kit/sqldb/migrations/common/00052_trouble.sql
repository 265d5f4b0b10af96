-- +goose Up
-- What was wrong with what came into an inbox while the inbox itself worked: one row
-- a sort, so that nobody can make it grow. Counted anew after a quiet week.
CREATE TABLE inbox_trouble (
  inbox_id TEXT NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
  sort     TEXT NOT NULL CHECK (sort IN ('doubted', 'skewed', 'garbled', 'strange', 'large')),
  times    BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at  BIGINT NOT NULL,
  words    TEXT NOT NULL,
  PRIMARY KEY (inbox_id, sort)
);
