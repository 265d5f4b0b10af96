-- +goose Up
-- What channels beside mail know: the ids the other side gave a letter, by which
-- its receipts name it; how far the letter came; that a customer does not want
-- messages at a point any more; files that are fetched after their message is safe; and which channel
-- understands a delivery, where that is not the inbox's.
CREATE TABLE delivery_external (
  inbox_id    TEXT NOT NULL REFERENCES inbox (id),
  external_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL REFERENCES delivery (id),
  PRIMARY KEY (inbox_id, external_id)
);
ALTER TABLE delivery ADD COLUMN delivered_at BIGINT;
ALTER TABLE delivery ADD COLUMN read_at BIGINT;
ALTER TABLE point ADD COLUMN ended_at BIGINT;
ALTER TABLE attachment ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE attachment ADD COLUMN state TEXT NOT NULL DEFAULT '' CHECK (state IN ('', 'waiting', 'gone', 'large'));
ALTER TABLE ledger ADD COLUMN format TEXT NOT NULL DEFAULT '';
