-- many_in_one_out.sql: many small sums came in within some days and went out in few large ones (分散转入, 集中转出).
--
-- Listed is who on the date sent away, by one movement, at least `percent` of what came in during the last `days`
-- calendar days up to the date, in at least `incoming` movements that together are `amount` or more.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Account kind 4 is FEE, 6 INTEREST. Thresholds: many_in_one_out.days, .incoming, .percent, .amount.
-- SPDX-License-Identifier: Apache-2.0
with threshold as materialized (
    select vsl.report_threshold_on('many_in_one_out.days', h.currency, $2::date)::integer as days,
        vsl.report_threshold_on('many_in_one_out.incoming', h.currency, $2::date) as incoming,
        vsl.report_threshold_on('many_in_one_out.percent', h.currency, $2::date) as percent,
        vsl.report_threshold_on('many_in_one_out.amount', h.currency, $2::date) as amount
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
), movement as materialized (
    select m.*
    from vsl.movements($1::bigint, $2::date - (select t.days - 1 from threshold t), $2::date) m
    where m.other_kind not in (4, 6) and m.sequence <= $3::bigint
), incoming as (
    select m.member_id, count(*) filter (where m.amount > 0) as movements, sum(m.amount) as amount
    from movement m
    where m.is_incoming
    group by m.member_id
), largest as (
    select distinct on (m.member_id) m.member_id, m.sequence, m.recorded_at, m.account_id, m.amount
    from movement m
    where not m.is_incoming and m.accounting_date = $2::date
    order by m.member_id, m.amount desc, m.sequence
)
select i.member_id, p.platform_member_id, i.movements as incoming, i.amount as incoming_minor,
    l.amount as outgoing_minor, l.sequence, l.recorded_at, l.account_id
from incoming i
join largest l on l.member_id = i.member_id
cross join threshold t
left join lateral (
    select h.platform_member_id from vsl.member_history h
    where h.member_id = i.member_id and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
) p on true
where i.movements >= t.incoming and i.amount >= t.amount and l.amount * 100::numeric >= i.amount * t.percent
order by i.member_id
