-- +goose Up
-- Telephone numbers that applications wrote as their customers' addresses are of the
-- kind of every telephone number, so that who writes and who calls is one customer.
-- One that somebody has as a telephone already stays where it is: whether two
-- customers are one is not for a statement to say.
UPDATE point SET kind = 'phone' WHERE kind = 'hook' AND address_key LIKE '+%'
AND LENGTH(address_key) BETWEEN 8 AND 16 AND SUBSTR(address_key, 2, 1) <> '0' AND LTRIM(SUBSTR(address_key, 2), '0123456789') = ''
AND NOT EXISTS (SELECT 1 FROM point other WHERE other.kind = 'phone' AND other.address_key = point.address_key);
