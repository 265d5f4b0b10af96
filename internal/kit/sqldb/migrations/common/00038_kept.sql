-- +goose Up
-- Files of deliveries that are no messages yet, such as a form's in quarantine: what
-- sweeps the store and what makes backups must know of them.
CREATE TABLE ledger_file (
  ledger_id TEXT NOT NULL REFERENCES ledger (id),
  blob_key  TEXT NOT NULL,
  PRIMARY KEY (ledger_id, blob_key)
);
