-- +goose Up
-- How often something was tried of late, shared by all nodes: key is a hash of
-- who tried what, until is when it would be forgotten.
CREATE TABLE pace (
  key   TEXT PRIMARY KEY,
  until BIGINT NOT NULL
);
CREATE INDEX pace_until ON pace (until);
