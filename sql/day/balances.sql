-- balances.sql: what each account had when the accounting date began and when it ended, bucket by bucket.
--
-- Every account that was opened by then, its available and each other bucket that ever moved; one with a product_id has
-- units of it, and no money. `is_wrong`: all amounts until the date do not add up to the balance that the last posting
-- before it recorded, or with those of the date not to the one that the last of the date recorded; or the account was
-- never opened. One pass over the ledger's postings.
--
-- Parameters: $1 bigint the ledger, $2 bigint the last command before the date, $3 bigint the last one of the date,
-- $4 date the accounting date, $5 boolean whether it is for the bank
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select s.account_id, s.bucket, s.amount, s.balance, p.sequence, p.line, p.sequence > $2::bigint as is_of_day
    from vsl.posting p
    cross join lateral (values
        (p.debit_account_id, p.debit_bucket, -p.amount, p.debit_balance),
        (p.credit_account_id, p.credit_bucket, p.amount, p.credit_balance)
    ) s (account_id, bucket, amount, balance)
    where p.ledger_id = $1::bigint and p.sequence <= $3::bigint
        and p.sequence >= (select min(h.sequence) from vsl.ledger_history h where h.ledger_id = $1::bigint)
), bucket as (
    select s.account_id, s.bucket,
        coalesce(sum(s.amount) filter (where not s.is_of_day), 0) as opening,
        coalesce(sum(s.amount) filter (where s.is_of_day and s.amount < 0), 0) as debits,
        coalesce(sum(s.amount) filter (where s.is_of_day and s.amount > 0), 0) as credits,
        coalesce((max(array[s.sequence, s.line::bigint, s.balance]) filter (where not s.is_of_day))[3], 0) as opening_recorded,
        (max(array[s.sequence, s.line::bigint, s.balance]))[3] as closing
    from side s
    group by s.account_id, s.bucket
), account as (
    select a.account_id, min(a.kind) as kind, min(a.member_id) as member_id,
        (max(array[a.sequence, a.status::bigint]))[2] as status
    from vsl.account_history a
    where a.ledger_id = $1::bigint and a.sequence <= $3::bigint
    group by a.account_id
), member as (
    select m.member_id, min(m.platform_member_id) as platform_member_id
    from vsl.member_history m
    where m.ledger_id = $1::bigint and m.sequence <= $3::bigint
    group by m.member_id
), unit as (
    select h.account_id, h.product_id
    from vsl.product_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    union
    select h.account_id, h.product_id
    from vsl.position_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
), place as (
    select b.account_id, b.bucket from bucket b
    union
    select a.account_id, 0 from account a
)
select p.account_id,
    coalesce((array['member', 'escrow', 'unallocated', 'fee', 'platform_own', 'interest', 'enforcement', 'acquirer',
        'issuer', 'position'])[a.kind],
        a.kind::text) as account_kind,
    u.product_id, case a.status when 1 then 'open' else 'closed' end as status,
    nullif(a.member_id, 0) as member_id, m.platform_member_id,
    (array['available', 'pending_in', 'pending_out', 'frozen'])[p.bucket + 1] as bucket,
    coalesce(b.opening, 0) as opening_minor, coalesce(b.debits, 0) as debits_minor, coalesce(b.credits, 0) as credits_minor,
    coalesce(b.closing, 0) as closing_minor,
    a.account_id is null or coalesce(b.opening <> b.opening_recorded or b.opening + b.debits + b.credits <> b.closing, false)
        or $4::date is null or $5::boolean is null as is_wrong
from place p
left join bucket b on b.account_id = p.account_id and b.bucket = p.bucket
left join account a on a.account_id = p.account_id
left join unit u on u.account_id = p.account_id
left join member m on m.member_id = a.member_id
order by p.account_id, p.bucket
