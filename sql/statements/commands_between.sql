-- commands_between.sql: commands in the order of the journal, filtered.
--
-- Parameters: $1 bigint lowest sequence, inclusive
--             $2 bigint highest sequence, exclusive; at most the first one that is not indexed
--             $3 bigint ledger_id, 0: every ledger
--             $4 smallint[] kinds, null: every kind
--             $5 smallint highest outcome, exclusive
--             $6 bigint rows at most
-- Columns:    sequence, recorded_at, ledger_id, kind, outcome, accounting_date, subject_id,
--             channel, business_date, serial, body, order_number, fee, fee_rule_version
-- Index:      command unique (sequence)
-- Rows:       at most $6
select
    c.sequence, c.recorded_at, c.ledger_id, c.kind, c.outcome, c.accounting_date, c.subject_id,
    c.channel, c.business_date, c.serial, c.body, c.order_number, c.fee, c.fee_rule_version
from vsl.command c
where c.sequence >= $1 and c.sequence < $2
    and ($3::bigint = 0 or c.ledger_id = $3::bigint)
    and ($4::smallint[] is null or c.kind = any ($4::smallint[]))
    and c.outcome < $5::smallint
order by c.sequence
limit $6
