-- general_ledger.sql: the summary for the general ledger: of each control account, and of all members' accounts
-- together, what each bucket had when the accounting date began, what went and came, and what it had at its end.
--
-- Opening and closing are what postings recorded, debits and credits what those of the date moved; `is_wrong` where
-- they do not add up. All rows together are nothing at the beginning and at the end: ESCROW mirrors the bank with a
-- minus sign, and what an acquirer promised is minus what is pending in. A row with a product_id is of units of it.
--
-- Parameters: $1 bigint the ledger, $2 bigint the last command before the date, $3 bigint the last one of the date,
-- $4 date the accounting date, $5 boolean whether it is for the bank
-- Account kind 1 is a member's, 10 what one holds of a product: those of a product together.
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
        coalesce((max(array[s.sequence, s.line::bigint, s.balance]) filter (where not s.is_of_day))[3], 0) as opening,
        coalesce(sum(s.amount) filter (where s.is_of_day and s.amount < 0), 0) as debits,
        coalesce(sum(s.amount) filter (where s.is_of_day and s.amount > 0), 0) as credits,
        (max(array[s.sequence, s.line::bigint, s.balance]))[3] as closing
    from side s
    group by s.account_id, s.bucket
), account as (
    select a.account_id, min(a.kind) as kind
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
), whole as (
    select a.kind, case when a.kind not in (1, 10) then a.account_id end as account_id, u.product_id, t.bucket,
        count(*) as accounts,
        coalesce(sum(b.opening), 0) as opening, coalesce(sum(b.debits), 0) as debits,
        coalesce(sum(b.credits), 0) as credits, coalesce(sum(b.closing), 0) as closing
    from account a
    cross join (values (0), (1), (2), (3)) t (bucket)
    left join bucket b on b.account_id = a.account_id and b.bucket = t.bucket
    left join unit u on u.account_id = a.account_id
    group by a.kind, case when a.kind not in (1, 10) then a.account_id end, u.product_id, t.bucket
)
select coalesce((array['member', 'escrow', 'unallocated', 'fee', 'platform_own', 'interest', 'enforcement', 'acquirer',
        'issuer', 'position'])[w.kind],
        w.kind::text) as account_kind,
    w.account_id, w.product_id, w.accounts, (array['available', 'pending_in', 'pending_out', 'frozen'])[w.bucket + 1] as bucket,
    w.opening as opening_minor, w.debits as debits_minor, w.credits as credits_minor, w.closing as closing_minor,
    w.opening + w.debits + w.credits <> w.closing or $4::date is null or $5::boolean is null as is_wrong
from whole w
order by w.kind, w.account_id nulls first, w.product_id nulls first, w.bucket
