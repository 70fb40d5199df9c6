-- just_below.sql: sums that keep just below the limit of a report (拆分交易, 规避大额报告).
--
-- Listed is who moved, in one direction, at least `movements` sums that each are less than the large-value limit
-- towards which they count by `percent` at most, within the last `days` calendar days up to the date, one of them on
-- the date. Customers and limits are those of vsl.large_movements: a person with all of its members, cash by itself, of
-- persons what crosses the border, too. `member_id` is the customer's first one of those that moved.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Thresholds: just_below.percent, .movements, .days; large_value.company, .person, .person_cross_border, .cash.
-- SPDX-License-Identifier: Apache-2.0
with threshold as materialized (
    select vsl.report_threshold_on('just_below.percent', h.currency, $2::date) as percent,
        vsl.report_threshold_on('just_below.movements', h.currency, $2::date) as movements,
        vsl.report_threshold_on('just_below.days', h.currency, $2::date)::integer as days
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
)
select min(m.member_id) as member_id, (array_agg(m.platform_member_id order by m.member_id))[1] as platform_member_id,
    m.person_id, m.counted_as, case when m.is_incoming then 'in' else 'out' end as direction,
    count(*) as movements, sum(m.amount) as total_minor, max(m.amount) as largest_minor, m.large as limit_minor,
    min(m.sequence) as first_sequence, max(m.sequence) as last_sequence
from threshold t
cross join vsl.large_movements($1::bigint, $2::date - (t.days - 1), $2::date, $3::bigint) m
where m.amount < m.large and m.amount * 100::numeric >= m.large * (100 - t.percent)
group by m.customer_id, m.is_company, m.person_id, m.counted_as, m.is_incoming, m.large, t.movements
having count(*) >= t.movements and bool_or(m.accounting_date = $2::date)
order by 1, m.is_incoming desc, m.counted_as
