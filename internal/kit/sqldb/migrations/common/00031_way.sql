-- +goose Up
-- Other inboxes through which somebody may go on with a conversation: a visitor of
-- a web page whom an answer was mailed to answers by mail. And which messages of a
-- chat were mailed.
CREATE TABLE conversation_way (
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  inbox_id        TEXT NOT NULL REFERENCES inbox (id),
  address_key     TEXT NOT NULL,
  at              BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, inbox_id, address_key)
);
CREATE TABLE chat_mailed (
  message_id TEXT PRIMARY KEY REFERENCES message (id),
  at         BIGINT NOT NULL
);
