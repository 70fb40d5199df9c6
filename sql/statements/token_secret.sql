-- token_secret.sql: the database's secret, from which the key of the page tokens is made.
--
-- Parameters: none
-- Columns:    hash_secret, 16 bytes
-- Index:      none; writer has one row
-- Rows:       1
select w.hash_secret from vsl.writer w
