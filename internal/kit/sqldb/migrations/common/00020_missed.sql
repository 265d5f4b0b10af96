-- +goose Up
-- Who is known not to have a letter that others have: refused by the server that
-- took it for the rest, or named in a report that it did not arrive.
ALTER TABLE delivery_recipient ADD COLUMN missed_at BIGINT;
