-- +goose Up
-- Contact points: the ways in which customers reach a brand. What one shows is one
-- document: it is read and written whole. The inbox is the one that answers there.
CREATE TABLE contact_point (
  id         TEXT PRIMARY KEY,
  brand_id   TEXT NOT NULL REFERENCES brand (id),
  inbox_id   TEXT REFERENCES inbox (id) ON DELETE SET NULL,
  position   INTEGER NOT NULL,
  content    JSONB NOT NULL,
  active     BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  version    BIGINT NOT NULL
);
CREATE INDEX contact_point_brand ON contact_point (brand_id, position, id);
CREATE INDEX contact_point_inbox ON contact_point (inbox_id);
