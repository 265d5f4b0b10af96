-- +goose Up
-- A tag's conversations carry what lists of them are narrowed and ordered by,
-- kept equal to the conversation's.
ALTER TABLE conversation_tag ADD COLUMN status TEXT NOT NULL DEFAULT 'open';
ALTER TABLE conversation_tag ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
UPDATE conversation_tag SET status = c.status, priority = c.priority FROM conversation c WHERE c.id = conversation_tag.conversation_id;
CREATE INDEX conversation_tag_status ON conversation_tag (tag_id, status, last_at, conversation_id);
CREATE INDEX conversation_tag_priority ON conversation_tag (tag_id, status, priority, last_at, conversation_id);

-- An agent's, nobody's and an inbox's conversations, the most urgent first.
CREATE INDEX conversation_assignee_priority ON conversation (assignee_id, status, priority, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_inbox_priority ON conversation (inbox_id, status, priority, last_at, id) WHERE merged_into IS NULL;
-- Nobody's are a stretch of the assignees' index.
DROP INDEX conversation_unassigned;
