-- +goose Up
-- What nobody is responsible for, in the orders of the lists. PostgreSQL does not
-- take "IS NULL" for an equality: an index that begins with the assignee gives no
-- order behind it, and a walk by time alone passes over everything that has one.
CREATE INDEX conversation_nobody ON conversation (last_at, id) WHERE assignee_id IS NULL AND merged_into IS NULL;
CREATE INDEX conversation_nobody_status ON conversation (status, last_at, id) WHERE assignee_id IS NULL AND merged_into IS NULL;
CREATE INDEX conversation_nobody_priority ON conversation (status, priority, last_at, id) WHERE assignee_id IS NULL AND merged_into IS NULL;
-- Who waits, by status: few of those that are pending or snoozed do, and a walk
-- over everybody who waits passes over the others.
CREATE INDEX conversation_waiting_status ON conversation (status, waiting_since, id) WHERE waiting_since IS NOT NULL AND merged_into IS NULL;
