-- command_by_reference.sql: the commands of a ledger that have booked a reference, newest first, in a
-- range of sequences.
--
-- The condition on the hash stands there twice, so that the planner takes its index also while a
-- segment has no statistics yet; 8 is the reference's field. 30 is BookReceipt, 38 AllocateLine, the
-- others have a proof of a customer's instruction when these bytes are there; from 100 on it was refused.
--
-- Parameters: $1 bigint ledger_id
--             $2 text reference, as it is compared (vsl.booked_reference)
--             $3 bigint lowest sequence, inclusive
--             $4 bigint highest sequence, exclusive; at most the first one that is not indexed
--             $5 bigint most rows
-- Columns:    sequence, recorded_at, ledger_id, kind, outcome, accounting_date, subject_id,
--             channel, business_date, serial, body, order_number, fee, fee_rule_version
-- Index:      command (hashtextextended(vsl.booked_reference(kind, body), ledger_id))
-- Rows:       at most $5
select
    c.sequence, c.recorded_at, c.ledger_id, c.kind, c.outcome, c.accounting_date, c.subject_id,
    c.channel, c.business_date, c.serial, c.body, c.order_number, c.fee, c.fee_rule_version
from vsl.command c
where c.sequence >= $3 and c.sequence < $4
    and c.outcome < 100 and (c.kind = 38 or c.kind = 107 or c.kind = 30 and position('\x08' in c.body) > 0
        or (c.kind = 15 or c.kind = 18 or c.kind = 19 or c.kind = 40 or c.kind = 50 or c.kind = 60 or c.kind = 25)
            and position('\x120213' in c.body) > 0)
    and hashtextextended(vsl.booked_reference(c.kind, c.body), c.ledger_id) = hashtextextended($2::text, $1::bigint)
    and hashtextextended(vsl.booked_reference(c.kind, c.body), c.ledger_id)
        = any (array[hashtextextended($2::text, $1::bigint)])
    and c.ledger_id = $1::bigint
    and vsl.booked_reference(c.kind, c.body) = $2::text
order by c.sequence desc
limit $5
