-- +goose Up
-- What a chat shows beside the conversation: what it asks before the first words,
-- what it says first on some pages (prompts), quick answers. One document an inbox: it
-- is read and written whole.
CREATE TABLE chat_reception (
  inbox_id   TEXT PRIMARY KEY REFERENCES inbox (id) ON DELETE CASCADE,
  content    JSONB NOT NULL,
  updated_at BIGINT NOT NULL,
  version    BIGINT NOT NULL
);
-- How often a quick answer helped, by day of the brand's clock (20261122).
CREATE TABLE chat_answer_help (
  inbox_id  TEXT NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
  answer_id TEXT NOT NULL,
  day       BIGINT NOT NULL,
  yes       BIGINT NOT NULL,
  no        BIGINT NOT NULL,
  PRIMARY KEY (inbox_id, answer_id, day)
);
