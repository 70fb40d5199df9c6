-- just_below.sql: sums that keep just below the limit of a report (拆分交易, 规避大额报告).
--
-- Listed is who moved, in one direction, at least `movements` sums that each are less than the customer's
-- large-value limit by `percent` at most, within the last `days` calendar days up to the date, one of them on
-- the date.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Account kind 4 is FEE, 6 INTEREST. Thresholds: just_below.percent, .movements, .days; large_value.company, .person.
-- SPDX-License-Identifier: Apache-2.0
with threshold as materialized (
    select vsl.report_threshold_on('just_below.percent', h.currency, $2::date) as percent,
        vsl.report_threshold_on('just_below.movements', h.currency, $2::date) as movements,
        vsl.report_threshold_on('just_below.days', h.currency, $2::date)::integer as days,
        vsl.report_threshold_on('large_value.company', h.currency, $2::date) as company,
        vsl.report_threshold_on('large_value.person', h.currency, $2::date) as person
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
), movement as materialized (
    select m.*
    from vsl.movements($1::bigint, $2::date - (select t.days - 1 from threshold t), $2::date) m
    where m.other_kind not in (4, 6) and m.sequence <= $3::bigint
), candidate as (
    select distinct m.member_id
    from movement m
    cross join threshold t
    where m.amount < greatest(t.company, t.person)
        and m.amount * 100::numeric >= least(t.company, t.person) * (100 - t.percent)
), customer as (
    select c.member_id, h.platform_member_id, case when h.kind = 1 then t.company else t.person end as large
    from candidate c
    cross join threshold t
    cross join lateral (
        select * from vsl.member_history h
        where h.member_id = c.member_id and h.sequence <= $3::bigint
        order by h.sequence desc
        limit 1
    ) h
)
select m.member_id, c.platform_member_id, case when m.is_incoming then 'in' else 'out' end as direction,
    count(*) as movements, sum(m.amount) as total_minor, max(m.amount) as largest_minor, c.large as limit_minor,
    min(m.sequence) as first_sequence, max(m.sequence) as last_sequence
from movement m
join customer c on c.member_id = m.member_id
cross join threshold t
where m.amount < c.large and m.amount * 100::numeric >= c.large * (100 - t.percent)
group by m.member_id, c.platform_member_id, m.is_incoming, c.large, t.movements
having count(*) >= t.movements and bool_or(m.accounting_date = $2::date)
order by m.member_id, m.is_incoming desc
