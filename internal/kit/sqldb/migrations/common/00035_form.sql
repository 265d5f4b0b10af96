-- +goose Up
-- Forms on which customers write to an inbox. What the page shows and asks is one
-- document: it is read and written whole.
CREATE TABLE form (
  id         TEXT PRIMARY KEY,
  inbox_id   TEXT NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
  slug       TEXT NOT NULL UNIQUE,
  kind       TEXT NOT NULL CHECK (kind IN ('contact', 'complaint')),
  content    JSONB NOT NULL,
  active     BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  version    BIGINT NOT NULL
);
CREATE INDEX form_inbox ON form (inbox_id);
-- Receipts of the last hours by address: anybody can enter anybody's, and nobody
-- shall be written to again and again.
CREATE TABLE form_receipt (
  message_id  TEXT PRIMARY KEY,
  address_key TEXT NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX form_receipt_address ON form_receipt (address_key, at);
CREATE INDEX form_receipt_at ON form_receipt (at);
