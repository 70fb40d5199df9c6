-- segments.sql: proves that the segments are gapless from 1 on, are indexed in order, reach beyond the last
-- command, and that an indexed one has its key filter and the dates that occur in it.
-- SPDX-License-Identifier: Apache-2.0
with numbered as (
    select s.*,
        lag(last_sequence, 1, 0::bigint) over by_number as sequence_before,
        lag(state, 1, 3::smallint) over by_number as state_before
    from vsl.segment s
    window by_number as (order by first_sequence)
), dates as (
    -- The commands of a segment are one partition. Its first command tells whose it is.
    select min(c.sequence) as first_sequence, max(c.sequence) as last_sequence,
        min(c.business_date) as min_business, max(c.business_date) as max_business,
        min(c.accounting_date) as min_accounting, max(c.accounting_date) as max_accounting,
        count(*) as commands
    from vsl.command c
    group by c.tableoid
), wrong as materialized (
    select n.first_sequence, n.last_sequence, n.state, n.sequence_before, d.commands
    from numbered n
    left join dates d using (first_sequence)
    where n.first_sequence <> n.sequence_before + 1 or n.state > n.state_before
        or (n.state = 3 and n.key_filter is null)
        or (n.state >= 2 and (d.commands is distinct from n.last_sequence - n.first_sequence + 1
            or d.last_sequence <> n.last_sequence
            or n.min_business_date > d.min_business or n.max_business_date < d.max_business
            or n.min_accounting_date > d.min_accounting or n.max_accounting_date < d.max_accounting))
    union all
    select max(c.sequence), null, null, (select max(s.last_sequence) from vsl.segment s), null
    from vsl.command c
    having max(c.sequence) > (select max(s.last_sequence) from vsl.segment s)
)
select * from wrong
order by 1
limit 100
