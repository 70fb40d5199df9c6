-- account_commands_between.sql: commands that concern an account, in the order of the journal,
-- filtered.
--
-- Those that moved its money, and those that changed its record: opened, closed, restricted it.
--
-- Parameters: $1 bigint lowest sequence, inclusive
--             $2 bigint highest sequence, exclusive; at most the first one that is not indexed
--             $3 bigint ledger_id
--             $4 smallint[] kinds, null: every kind
--             $5 smallint highest outcome, exclusive
--             $6 bigint rows at most
--             $7 bigint account_id
-- Columns:    sequence, recorded_at, ledger_id, kind, outcome, accounting_date, subject_id,
--             channel, business_date, serial, body, order_number, fee, fee_rule_version
-- Index:      posting (debit_account_id, sequence), posting (credit_account_id, sequence),
--             account_history (account_id, sequence), command unique (sequence)
-- Rows:       at most $6
select
    c.sequence, c.recorded_at, c.ledger_id, c.kind, c.outcome, c.accounting_date, c.subject_id,
    c.channel, c.business_date, c.serial, c.body, c.order_number, c.fee, c.fee_rule_version
from (
    select p.sequence
    from vsl.posting p
    where p.debit_account_id = $7 and p.sequence >= $1 and p.sequence < $2
    union
    select p.sequence
    from vsl.posting p
    where p.credit_account_id = $7 and p.sequence >= $1 and p.sequence < $2
    union
    select h.sequence
    from vsl.account_history h
    where h.account_id = $7 and h.sequence >= $1 and h.sequence < $2
) s
join lateral (
    select * from vsl.command c
    where c.sequence = s.sequence and c.sequence >= $1 and c.sequence < $2
    offset 0
) c on true
where c.ledger_id = $3
    and ($4::smallint[] is null or c.kind = any ($4::smallint[]))
    and c.outcome < $5::smallint
order by c.sequence
limit $6
