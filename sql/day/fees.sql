-- fees.sql: what was earned in fees on the accounting date, and given back or taken out of them, with the balance
-- after each.
--
-- `is_wrong`: the balance is not that of the line before it plus the amount, or the command is of another date.
--
-- Parameters: $1 bigint the ledger, $2 bigint the last command before the date, $3 bigint the last one of the date,
-- $4 date the accounting date, $5 boolean whether it is for the bank
-- Account kind 4 is FEE, and every other account for fees.
-- SPDX-License-Identifier: Apache-2.0
with account as (
    select a.account_id, min(a.kind) as kind, min(a.member_id) as member_id
    from vsl.account_history a
    where a.ledger_id = $1::bigint and a.sequence <= $3::bigint
    group by a.account_id
), member as (
    select m.member_id, min(m.platform_member_id) as platform_member_id
    from vsl.member_history m
    where m.ledger_id = $1::bigint and m.sequence <= $3::bigint
    group by m.member_id
), side as (
    select p.sequence, p.line, s.side, s.account_id, s.bucket, s.amount, s.balance, s.other_account_id
    from vsl.posting p
    cross join lateral (values
        (0, p.debit_account_id, p.debit_bucket, -p.amount, p.debit_balance, p.credit_account_id),
        (1, p.credit_account_id, p.credit_bucket, p.amount, p.credit_balance, p.debit_account_id)
    ) s (side, account_id, bucket, amount, balance, other_account_id)
    where p.ledger_id = $1::bigint and p.sequence > $2::bigint and p.sequence <= $3::bigint
        and s.account_id in (select a.account_id from account a where a.kind = 4)
), chain as (
    select s.*, lag(s.balance) over (partition by s.account_id, s.bucket order by s.sequence, s.line, s.side) as balance_before
    from side s
)
select s.sequence, s.line + 1 as line, to_char(c.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at,
    k.name as what, c.order_number, c.fee_rule_version, s.account_id,
    (array['available', 'pending_in', 'pending_out', 'frozen'])[s.bucket + 1] as bucket,
    s.amount as amount_minor, s.balance as balance_after_minor, s.other_account_id as counter_account_id, m.platform_member_id,
    coalesce(s.balance_before + s.amount <> s.balance, false) or c.sequence is null or c.accounting_date <> $4::date
        or $5::boolean is null as is_wrong
from chain s
left join vsl.command c on c.sequence = s.sequence and c.sequence > $2::bigint and c.sequence <= $3::bigint
left join vsl.command_kind k on k.number = c.kind
left join account o on o.account_id = s.other_account_id
left join member m on m.member_id = o.member_id
order by s.sequence, s.line, s.side
