-- +goose Up
-- n grows with time, so that newest-first is a walk down the primary key.
CREATE TABLE search_doc (
  n               INTEGER PRIMARY KEY AUTOINCREMENT,
  kind            TEXT NOT NULL CHECK (kind IN ('message', 'customer', 'conversation')),
  subject         TEXT NOT NULL,
  conversation_id TEXT,
  UNIQUE (kind, subject)
);
CREATE VIRTUAL TABLE search_token USING fts5 (tokens, content = '', contentless_delete = 1, tokenize = 'ascii');
