-- +goose Up
-- Whether customers had to tell the same thing again: a question beside the
-- score, which an inbox may ask. NULL: not asked, or left out.
ALTER TABLE survey_policy ADD COLUMN asks_repeat BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE response ADD COLUMN repeated BOOLEAN;
ALTER TABLE response_history ADD COLUMN repeated BOOLEAN;
CREATE INDEX response_repeated ON response (brand_id, answered_at, repeated) WHERE repeated IS NOT NULL;
-- How a customer likes to be reached: the kind of point, and the hours of the day
-- ("18:00" to "21:00" on the brand's clock; '' for any).
ALTER TABLE customer ADD COLUMN prefers TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN hours_from TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN hours_to TEXT NOT NULL DEFAULT '';
