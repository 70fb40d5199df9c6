-- escrow_tie_out.sql: proves that the escrow account's book balance (ESCROW with its sign turned) is
-- available + frozen + pending out of all other accounts of its ledger, and that what is pending in is
-- owed by the acquirers, on whose accounts it stands with a minus sign; they have nothing else that is below zero.
-- Buckets: 0 available, 1 pending in, 2 pending out, 3 frozen. Account kind 2 is ESCROW, 8 an acquirer's; 9 and 10
-- hold units of products, and no money.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select ledger_id, debit_account_id as account_id, debit_bucket as bucket, sequence, line,
        debit_balance as balance
    from vsl.posting
    union all
    select ledger_id, credit_account_id, credit_bucket, sequence, line, credit_balance
    from vsl.posting
), newest as (
    select distinct on (account_id, bucket) ledger_id, account_id, bucket, balance
    from side
    where account_id not in (select account_id from vsl.account_history where kind in (9, 10))
    order by account_id, bucket, sequence desc, line desc
), escrow as (
    select distinct account_id from vsl.account_history where kind = 2
), acquirer as (
    select distinct account_id from vsl.account_history where kind = 8
), total as (
    select n.ledger_id,
        coalesce(-sum(n.balance) filter (where e.account_id is not null), 0) as book_balance,
        coalesce(sum(n.balance) filter (where e.account_id is null and n.bucket in (0, 2, 3)), 0)
            as owed,
        coalesce(sum(n.balance) filter (where n.bucket = 1), 0) as pending_in,
        count(*) filter (where e.account_id is not null and n.bucket <> 0) as other_escrow_buckets,
        count(*) filter (where case when q.account_id is not null and n.bucket = 1 then n.balance > 0
            when n.bucket = 1 or q.account_id is not null then n.balance < 0 end) as wrong_signs
    from newest n
    left join escrow e using (account_id)
    left join acquirer q using (account_id)
    group by n.ledger_id
), wrong as materialized (
    select ledger_id, book_balance, owed, pending_in, other_escrow_buckets, wrong_signs
    from total
    where book_balance <> owed or pending_in <> 0 or other_escrow_buckets <> 0
        or wrong_signs <> 0
)
select * from wrong
order by ledger_id
limit 100
