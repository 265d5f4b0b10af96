-- +goose Up
-- Telling visitors who are away that there is an answer. What a site calls its
-- visitor is kept so that its own server can be told of whom it is about. live_at
-- is when a page of the session was last connected, where that matters; told_at is
-- when its browsers were told, until the visitor looks again.
ALTER TABLE chat_session ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE chat_session ADD COLUMN live_at BIGINT;
ALTER TABLE chat_session ADD COLUMN told_at BIGINT;
-- Browsers that want to be told. Where and with which keys is sealed: who has it
-- could write to them.
CREATE TABLE chat_push (
  id         TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL REFERENCES chat_session (token_hash) ON DELETE CASCADE,
  sealed     TEXT NOT NULL,
  page       TEXT NOT NULL,
  lang       TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX chat_push_session ON chat_push (token_hash);
-- The key by which push services know this instance, sealed; made at first use.
CREATE TABLE push_sender (
  one        BOOLEAN PRIMARY KEY CHECK (one),
  sealed     TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
