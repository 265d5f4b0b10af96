-- +goose Up
-- What else taking a message back restores, when it had opened a conversation
-- that was closed: when it was resolved, up to where it was settled, and who was
-- responsible, if that is somebody who is no longer in service.
ALTER TABLE message_intent ADD COLUMN resolved_before BIGINT;
ALTER TABLE message_intent ADD COLUMN settled_before TEXT NOT NULL DEFAULT '';
ALTER TABLE message_intent ADD COLUMN assignee_before TEXT NOT NULL DEFAULT '';
