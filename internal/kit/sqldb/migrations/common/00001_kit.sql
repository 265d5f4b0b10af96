-- +goose Up
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value JSONB NOT NULL
);

CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

-- The journal of facts. seq has no gaps: it is given inside a serialised commit.
CREATE TABLE journal (
  seq        BIGINT PRIMARY KEY,
  name       TEXT NOT NULL,
  subject    TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id   TEXT NOT NULL,
  at         BIGINT NOT NULL,
  data       JSONB NOT NULL
);
CREATE INDEX journal_subject ON journal (subject, seq);

CREATE TABLE job (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  lane       TEXT NOT NULL,
  key        TEXT NOT NULL,
  subject    TEXT NOT NULL,
  data       JSONB NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('ready', 'running', 'dead')),
  run_at     BIGINT NOT NULL,
  owner      TEXT NOT NULL,
  attempt    INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX job_due ON job (lane, run_at, id) WHERE state = 'ready';
CREATE INDEX job_running ON job (owner) WHERE state = 'running';
CREATE INDEX job_dead ON job (id) WHERE state = 'dead';
CREATE UNIQUE INDEX job_key ON job (kind, key) WHERE key <> '' AND state = 'ready';

CREATE TABLE idempotency (
  actor      TEXT NOT NULL,
  key        TEXT NOT NULL,
  request    TEXT NOT NULL,
  status     INTEGER NOT NULL,
  body       TEXT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_at ON idempotency (at);
