-- +goose Up
-- n grows with time, so that newest-first is a walk down the primary key.
CREATE TABLE search_doc (
  n               BIGSERIAL PRIMARY KEY,
  kind            TEXT NOT NULL CHECK (kind IN ('message', 'customer', 'conversation')),
  subject         TEXT NOT NULL,
  conversation_id TEXT,
  UNIQUE (kind, subject)
);
CREATE TABLE search_token (
  n      BIGINT PRIMARY KEY REFERENCES search_doc (n) ON DELETE CASCADE,
  tokens TSVECTOR NOT NULL
);
CREATE INDEX search_token_gin ON search_token USING GIN (tokens);
