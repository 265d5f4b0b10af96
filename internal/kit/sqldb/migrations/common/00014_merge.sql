-- +goose Up
-- What a merge put into the conversation that took the other in, so that
-- undoing it takes away exactly that. name is a participant's address_key or a
-- tag's id.
CREATE TABLE merge_addition (
  event_id        TEXT NOT NULL REFERENCES message (id),
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  kind            TEXT NOT NULL CHECK (kind IN ('participant', 'tag')),
  name            TEXT NOT NULL,
  PRIMARY KEY (event_id, kind, name)
);
CREATE INDEX merge_addition_conversation ON merge_addition (conversation_id, kind, name);
