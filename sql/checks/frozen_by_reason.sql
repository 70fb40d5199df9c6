-- frozen_by_reason.sql: proves that what is frozen on an account is the sum of its live holds, live
-- business freezes and what claims cover of it. Bucket 3 is frozen, status 1 is live.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select debit_account_id as account_id, sequence, line, debit_balance as balance
    from vsl.posting
    where debit_bucket = 3
    union all
    select credit_account_id, sequence, line, credit_balance
    from vsl.posting
    where credit_bucket = 3
), frozen as (
    select distinct on (account_id) account_id, balance
    from side
    order by account_id, sequence desc, line desc
), newest_hold as (
    select distinct on (hold_id) payer_account_id, amount - confirmed - cancelled as held, status
    from vsl.hold_history
    order by hold_id, sequence desc
), newest_freeze as (
    select distinct on (freeze_id) account_id, amount - lifted as frozen, status
    from vsl.freeze_history
    order by freeze_id, sequence desc
), newest_cover as (
    select distinct on (cover_id) account_id, amount
    from vsl.cover_history
    order by cover_id, sequence desc
), reason as (
    select account_id, sum(amount) as amount
    from (
        select payer_account_id as account_id, held as amount from newest_hold where status = 1
        union all
        select account_id, frozen from newest_freeze where status = 1
        union all
        select account_id, amount from newest_cover
    ) live
    group by account_id
), wrong as materialized (
    select account_id, coalesce(f.balance, 0) as frozen, coalesce(r.amount, 0) as by_reason
    from frozen f
    full join reason r using (account_id)
    where coalesce(f.balance, 0) <> coalesce(r.amount, 0)
)
select * from wrong
order by account_id
limit 100
