-- +goose Up
-- When a remedy was forgone: proposed or approved, and then not given after all.
-- Its state is 'refused', so that it counts nowhere.
ALTER TABLE remedy ADD COLUMN forgone_at BIGINT;
