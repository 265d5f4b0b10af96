-- +goose Up
-- That two records of customers became one, by whom, and what the one that stayed
-- knew before and after: so that it can be taken back. proven: by proof, and not
-- by somebody's decision alone.
CREATE TABLE customer_join (
  id        TEXT PRIMARY KEY,
  from_id   TEXT NOT NULL REFERENCES customer (id),
  into_id   TEXT NOT NULL REFERENCES customer (id),
  proven    BOOLEAN NOT NULL,
  by_kind   TEXT NOT NULL,
  by_id     TEXT NOT NULL,
  was       JSONB NOT NULL,
  became    JSONB NOT NULL,
  joined_at BIGINT NOT NULL,
  parted_at BIGINT
);
CREATE UNIQUE INDEX customer_join_from ON customer_join (from_id) WHERE parted_at IS NULL;
CREATE INDEX customer_join_into ON customer_join (into_id) WHERE parted_at IS NULL;
-- The addresses and the conversations that came along.
CREATE TABLE customer_join_point (
  join_id  TEXT NOT NULL REFERENCES customer_join (id),
  point_id TEXT NOT NULL REFERENCES point (id),
  PRIMARY KEY (join_id, point_id)
);
CREATE TABLE conversation_join (
  join_id         TEXT NOT NULL REFERENCES customer_join (id),
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  PRIMARY KEY (join_id, conversation_id)
);
CREATE INDEX message_move_from ON message_move (from_id, event_id);
