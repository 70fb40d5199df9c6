-- indexed_before.sql: how far the database that answers is indexed, and which journal it holds.
--
-- A read replica may lag behind the database that the server writes to: what the server takes to be
-- indexed may not have arrived there yet. After a restore a replica may still be that of the journal
-- before, where the same numbers are other commands.
--
-- Parameters: none
-- Columns:    the first sequence that is not indexed there; the journal's identity, 16 bytes
-- Index:      the primary key of journal_identity; segment has some hundred rows
-- Rows:       1
select coalesce(
    min(s.first_sequence) filter (where s.state <> 3), max(s.last_sequence) + 1, 1::bigint),
    (select uuid_send(i.identity) from vsl.journal_identity i order by i.life desc limit 1)
from vsl.segment s
