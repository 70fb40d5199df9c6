-- batch_of.sql: the batch that holds a command, and the one before it.
--
-- Whole rows, as bytes: who reads them proves them, and takes nothing for granted of their columns.
--
-- Parameters: $1 bigint sequence of the command
--             $2 bigint below the first sequence of the batch before: only so much is looked at
-- Columns:    the row in binary
-- Index:      batch unique (first_sequence)
-- Rows:       at most 2, the batch first
select record_send(b.*)
from vsl.batch b
where b.first_sequence <= $1 and b.first_sequence > $2
order by b.first_sequence desc
limit 2
