-- +goose Up
-- Where the mail went, and as what it is known to the outbox.
ALTER TABLE invitation ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX invitation_inbox ON invitation (inbox_id, id);
CREATE INDEX invitation_reason ON invitation (reason, id);
CREATE INDEX invitation_asked ON invitation (customer_id, run_at);

-- Who asked not to be asked: by address, and by customer as long as one is known.
CREATE TABLE survey_optout (
  address_key   TEXT PRIMARY KEY,
  customer_id   TEXT NOT NULL REFERENCES customer (id),
  invitation_id TEXT NOT NULL REFERENCES invitation (id),
  at            BIGINT NOT NULL
);
CREATE INDEX survey_optout_customer ON survey_optout (customer_id);

-- Lists of answers, newest first, by what they are narrowed to.
CREATE INDEX response_brand_list ON response (brand_id, answered_at, id);
CREATE INDEX response_agent_list ON response (agent_id, answered_at, id);
CREATE INDEX response_band_list ON response (band, answered_at, id);
