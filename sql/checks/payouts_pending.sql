-- payouts_pending.sql: proves that an account's pending out is the sum of its payouts that have not left or
-- failed yet, and that every such payout is covered. Bucket 2 is pending out; payout status 1 is requested,
-- 5 sent, 6 unknown.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select debit_account_id as account_id, sequence, line, debit_balance as balance
    from vsl.posting
    where debit_bucket = 2
    union all
    select credit_account_id, sequence, line, credit_balance
    from vsl.posting
    where credit_bucket = 2
), pending as (
    select distinct on (account_id) account_id, balance
    from side
    order by account_id, sequence desc, line desc
), newest_payout as (
    select distinct on (payout_id) payout_id, account_id, amount, status
    from vsl.payout_history
    order by payout_id, sequence desc
), waiting as (
    select account_id, sum(amount) as amount
    from newest_payout
    where status in (1, 5, 6)
    group by account_id
), wrong as materialized (
    select account_id, coalesce(p.balance, 0) as pending_out, coalesce(w.amount, 0) as payouts
    from pending p
    full join waiting w using (account_id)
    where coalesce(p.balance, 0) <> coalesce(w.amount, 0)
)
select * from wrong
order by account_id
limit 100
