-- +goose Up
-- Every word that is indexed, so that a search for the beginning of a word can
-- name the words that begin so: the engine itself would put together the whole
-- list of what each of them occurs in before it finds the newest.
CREATE TABLE search_word (
  word TEXT PRIMARY KEY
);
CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab (search_token, 'row');
INSERT INTO search_word (word) SELECT term FROM search_vocabulary;
DROP TABLE search_vocabulary;
