-- +goose Up
-- When the credential of an inbox ends, as its vendor says, and how far the
-- administrators have been told of it: 0 not yet, 1 two weeks before, 2 three days
-- before, 3 at its end.
ALTER TABLE inbox ADD COLUMN expires_at BIGINT;
ALTER TABLE inbox ADD COLUMN expiry_told INTEGER NOT NULL DEFAULT 0;
