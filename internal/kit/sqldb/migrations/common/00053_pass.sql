-- +goose Up
-- Which pass opens a sticker's kiosk: a new one withdraws the one before.
ALTER TABLE sticker ADD COLUMN kiosk_pass BIGINT NOT NULL DEFAULT 1;
