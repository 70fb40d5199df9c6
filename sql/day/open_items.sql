-- open_items.sql: what was open at the end of the accounting date: money whose owner is sought, promises of payment
-- companies, settlements, differences, lumps, payouts under way, holds, debts, and for the bank business freezes.
--
-- Above 0 is money that is there for the account or is awaited, below 0 money that leaves it, is missing or is owed.
--
-- Parameters: $1 bigint the ledger, $2 bigint the last command before the date, $3 bigint the last one of the date,
-- $4 date the accounting date, $5 boolean whether it is for the bank
-- Open are: suspense 1, 2; promise 1, 2; payout 1, 5, 6; of all others status 1.
-- SPDX-License-Identifier: Apache-2.0
with item as (
    select 1 as place, 'suspense' as item, s.suspense_id as id, s.account_id,
        (array['open', 'returning'])[s.status] as status, s.amount,
        s.amount - s.allocated - s.reversed - s.gone_back as open, s.origin_sequence as since, null::text as due,
        null::text as reference, null::text as order_number
    from (
        select distinct on (h.suspense_id) h.*
        from vsl.suspense_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.suspense_id, h.sequence desc
    ) s
    where s.status in (1, 2)
    union all
    select 2, 'lump', s.lump_id, 0, 'open', s.control_amount, s.control_amount - s.allocated_amount, s.opened_sequence, null,
        null, null
    from (
        select distinct on (h.lump_id) h.*
        from vsl.lump_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.lump_id, h.sequence desc
    ) s
    where s.status = 1
    union all
    select 3, 'promise', s.promise_id, s.account_id, (array['open', 'disputed'])[s.status], s.amount,
        s.amount - s.kept - s.settled - s.cancelled, s.booked_sequence, s.due_date::text, s.reference, s.order_number
    from (
        select distinct on (h.promise_id) h.*
        from vsl.promise_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.promise_id, h.sequence desc
    ) s
    where s.status in (1, 2)
    union all
    select 4, 'settlement', s.settlement_id, 0, 'open', s.total, s.total - s.settled - s.gone_back, s.opened_sequence, null,
        null, null
    from (
        select distinct on (h.settlement_id) h.*
        from vsl.settlement_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.settlement_id, h.sequence desc
    ) s
    where s.status = 1
    union all
    select 5, 'difference', s.difference_id, s.account_id,
        (array['short', 'over', 'fee', 'unknown', 'duplicate', 'late'])[s.kind],
        case when s.is_missing then -s.amount else s.amount end, case when s.is_missing then -s.amount else s.amount end,
        s.line_sequence, null, s.reference, s.order_number
    from (
        select distinct on (h.difference_id) h.*
        from vsl.difference_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.difference_id, h.sequence desc
    ) s
    where s.status = 1
    union all
    select 6, 'payout', s.payout_id, s.account_id,
        (array['requested', 'paid', 'failed', 'returned', 'sent', 'unknown', 'cancelled'])[s.status], -s.amount, -s.amount,
        s.requested_sequence, null, null, s.order_number
    from (
        select distinct on (h.payout_id) h.*
        from vsl.payout_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.payout_id, h.sequence desc
    ) s
    where s.status in (1, 5, 6)
    union all
    select 7, 'hold', s.hold_id, s.payer_account_id, 'live', s.amount, s.amount - s.confirmed - s.cancelled, s.placed_sequence,
        to_char(s.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), null, s.order_number
    from (
        select distinct on (h.hold_id) h.*
        from vsl.hold_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.hold_id, h.sequence desc
    ) s
    where s.status = 1
    union all
    select 8, 'debt', s.debt_id, s.account_id, 'open', -s.amount, -(s.amount - s.recovered), s.refund_sequence, null, null, null
    from (
        select distinct on (h.debt_id) h.*
        from vsl.debt_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.debt_id, h.sequence desc
    ) s
    where s.status = 1
    union all
    select 9, 'freeze', s.freeze_id, s.account_id, 'live', s.amount, s.amount - s.lifted, s.placed_sequence,
        to_char(s.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), s.purpose, null
    from (
        select distinct on (h.freeze_id) h.*
        from vsl.freeze_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.freeze_id, h.sequence desc
    ) s
    where s.status = 1 and $5::boolean
), owner as (
    select a.account_id, min(a.member_id) as member_id
    from vsl.account_history a
    where a.ledger_id = $1::bigint and a.sequence <= $3::bigint
    group by a.account_id
), member as (
    select m.member_id, min(m.platform_member_id) as platform_member_id
    from vsl.member_history m
    where m.ledger_id = $1::bigint and m.sequence <= $3::bigint
    group by m.member_id
)
select i.item, i.id, nullif(i.account_id, 0) as account_id, m.platform_member_id, i.status, i.amount as amount_minor,
    i.open as open_minor, i.since as since_sequence, c.accounting_date as since_date, i.due, i.reference,
    nullif(i.order_number, '') as order_number,
    c.sequence is null or c.accounting_date > $4::date or $2::bigint is null as is_wrong
from item i
left join vsl.command c on c.sequence = i.since and c.sequence <= $3::bigint
left join owner o on o.account_id = i.account_id
left join member m on m.member_id = o.member_id
order by i.place, i.id
