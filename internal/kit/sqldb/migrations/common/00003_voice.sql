-- +goose Up
CREATE TABLE survey_policy (
  inbox_id      TEXT PRIMARY KEY REFERENCES inbox (id) ON DELETE CASCADE,
  enabled       BOOLEAN NOT NULL,
  delay_minutes INTEGER NOT NULL,
  sampling      INTEGER NOT NULL CHECK (sampling BETWEEN 0 AND 100),
  cooldown_days INTEGER NOT NULL,
  quiet_from    TEXT NOT NULL,
  quiet_to      TEXT NOT NULL,
  question      JSONB NOT NULL,
  updated_at    BIGINT NOT NULL,
  version       BIGINT NOT NULL
);

-- One request to one customer, or the reason why there was none. agent, team and
-- brand are what they were when it was sent.
CREATE TABLE invitation (
  id              TEXT PRIMARY KEY,
  kind            TEXT NOT NULL CHECK (kind IN ('csat', 'follow-up')),
  link            TEXT NOT NULL,
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  resolution      INTEGER NOT NULL,
  customer_id     TEXT NOT NULL REFERENCES customer (id),
  inbox_id        TEXT NOT NULL REFERENCES inbox (id),
  brand_id        TEXT NOT NULL REFERENCES brand (id),
  agent_id        TEXT,
  team_id         TEXT,
  locale          TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('planned', 'queued', 'sent', 'answered', 'skipped', 'expired', 'failed')),
  reason          TEXT NOT NULL,
  run_at          BIGINT,
  sent_at         BIGINT,
  expires_at      BIGINT,
  token_hash      TEXT NOT NULL UNIQUE,
  delivery_id     TEXT,
  created_at      BIGINT NOT NULL,
  UNIQUE (conversation_id, kind, link, resolution)
);
CREATE INDEX invitation_customer ON invitation (customer_id, sent_at);
CREATE INDEX invitation_state ON invitation (state, id);
CREATE INDEX invitation_brand ON invitation (brand_id, created_at);

CREATE TABLE response (
  id              TEXT PRIMARY KEY,
  invitation_id   TEXT NOT NULL UNIQUE REFERENCES invitation (id),
  kind            TEXT NOT NULL,
  link            TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  customer_id     TEXT NOT NULL REFERENCES customer (id),
  inbox_id        TEXT NOT NULL,
  brand_id        TEXT NOT NULL,
  agent_id        TEXT,
  team_id         TEXT,
  metric          TEXT NOT NULL,
  score           INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
  band            TEXT NOT NULL CHECK (band IN ('satisfied', 'neutral', 'dissatisfied')),
  comment         TEXT NOT NULL,
  answered_at     BIGINT NOT NULL,
  changed_at      BIGINT
);
CREATE INDEX response_brand ON response (brand_id, kind, answered_at);
CREATE INDEX response_conversation ON response (conversation_id);
CREATE INDEX response_customer ON response (customer_id, answered_at);
CREATE INDEX response_answered ON response (answered_at, id);

CREATE TABLE response_history (
  response_id TEXT NOT NULL REFERENCES response (id),
  position    INTEGER NOT NULL,
  score       INTEGER NOT NULL,
  comment     TEXT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (response_id, position)
);
