-- large_value.sql: who moved so much in one direction on the date that it has to be reported (大额交易).
--
-- Counted by customer and accounting date, what came and what went apart, one movement or all together, and from
-- the limit on (PBoC Order 2016 No. 3 art. 5). Each movement of such a customer in that direction is a row, with
-- the whole and the limit that it reached; `sequence` names the command for good. Not counted are fees and interest
-- (art. 7), and what was taken back on the same date counts against it. Merchants count as companies, users as
-- persons.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Account kind 4 is FEE, 6 INTEREST. Thresholds: large_value.company, large_value.person.
-- SPDX-License-Identifier: Apache-2.0
with ledger as materialized (
    select h.currency
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
), threshold as materialized (
    select vsl.report_threshold_on('large_value.company', l.currency, $2::date) as company,
        vsl.report_threshold_on('large_value.person', l.currency, $2::date) as person
    from ledger l
), movement as materialized (
    select m.*, sum(m.amount) over (partition by m.member_id, m.is_incoming) as total
    from vsl.movements($1::bigint, $2::date, $2::date) m
    where m.other_kind not in (4, 6) and m.sequence <= $3::bigint
), candidate as materialized (
    select distinct m.member_id from movement m where m.total >= (select least(t.company, t.person) from threshold t)
), customer as (
    select c.member_id, h.platform_member_id, h.kind = 1 as is_company
    from candidate c
    cross join lateral (
        select * from vsl.member_history h
        where h.member_id = c.member_id and h.sequence <= $3::bigint
        order by h.sequence desc
        limit 1
    ) h
)
select m.member_id, c.platform_member_id,
    case when c.is_company then 'company' else 'person' end as subject,
    case when m.is_incoming then 'in' else 'out' end as direction,
    m.total as total_minor,
    case when c.is_company then t.company else t.person end as limit_minor,
    m.sequence, m.line, m.recorded_at, k.name as what, m.order_number, m.account_id, m.amount as amount_minor,
    nullif(m.other_member_id, 0) as other_member_id
from movement m
join customer c on c.member_id = m.member_id
cross join threshold t
left join vsl.command_kind k on k.number = m.kind
where m.total >= case when c.is_company then t.company else t.person end
order by m.member_id, m.is_incoming desc, m.sequence, m.line
