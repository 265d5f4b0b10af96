-- +goose Up
CREATE TABLE playbook (
  id         TEXT PRIMARY KEY,
  key        TEXT NOT NULL,
  version    INTEGER NOT NULL,
  content    JSONB NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (key, version)
);

CREATE TABLE recovery_case (
  id               TEXT PRIMARY KEY,
  ref              BIGINT NOT NULL UNIQUE,
  brand_id         TEXT NOT NULL REFERENCES brand (id),
  customer_id      TEXT NOT NULL REFERENCES customer (id),
  conversation_id  TEXT NOT NULL REFERENCES conversation (id),
  source_kind      TEXT NOT NULL CHECK (source_kind IN ('response', 'tag', 'manual')),
  source_id        TEXT NOT NULL,
  source_label     TEXT NOT NULL,
  severity         INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 4),
  inputs           JSONB NOT NULL,
  state            TEXT NOT NULL CHECK (state IN ('detected', 'acknowledged', 'assessed', 'owner_contacted', 'diagnosed', 'plan_agreed', 'remedy_delivered', 'followed_up', 'surveyed', 'closed', 'reopened')),
  outcome          TEXT CHECK (outcome IN ('recovered', 'not_recovered', 'unreachable', 'declined', 'no_fault')),
  owner_id         TEXT REFERENCES agent (id),
  double_deviation BOOLEAN NOT NULL,
  reopened         INTEGER NOT NULL,
  score_before     INTEGER,
  score_after      INTEGER,
  cause            JSONB,
  cause_category   TEXT NOT NULL,
  measure          JSONB,
  informed_at      BIGINT,
  informed_id      TEXT,
  playbook_id      TEXT NOT NULL REFERENCES playbook (id),
  tries            INTEGER NOT NULL,
  due_at           BIGINT,
  opened_at        BIGINT NOT NULL,
  closed_at        BIGINT,
  confirmed_at     BIGINT,
  version          BIGINT NOT NULL,
  UNIQUE (source_kind, source_id)
);
CREATE INDEX recovery_case_state ON recovery_case (state, opened_at, id);
CREATE INDEX recovery_case_owner ON recovery_case (owner_id, state);
CREATE INDEX recovery_case_customer ON recovery_case (customer_id, opened_at);
CREATE INDEX recovery_case_conversation ON recovery_case (conversation_id);
CREATE INDEX recovery_case_brand ON recovery_case (brand_id, opened_at);
CREATE INDEX recovery_case_due ON recovery_case (due_at) WHERE state <> 'closed';

CREATE TABLE case_step (
  id         TEXT PRIMARY KEY,
  case_id    TEXT NOT NULL REFERENCES recovery_case (id),
  round      INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  key        TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'done', 'skipped')),
  due_at     BIGINT,
  escalation INTEGER NOT NULL,
  taken_by   TEXT,
  done_at    BIGINT,
  done_by    TEXT NOT NULL,
  evidence   JSONB NOT NULL,
  UNIQUE (case_id, round, position)
);

CREATE TABLE promise (
  id         TEXT PRIMARY KEY,
  case_id    TEXT NOT NULL REFERENCES recovery_case (id),
  text       TEXT NOT NULL,
  due_at     BIGINT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('open', 'kept', 'broken')),
  kept_at    BIGINT,
  broken_at  BIGINT,
  message_id TEXT,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX promise_case ON promise (case_id, created_at);

CREATE TABLE remedy (
  id           TEXT PRIMARY KEY,
  case_id      TEXT NOT NULL REFERENCES recovery_case (id),
  type         TEXT NOT NULL CHECK (type IN ('apology', 'refund', 'exchange', 'redo', 'credit')),
  amount       BIGINT NOT NULL,
  currency     TEXT NOT NULL,
  text         TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'refused', 'delivered')),
  proposed_by  TEXT NOT NULL,
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL,
  decided_at   BIGINT,
  delivered_at BIGINT,
  created_at   BIGINT NOT NULL
);
CREATE INDEX remedy_case ON remedy (case_id, created_at);

-- How much each role may give by itself, in minor units of the currency.
CREATE TABLE authority (
  role         TEXT NOT NULL,
  type         TEXT NOT NULL,
  currency     TEXT NOT NULL,
  per_case     BIGINT NOT NULL,
  per_period   BIGINT NOT NULL,
  PRIMARY KEY (role, type, currency)
);

CREATE TABLE case_story (
  case_id  TEXT NOT NULL REFERENCES recovery_case (id),
  position INTEGER NOT NULL,
  at       BIGINT NOT NULL,
  kind     TEXT NOT NULL,
  actor    TEXT NOT NULL,
  data     JSONB NOT NULL,
  PRIMARY KEY (case_id, position)
);

-- What the bell shows an agent.
CREATE TABLE notice (
  id       TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
  kind     TEXT NOT NULL,
  subject  TEXT NOT NULL,
  data     JSONB NOT NULL,
  at       BIGINT NOT NULL,
  read_at  BIGINT
);
CREATE INDEX notice_agent ON notice (agent_id, id);
