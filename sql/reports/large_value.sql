-- large_value.sql: who moved so much in one direction on the date that it has to be reported (大额交易).
--
-- Counted by customer and accounting date, what came and what went apart, one movement or all together, and from
-- the limit on: vsl.large_movements says who is a customer, what counts towards which limit, and what does not count.
-- Each movement of such a customer in that direction is a row, with the whole and the limit that it reached; `sequence`
-- names the command for good. What was taken back on the same date counts against it.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Thresholds: large_value.company, .person, .person_cross_border, .cash.
-- SPDX-License-Identifier: Apache-2.0
with movement as (
    select m.*,
        sum(m.amount) over (partition by m.customer_id, m.is_company, m.counted_as, m.is_incoming) as total
    from vsl.large_movements($1::bigint, $2::date, $2::date, $3::bigint) m
)
select m.member_id, m.platform_member_id, m.person_id,
    case when m.is_company then 'company' else 'person' end as subject, m.counted_as,
    case when m.is_incoming then 'in' else 'out' end as direction,
    m.total as total_minor, m.large as limit_minor,
    m.sequence, m.line, m.recorded_at, k.name as what, m.order_number, m.account_id, m.amount as amount_minor,
    nullif(m.other_member_id, 0) as other_member_id
from movement m
left join vsl.command_kind k on k.number = m.kind
where m.total >= m.large
order by m.member_id, m.is_incoming desc, m.counted_as, m.sequence, m.line
