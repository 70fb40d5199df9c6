-- order_sequences.sql: which commands of a ledger have an order number, in a range of sequences.
--
-- In no order: so it ends as soon as there are more than wanted, however many there are. The condition
-- on the hash stands there twice, so that the planner takes its index also while a segment has no
-- statistics yet.
--
-- Parameters: $1 bigint ledger_id
--             $2 text order_number
--             $3 bigint lowest sequence, inclusive
--             $4 bigint highest sequence, exclusive; at most the first one that is not indexed
--             $5 bigint rows at most
-- Columns:    sequence
-- Index:      command (hashtextextended(order_number, 0))
-- Rows:       at most $5
select c.sequence
from vsl.command c
where c.sequence >= $3 and c.sequence < $4
    and hashtextextended(c.order_number, 0) = hashtextextended($2::text, 0)
    and hashtextextended(c.order_number, 0) = any (array[hashtextextended($2::text, 0)])
    and c.order_number = $2::text
    and c.ledger_id = $1
limit $5
