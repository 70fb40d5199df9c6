-- date_bounds.sql: between which sequences accounting days begin, as far as segments tell.
--
-- Every command of a ledger before `low` is of an earlier day, every one from `high` on is of that
-- day or a later one; in between it is unknown. That holds for each ledger by itself, since its
-- accounting date never goes back.
--
-- Parameters: $1 date the first day, null: none
--             $2 date the second day, null: none
--             $3 bigint the first sequence that is not indexed
-- Columns:    low and high of the first day, low and high of the second
-- Index:      none; segment has some hundred rows
-- Rows:       1
select
    coalesce(max(s.last_sequence) filter (where s.max_accounting_date < $1::date), 0) + 1,
    coalesce(min(s.first_sequence) filter (where s.min_accounting_date >= $1::date), $3::bigint),
    coalesce(max(s.last_sequence) filter (where s.max_accounting_date < $2::date), 0) + 1,
    coalesce(min(s.first_sequence) filter (where s.min_accounting_date >= $2::date), $3::bigint)
from vsl.segment s
where s.state = 3 and s.last_sequence < $3::bigint
