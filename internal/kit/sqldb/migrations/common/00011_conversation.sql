-- +goose Up
-- When the first try was made, and which duty holds the letter right now: a
-- letter found "sending" under one's own lease is one whose try was cut off.
ALTER TABLE delivery ADD COLUMN tried_at BIGINT;
ALTER TABLE delivery ADD COLUMN lease TEXT NOT NULL DEFAULT '';
CREATE INDEX delivery_inbox ON delivery (inbox_id, id) WHERE state IN ('held', 'queued', 'sending', 'failed', 'ambiguous');

-- Who a letter went to: some bounces name only the recipient.
CREATE TABLE delivery_recipient (
  delivery_id TEXT NOT NULL REFERENCES delivery (id),
  address_key TEXT NOT NULL,
  PRIMARY KEY (delivery_id, address_key)
);
CREATE INDEX delivery_recipient_address ON delivery_recipient (address_key, delivery_id);

-- A message taken back within its hold stays as a row, but not in the thread.
ALTER TABLE message ADD COLUMN withdrawn_at BIGINT;
CREATE INDEX message_incoming ON message (conversation_id, at, id) WHERE kind = 'incoming';

-- What the writer of an outgoing message had in mind, to be given back when it
-- is taken back, and to be done once it is sent.
CREATE TABLE message_intent (
  message_id     TEXT PRIMARY KEY REFERENCES message (id),
  draft          JSONB NOT NULL,
  resolve        BOOLEAN NOT NULL,
  status_before  TEXT NOT NULL,
  snoozed_before BIGINT
);

-- Conversations that evidence connects but does not join: shown as suggestions.
CREATE TABLE conversation_link (
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  other_id        TEXT NOT NULL REFERENCES conversation (id),
  reason          TEXT NOT NULL,
  at              BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, other_id)
);
CREATE INDEX conversation_link_other ON conversation_link (other_id);

-- Which messages a merge or a split moved, so that it can be undone exactly.
CREATE TABLE message_move (
  event_id   TEXT NOT NULL REFERENCES message (id),
  message_id TEXT NOT NULL REFERENCES message (id),
  from_id    TEXT NOT NULL REFERENCES conversation (id),
  into_id    TEXT NOT NULL REFERENCES conversation (id),
  PRIMARY KEY (event_id, message_id)
);
CREATE INDEX message_move_message ON message_move (message_id);

CREATE TABLE mention (
  agent_id        TEXT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
  message_id      TEXT NOT NULL REFERENCES message (id),
  conversation_id TEXT NOT NULL REFERENCES conversation (id),
  PRIMARY KEY (agent_id, message_id)
);
CREATE INDEX mention_conversation ON mention (conversation_id, agent_id);

-- A tag's conversations in the order of the list, kept equal to conversation.last_at.
ALTER TABLE conversation_tag ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0;
UPDATE conversation_tag SET last_at = (SELECT c.last_at FROM conversation c WHERE c.id = conversation_tag.conversation_id);
CREATE INDEX conversation_tag_last ON conversation_tag (tag_id, last_at, conversation_id);

-- Up to which message the last resolution settled the matter: only later ones wait.
ALTER TABLE conversation ADD COLUMN settled TEXT NOT NULL DEFAULT '';

DROP INDEX conversation_waiting;
CREATE INDEX conversation_waiting ON conversation (waiting_since, id) WHERE waiting_since IS NOT NULL AND merged_into IS NULL;
CREATE INDEX conversation_unassigned ON conversation (status, last_at, id) WHERE assignee_id IS NULL AND merged_into IS NULL;
CREATE INDEX conversation_inbox_last ON conversation (inbox_id, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_assignee_last ON conversation (assignee_id, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_priority_last ON conversation (priority, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_merged ON conversation (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ledger_inbox ON ledger (inbox_id, id);
CREATE INDEX ledger_message ON ledger (message_id);
CREATE INDEX conversation_active ON conversation (status, inbox_id, assignee_id) WHERE merged_into IS NULL AND status IN ('open', 'pending', 'snoozed');
