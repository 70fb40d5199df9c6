-- key_bounds.sql: between which sequences the request keys of a business date are.
--
-- Parameters: $1 date business_date
--             $2 bigint the first sequence that is not indexed
-- Columns:    low, inclusive; high, exclusive; both null when no segment has the date
-- Index:      none; segment has some hundred rows
-- Rows:       1
select min(s.first_sequence), max(s.last_sequence) + 1
from vsl.segment s
where s.state = 3 and s.last_sequence < $2::bigint
    and s.min_business_date <= $1::date and s.max_business_date >= $1::date
