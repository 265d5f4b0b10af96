-- +goose Up
-- Visitors of web chats. A session is what lets a page read and write as one
-- visitor; its token is kept as a hash only. Who proves to be somebody keeps what
-- they wrote before: chat_alias leads from the address they had to the one they
-- have now.
CREATE TABLE chat_session (
  token_hash TEXT PRIMARY KEY,
  inbox_id   TEXT NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
  address    TEXT NOT NULL,
  name       TEXT NOT NULL,
  email      TEXT NOT NULL,
  proven     BOOLEAN NOT NULL,
  lang       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  ended_at   BIGINT
);
CREATE INDEX chat_session_inbox ON chat_session (inbox_id);
CREATE INDEX chat_session_address ON chat_session (address, seen_at);
CREATE INDEX chat_session_seen ON chat_session (seen_at);
CREATE INDEX chat_session_ended ON chat_session (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE chat_alias (
  address TEXT PRIMARY KEY,
  became  TEXT NOT NULL
);
CREATE INDEX chat_alias_became ON chat_alias (became);
-- A visitor is found in conversations by address.
CREATE INDEX participant_address ON participant (address_key, conversation_id);
