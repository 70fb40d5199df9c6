-- transactions.sql: each change of an account's bucket on the accounting date, with the balance after it.
--
-- A posting is two lines: side 0 left a bucket, side 1 came into one. `is_wrong`: the balance is not that of the line
-- before it plus the amount, or the command is of another date. To the platform what the bank measures (freezes and
-- claims) has no name, key and order, as in the API. A line with a product_id is of units of it, and no money.
--
-- Parameters: $1 bigint the ledger, $2 bigint the last command before the date, $3 bigint the last one of the date,
-- $4 date the accounting date, $5 boolean whether it is for the bank
-- Buckets are 0 available, 1 pending in, 2 pending out, 3 frozen.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select p.sequence, p.line, s.side, s.account_id, s.bucket, s.amount, s.balance, s.other_account_id, s.other_bucket
    from vsl.posting p
    cross join lateral (values
        (0, p.debit_account_id, p.debit_bucket, -p.amount, p.debit_balance, p.credit_account_id, p.credit_bucket),
        (1, p.credit_account_id, p.credit_bucket, p.amount, p.credit_balance, p.debit_account_id, p.debit_bucket)
    ) s (side, account_id, bucket, amount, balance, other_account_id, other_bucket)
    where p.ledger_id = $1::bigint and p.sequence > $2::bigint and p.sequence <= $3::bigint
), chain as (
    select s.*, lag(s.balance) over (partition by s.account_id, s.bucket order by s.sequence, s.line, s.side) as balance_before
    from side s
), command as (
    select c.*, k.name,
        not $5::boolean and (
            c.kind in (vsl.kind('PlaceFreeze'), vsl.kind('LiftFreeze'), vsl.kind('PlaceClaim'), vsl.kind('ContinueClaim'),
                vsl.kind('ReleaseClaim'), vsl.kind('DeductClaim'))
            or c.kind = vsl.kind('Expire') and h.sequence is null) as is_measure
    from vsl.command c
    left join vsl.command_kind k on k.number = c.kind
    left join (
        select distinct h.sequence
        from vsl.hold_history h
        where h.ledger_id = $1::bigint and h.sequence > $2::bigint and h.sequence <= $3::bigint
    ) h on h.sequence = c.sequence and c.kind = vsl.kind('Expire')
    where c.ledger_id = $1::bigint and c.sequence > $2::bigint and c.sequence <= $3::bigint and c.outcome < 100
), owner as (
    select a.account_id, min(a.member_id) as member_id
    from vsl.account_history a
    where a.ledger_id = $1::bigint and a.sequence <= $3::bigint
    group by a.account_id
), unit as (
    select h.account_id, h.product_id
    from vsl.product_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    union
    select h.account_id, h.product_id
    from vsl.position_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
), member as (
    select m.member_id, min(m.platform_member_id) as platform_member_id
    from vsl.member_history m
    where m.ledger_id = $1::bigint and m.sequence <= $3::bigint
    group by m.member_id
)
select s.sequence, s.line + 1 as line, to_char(c.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at,
    case when c.is_measure then 'BankMeasure' else c.name end as what,
    case when not c.is_measure then c.order_number end as order_number,
    case when not c.is_measure then c.channel end as channel,
    case when not c.is_measure then c.business_date end as business_date,
    case when not c.is_measure then c.serial end as serial,
    s.account_id, u.product_id, m.platform_member_id,
    (array['available', 'pending_in', 'pending_out', 'frozen'])[s.bucket + 1] as bucket,
    s.amount as amount_minor, s.balance as balance_after_minor, s.other_account_id as counter_account_id,
    (array['available', 'pending_in', 'pending_out', 'frozen'])[s.other_bucket + 1] as counter_bucket,
    coalesce(s.balance_before + s.amount <> s.balance, false) or c.sequence is null or o.account_id is null
        or c.accounting_date <> $4::date as is_wrong
from chain s
left join command c on c.sequence = s.sequence
left join owner o on o.account_id = s.account_id
left join unit u on u.account_id = s.account_id
left join member m on m.member_id = o.member_id
order by s.sequence, s.line, s.side
