-- command_by_key.sql: the command with a request key, in a range of sequences.
--
-- The condition on the hash stands there twice, so that the planner takes its index also while a
-- segment has no statistics yet.
--
-- Parameters: $1 text channel
--             $2 date business_date
--             $3 text serial
--             $4 bigint lowest sequence, inclusive
--             $5 bigint highest sequence, exclusive; at most the first one that is not indexed
-- Columns:    sequence, recorded_at, ledger_id, kind, outcome, accounting_date, subject_id,
--             channel, business_date, serial, body, order_number, fee, fee_rule_version
-- Index:      command (hashtextextended(serial, 0))
-- Rows:       at most 1
select
    c.sequence, c.recorded_at, c.ledger_id, c.kind, c.outcome, c.accounting_date, c.subject_id,
    c.channel, c.business_date, c.serial, c.body, c.order_number, c.fee, c.fee_rule_version
from vsl.command c
where c.sequence >= $4 and c.sequence < $5
    and hashtextextended(c.serial, 0) = hashtextextended($3::text, 0)
    and hashtextextended(c.serial, 0) = any (array[hashtextextended($3::text, 0)])
    and c.serial = $3::text
    and c.channel = $1::text
    and c.business_date = $2::date
limit 1
