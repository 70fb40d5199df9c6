-- ledger_sum.sql: proves that in every ledger the newest balances of all buckets of all accounts,
-- control accounts included, add up to zero. Those of products do by themselves: see units.sql.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select ledger_id, debit_account_id as account_id, debit_bucket as bucket, sequence, line,
        debit_balance as balance
    from vsl.posting
    union all
    select ledger_id, credit_account_id, credit_bucket, sequence, line, credit_balance
    from vsl.posting
), newest as (
    select distinct on (account_id, bucket) ledger_id, balance
    from side
    order by account_id, bucket, sequence desc, line desc
), wrong as materialized (
    select ledger_id, sum(balance) as difference
    from newest
    group by ledger_id
    having sum(balance) <> 0
)
select * from wrong
order by ledger_id
limit 100
