-- +goose Up
-- Mail addresses that customers told, while nobody has shown whose they are: they
-- recognise nobody, and nothing is sent there but the question. token_hash is of
-- the link that was sent last, '' while none is open.
CREATE TABLE claim (
  id          TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customer (id),
  address     TEXT NOT NULL,
  address_key TEXT NOT NULL,
  told_at     BIGINT NOT NULL,
  asked_at    BIGINT,
  token_hash  TEXT NOT NULL DEFAULT '',
  brand_id    TEXT REFERENCES brand (id) ON DELETE CASCADE,
  lang        TEXT NOT NULL DEFAULT '',
  until       BIGINT
);
CREATE INDEX claim_customer ON claim (customer_id, id);
CREATE UNIQUE INDEX claim_token ON claim (token_hash) WHERE token_hash <> '';
-- Who was asked in the last hours, and by whom.
CREATE TABLE claim_ask (
  id          TEXT PRIMARY KEY,
  address_key TEXT NOT NULL,
  asked_by    TEXT NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX claim_ask_address ON claim_ask (address_key, at);
CREATE INDEX claim_ask_by ON claim_ask (asked_by, at);
CREATE INDEX claim_ask_at ON claim_ask (at);
