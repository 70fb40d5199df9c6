-- ledger_dates.sql: at which commands a ledger's accounting date reached two days.
--
-- The date never goes back, so what the ledger recorded before the first command is of a day before
-- the first day, and what it recorded behind the second one is of the second day or a later one. A
-- ledger's record has a few images a day. In `accounting_dates` the day in force comes first.
--
-- Parameters: $1 bigint ledger_id
--             $2 date the first day, null: none
--             $3 date the second day, null: none
--             $4 bigint the first sequence that is not indexed
-- Columns:    sequence of the first image, of the first one with the first day or a later one, of the
--             first one with the second day or a later one; null: none
-- Index:      ledger_history (ledger_id, sequence)
-- Rows:       1
select
    min(h.sequence),
    min(h.sequence) filter (where h.day >= $2::date),
    min(h.sequence) filter (where h.day >= $3::date)
from (
    select
        h.sequence,
        date '1970-01-01' + ('x' || encode(substring(h.accounting_dates, 1, 4), 'hex'))::bit(32)::integer
            as day
    from vsl.ledger_history h
    where h.ledger_id = $1 and h.sequence < $4
) h
