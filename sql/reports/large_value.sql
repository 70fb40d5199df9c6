-- large_value.sql: who moved so much in one direction on the date that it has to be reported (大额交易).
--
-- Counted by customer and accounting date, what came and what went apart, one movement or all together, and from
-- the limit on (PBoC Order 2016 No. 3 art. 5). A customer is a person with all of its members in the ledger, by their
-- identities, companies and persons apart; who is not identified is one by himself. Cash is counted by itself, of
-- persons also what crosses the border: how money came or went is what the receipt and the withdrawal say (`way`), and
-- for what was undone, came back, or waited in UNALLOCATED, what the receipt or withdrawal before it said. Each movement
-- of such a customer in that direction is a row, with the whole and the limit that it reached; `sequence` names the
-- command for good. Not counted are fees and interest (art. 7), and what goes between two members of one customer; what
-- was taken back on the same date counts against it. Merchants count as companies, users as persons.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Account kind 4 is FEE, 6 INTEREST. Thresholds: large_value.company, .person, .person_cross_border, .cash.
-- SPDX-License-Identifier: Apache-2.0
with ledger as materialized (
    select h.currency
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
), threshold as materialized (
    select vsl.report_threshold_on('large_value.company', l.currency, $2::date) as company,
        vsl.report_threshold_on('large_value.person', l.currency, $2::date) as person,
        vsl.report_threshold_on('large_value.person_cross_border', l.currency, $2::date) as cross_border,
        vsl.report_threshold_on('large_value.cash', l.currency, $2::date) as cash
    from ledger l
), span as materialized (
    select d.first_sequence, least(d.last_sequence, $3::bigint) as last_sequence
    from vsl.sequences_of_days($1::bigint, $2::date, $2::date) d
), identity as (
    select distinct on (i.member_id) i.member_id, i.person_id
    from vsl.identity_history i
    where i.ledger_id = $1::bigint and i.sequence <= $3::bigint
    order by i.member_id, i.sequence desc, i.identity_id desc
), customer as materialized (
    select h.member_id, min(h.platform_member_id) as platform_member_id, i.person_id, min(h.kind) = 1 as is_company,
        coalesce(i.person_id, -h.member_id) as customer_id
    from vsl.member_history h
    left join identity i using (member_id)
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    group by h.member_id, i.person_id
), moved as materialized (
    select m.*, c.platform_member_id, c.person_id, c.is_company, c.customer_id
    from vsl.movements($1::bigint, $2::date, $2::date) m
    join customer c on c.member_id = m.member_id
    left join customer o on o.member_id = m.other_member_id
    where m.other_kind not in (4, 6) and m.sequence <= $3::bigint
        and (o.customer_id, o.is_company) is distinct from (c.customer_id, c.is_company)
), said as ( -- by which command: its own, or the one whose money it is
    select m.sequence, m.sequence as said_sequence
    from moved m
    where m.kind in (vsl.kind('BookReceipt'), vsl.kind('Withdraw'))
    union
    select h.sequence, h.origin_sequence
    from vsl.suspense_history h
    where h.sequence between (select first_sequence from span) and (select last_sequence from span)
        and h.sequence in (select m.sequence from moved m
            where m.kind in (vsl.kind('AllocateSuspense'), vsl.kind('UndoAllocation')))
    union
    select h.sequence, h.original_sequence
    from vsl.refunded_history h
    where h.sequence between (select first_sequence from span) and (select last_sequence from span)
        and h.sequence in (select m.sequence from moved m where m.kind = vsl.kind('Reverse'))
    union
    select h.sequence, h.requested_sequence
    from vsl.payout_history h
    where h.sequence between (select first_sequence from span) and (select last_sequence from span)
        and h.sequence in (select m.sequence from moved m
            where m.kind in (vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout')))
), by_way as (
    select s.sequence, max(vsl.way_of(c.kind, c.body)) as way
    from said s
    join vsl.command c on c.sequence = s.said_sequence
    where c.kind in (vsl.kind('BookReceipt'), vsl.kind('Withdraw'))
    group by s.sequence
), counted as (
    select m.*, case when w.way = 1 then 'cash' when w.way = 2 and not m.is_company then 'cross_border' else 'transfer' end
            as counted_as
    from moved m
    left join by_way w using (sequence)
), movement as (
    select m.*, case m.counted_as when 'cash' then t.cash when 'cross_border' then t.cross_border
            else case when m.is_company then t.company else t.person end end as large,
        sum(m.amount) over (partition by m.customer_id, m.is_company, m.counted_as, m.is_incoming) as total
    from counted m
    cross join threshold t
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
