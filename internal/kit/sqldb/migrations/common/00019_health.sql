-- +goose Up
-- Receiving and sending are well or ill each by itself. What stood in the last_
-- columns of an inbox that fetches is receiving's; of any other it was sending's.
ALTER TABLE inbox ADD COLUMN send_success_at BIGINT;
ALTER TABLE inbox ADD COLUMN send_error TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox ADD COLUMN send_error_at BIGINT;
UPDATE inbox SET send_success_at = last_success_at, send_error = last_error, send_error_at = last_error_at,
  last_success_at = NULL, last_error = '', last_error_at = NULL
  WHERE settings -> 'receive' ->> 'mode' <> 'imap';
