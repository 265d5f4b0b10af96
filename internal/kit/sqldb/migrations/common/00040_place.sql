-- +goose Up
-- Places, assets and products that carry printed codes, and the codes: one sticker
-- is one printed code. What people do with them is counted by sticker and local
-- day of the brand, so that a million scans are as many rows as there were days.
CREATE TABLE place (
  id         TEXT PRIMARY KEY,
  brand_id   TEXT NOT NULL REFERENCES brand (id),
  inbox_id   TEXT NOT NULL REFERENCES inbox (id),
  kind       TEXT NOT NULL CHECK (kind IN ('place', 'asset', 'product')),
  name       JSONB NOT NULL,
  question   JSONB NOT NULL,
  active     BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  version    BIGINT NOT NULL
);
CREATE INDEX place_brand ON place (brand_id, id);
CREATE INDEX place_inbox ON place (inbox_id);

CREATE TABLE sticker (
  id          TEXT PRIMARY KEY,
  place_id    TEXT NOT NULL REFERENCES place (id) ON DELETE CASCADE,
  code        TEXT NOT NULL UNIQUE,
  label       TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('active', 'retired', 'replaced')),
  replaced_by TEXT REFERENCES sticker (id),
  issued_at   BIGINT NOT NULL,
  ended_at    BIGINT,
  scanned_at  BIGINT
);
CREATE INDEX sticker_place ON sticker (place_id, id);
CREATE INDEX sticker_replaced ON sticker (replaced_by);

-- scans, starts and submits are of telephones; kiosk counts the answers given on a
-- device at the counter. s1 to s5 are the scores of both.
CREATE TABLE sticker_day (
  sticker_id TEXT NOT NULL REFERENCES sticker (id) ON DELETE CASCADE,
  day        INTEGER NOT NULL,
  scans      INTEGER NOT NULL,
  starts     INTEGER NOT NULL,
  submits    INTEGER NOT NULL,
  kiosk      INTEGER NOT NULL,
  complaints INTEGER NOT NULL,
  s1         INTEGER NOT NULL,
  s2         INTEGER NOT NULL,
  s3         INTEGER NOT NULL,
  s4         INTEGER NOT NULL,
  s5         INTEGER NOT NULL,
  PRIMARY KEY (sticker_id, day)
);
CREATE INDEX sticker_day_day ON sticker_day (day, sticker_id);

-- What was tapped and said on one visit. A complaint may have no score. day is
-- the one it is counted on.
CREATE TABLE rating (
  id              TEXT PRIMARY KEY,
  visit           TEXT NOT NULL UNIQUE,
  sticker_id      TEXT NOT NULL REFERENCES sticker (id) ON DELETE CASCADE,
  place_id        TEXT NOT NULL REFERENCES place (id) ON DELETE CASCADE,
  kiosk           BOOLEAN NOT NULL,
  score           INTEGER CHECK (score BETWEEN 1 AND 5),
  words           TEXT NOT NULL,
  asks            BOOLEAN NOT NULL,
  conversation_id TEXT,
  day             INTEGER NOT NULL,
  at              BIGINT NOT NULL,
  submitted_at    BIGINT
);
CREATE INDEX rating_place ON rating (place_id, at, id);
CREATE INDEX rating_sticker ON rating (sticker_id);
CREATE INDEX rating_conversation ON rating (conversation_id);
