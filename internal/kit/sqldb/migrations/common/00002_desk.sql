-- +goose Up
CREATE TABLE brand (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  locale     TEXT NOT NULL CHECK (locale IN ('ja', 'en')),
  zone       TEXT NOT NULL,
  hours      JSONB NOT NULL,
  color      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version    BIGINT NOT NULL
);

CREATE TABLE agent (
  id            TEXT PRIMARY KEY,
  email         TEXT NOT NULL,
  email_key     TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  role          TEXT NOT NULL CHECK (role IN ('administrator', 'manager', 'agent')),
  password_hash TEXT NOT NULL,
  active        BOOLEAN NOT NULL,
  locale        TEXT NOT NULL,
  zone          TEXT NOT NULL,
  preferences   JSONB NOT NULL,
  created_at    BIGINT NOT NULL,
  version       BIGINT NOT NULL
);

CREATE TABLE team (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE team_member (
  team_id  TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  agent_id TEXT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
  PRIMARY KEY (team_id, agent_id)
);
CREATE INDEX team_member_agent ON team_member (agent_id);

-- id is what a person may see; the token itself is kept only as a hash.
CREATE TABLE session (
  id         TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  agent_id   TEXT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  user_agent TEXT NOT NULL,
  address    TEXT NOT NULL
);
CREATE INDEX session_agent ON session (agent_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE api_key (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  role       TEXT NOT NULL CHECK (role IN ('administrator', 'manager', 'agent')),
  token_hash TEXT NOT NULL UNIQUE,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at    BIGINT,
  revoked_at BIGINT
);

CREATE TABLE customer (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  name_key     TEXT NOT NULL,
  locale       TEXT NOT NULL,
  organization TEXT NOT NULL,
  note         TEXT NOT NULL,
  merged_into  TEXT REFERENCES customer (id),
  created_at   BIGINT NOT NULL,
  seen_at      BIGINT NOT NULL,
  version      BIGINT NOT NULL
);
CREATE INDEX customer_seen ON customer (seen_at, id) WHERE merged_into IS NULL;

CREATE TABLE point (
  id          TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customer (id),
  kind        TEXT NOT NULL,
  address     TEXT NOT NULL,
  address_key TEXT NOT NULL,
  bounced_at  BIGINT,
  created_at  BIGINT NOT NULL,
  UNIQUE (kind, address_key)
);
CREATE INDEX point_customer ON point (customer_id);

CREATE TABLE inbox (
  id              TEXT PRIMARY KEY,
  brand_id        TEXT NOT NULL REFERENCES brand (id),
  name            TEXT NOT NULL,
  kind            TEXT NOT NULL,
  address         TEXT NOT NULL,
  settings        JSONB NOT NULL,
  secrets         TEXT NOT NULL,
  sender_name     TEXT NOT NULL,
  signature       TEXT NOT NULL,
  catch_all       BOOLEAN NOT NULL,
  active          BOOLEAN NOT NULL,
  last_success_at BIGINT,
  last_error      TEXT NOT NULL,
  last_error_at   BIGINT,
  created_at      BIGINT NOT NULL,
  version         BIGINT NOT NULL
);

-- Every address an inbox answers to, its own and its aliases.
CREATE TABLE inbox_address (
  address_key TEXT PRIMARY KEY,
  address     TEXT NOT NULL,
  inbox_id    TEXT NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
  main        BOOLEAN NOT NULL
);
CREATE INDEX inbox_address_inbox ON inbox_address (inbox_id);

CREATE TABLE inbox_cursor (
  inbox_id     TEXT NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
  folder       TEXT NOT NULL,
  uid_validity BIGINT NOT NULL,
  last_uid     BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (inbox_id, folder)
);

CREATE TABLE tag (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  name_key   TEXT NOT NULL UNIQUE,
  color      INTEGER NOT NULL,
  complaint  BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE conversation (
  id                TEXT PRIMARY KEY,
  ref               BIGINT NOT NULL UNIQUE,
  brand_id          TEXT NOT NULL REFERENCES brand (id),
  inbox_id          TEXT NOT NULL REFERENCES inbox (id),
  customer_id       TEXT NOT NULL REFERENCES customer (id),
  subject           TEXT NOT NULL,
  status            TEXT NOT NULL CHECK (status IN ('open', 'pending', 'snoozed', 'resolved', 'closed')),
  priority          INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
  assignee_id       TEXT REFERENCES agent (id),
  team_id           TEXT REFERENCES team (id) ON DELETE SET NULL,
  snoozed_until     BIGINT,
  preview           TEXT NOT NULL,
  waiting_since     BIGINT,
  last_at           BIGINT NOT NULL,
  last_from         TEXT NOT NULL,
  message_count     INTEGER NOT NULL,
  muted             BOOLEAN NOT NULL,
  origin            TEXT NOT NULL CHECK (origin IN ('customer', 'agent')),
  first_customer_at BIGINT,
  first_response_at BIGINT,
  resolved_at       BIGINT,
  resolution        INTEGER NOT NULL,
  first_resolved_at BIGINT,
  merged_into       TEXT REFERENCES conversation (id),
  created_at        BIGINT NOT NULL,
  version           BIGINT NOT NULL
);
CREATE INDEX conversation_status ON conversation (status, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_all ON conversation (last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_inbox ON conversation (inbox_id, status, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_assignee ON conversation (assignee_id, status, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_customer ON conversation (customer_id, last_at);
CREATE INDEX conversation_waiting ON conversation (status, waiting_since, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_priority ON conversation (status, priority, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_brand_created ON conversation (brand_id, created_at);
CREATE INDEX conversation_brand_resolved ON conversation (brand_id, resolved_at);

CREATE TABLE conversation_tag (
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  tag_id          TEXT NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
  PRIMARY KEY (conversation_id, tag_id)
);
CREATE INDEX conversation_tag_tag ON conversation_tag (tag_id, conversation_id);

-- Who takes part, by address: the scope within which a reference may thread.
CREATE TABLE participant (
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  address_key     TEXT NOT NULL,
  address         TEXT NOT NULL,
  name            TEXT NOT NULL,
  customer_id     TEXT REFERENCES customer (id),
  PRIMARY KEY (conversation_id, address_key)
);

CREATE TABLE conversation_read (
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  agent_id        TEXT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
  read_at         BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, agent_id)
);

CREATE TABLE message (
  id              TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  inbox_id        TEXT NOT NULL REFERENCES inbox (id),
  kind            TEXT NOT NULL CHECK (kind IN ('incoming', 'outgoing', 'note', 'event')),
  author_kind     TEXT NOT NULL,
  author_id       TEXT NOT NULL,
  author_name     TEXT NOT NULL,
  at              BIGINT NOT NULL,
  subject         TEXT NOT NULL,
  body            TEXT NOT NULL,
  quoted          TEXT NOT NULL,
  has_html        BOOLEAN NOT NULL,
  remote_images   INTEGER NOT NULL,
  lang            TEXT NOT NULL,
  envelope        JSONB NOT NULL,
  external_id     TEXT NOT NULL,
  automatic       BOOLEAN NOT NULL,
  event           JSONB,
  ledger_id       TEXT,
  created_at      BIGINT NOT NULL
);
CREATE INDEX message_thread ON message (conversation_id, at, id);
CREATE INDEX message_external ON message (external_id) WHERE external_id <> '';

-- Sanitised HTML stands apart, so that reading a thread does not carry it.
CREATE TABLE message_html (
  message_id TEXT PRIMARY KEY REFERENCES message (id),
  html       TEXT NOT NULL
);

CREATE TABLE attachment (
  id           TEXT PRIMARY KEY,
  message_id   TEXT REFERENCES message (id),
  uploaded_by  TEXT NOT NULL,
  name         TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size         BIGINT NOT NULL,
  blob_key     TEXT NOT NULL,
  content_id   TEXT NOT NULL,
  inline       BOOLEAN NOT NULL,
  position     INTEGER NOT NULL,
  created_at   BIGINT NOT NULL
);
CREATE INDEX attachment_message ON attachment (message_id, position);
CREATE INDEX attachment_loose ON attachment (created_at) WHERE message_id IS NULL;
CREATE INDEX attachment_blob ON attachment (blob_key);

CREATE TABLE draft (
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  agent_id        TEXT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
  content         JSONB NOT NULL,
  updated_at      BIGINT NOT NULL,
  version         BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, agent_id)
);

-- Every raw mail, before it is understood. One row a delivery; state says what became of it.
CREATE TABLE ledger (
  id              TEXT PRIMARY KEY,
  inbox_id        TEXT NOT NULL REFERENCES inbox (id),
  source          TEXT NOT NULL,
  source_key      TEXT NOT NULL,
  external_id     TEXT NOT NULL,
  fingerprint     TEXT NOT NULL,
  received_at     BIGINT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('linked', 'duplicate', 'auto-reply', 'bounce', 'spam', 'quarantined')),
  reason          TEXT NOT NULL,
  sender          TEXT NOT NULL,
  subject         TEXT NOT NULL,
  size            BIGINT NOT NULL,
  raw_key         TEXT NOT NULL,
  message_id      TEXT,
  conversation_id TEXT,
  attempts        INTEGER NOT NULL,
  updated_at      BIGINT NOT NULL,
  UNIQUE (inbox_id, source_key)
);
CREATE UNIQUE INDEX ledger_external ON ledger (inbox_id, external_id, fingerprint) WHERE state <> 'duplicate';
CREATE INDEX ledger_state ON ledger (state, id);
CREATE INDEX ledger_raw ON ledger (raw_key);

-- The outbox. message_id is empty for mail that is not part of a thread (surveys, notices): content carries it.
CREATE TABLE delivery (
  id          TEXT PRIMARY KEY,
  inbox_id    TEXT NOT NULL REFERENCES inbox (id),
  purpose     TEXT NOT NULL,
  message_id  TEXT REFERENCES message (id),
  content     JSONB NOT NULL,
  external_id TEXT NOT NULL UNIQUE,
  state       TEXT NOT NULL CHECK (state IN ('held', 'queued', 'sending', 'sent', 'failed', 'ambiguous', 'bounced', 'cancelled')),
  hold_until  BIGINT,
  attempts    INTEGER NOT NULL,
  error       TEXT NOT NULL,
  state_at    BIGINT NOT NULL,
  created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX delivery_message ON delivery (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX delivery_state ON delivery (state, id);
