-- indexed_before.sql: how far the database that answers is indexed.
--
-- A read replica may lag behind the database that the server writes to: what the server takes to be
-- indexed may not have arrived there yet.
--
-- Parameters: none
-- Columns:    the first sequence that is not indexed there
-- Index:      none; segment has some hundred rows
-- Rows:       1
select coalesce(
    min(s.first_sequence) filter (where s.state <> 3), max(s.last_sequence) + 1, 1::bigint)
from vsl.segment s
