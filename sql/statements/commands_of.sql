-- commands_of.sql: some commands, in the order of the journal.
--
-- Parameters: $1 bigint[] sequences
--             $2 bigint lowest of them
--             $3 bigint above the highest of them; at most the first one that is not indexed
-- Columns:    sequence, recorded_at, ledger_id, kind, outcome, accounting_date, subject_id,
--             channel, business_date, serial, body, order_number, fee, fee_rule_version
-- Index:      command unique (sequence)
-- Rows:       at most 1 for each of the sequences
select
    c.sequence, c.recorded_at, c.ledger_id, c.kind, c.outcome, c.accounting_date, c.subject_id,
    c.channel, c.business_date, c.serial, c.body, c.order_number, c.fee, c.fee_rule_version
from vsl.command c
where c.sequence = any ($1::bigint[]) and c.sequence >= $2 and c.sequence < $3
order by c.sequence
