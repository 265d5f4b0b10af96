-- +goose Up
-- When a customer last said on a channel that they may be written to, or may not:
-- what they said before that and comes later changes nothing.
ALTER TABLE point ADD COLUMN contact_at BIGINT;
-- Messages that were taken back before they came.
CREATE TABLE message_unsent (
  inbox_id    TEXT NOT NULL,
  external_id TEXT NOT NULL,
  sender_key  TEXT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (inbox_id, external_id, sender_key)
);
CREATE INDEX message_unsent_at ON message_unsent (at);
