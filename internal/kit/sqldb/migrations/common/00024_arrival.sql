-- +goose Up
-- The order in which messages came into their conversation: milliseconds, never
-- going back within one. Ids, which told it until now, follow the clock of the
-- node that minted them. Nodes that do not know it leave it empty; the time of
-- the row stands in.
ALTER TABLE message ADD COLUMN arrival BIGINT;
UPDATE message SET arrival = o.arrival FROM (
  SELECT id, MAX(created_at) OVER (PARTITION BY conversation_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS arrival FROM message
) o WHERE o.id = message.id;
CREATE INDEX message_arrival ON message (conversation_id, arrival, id);
