-- running_balance.sql: proves that the balances written in the postings chain: on every bucket of every
-- account, the balance after a posting is the balance after the one before it plus or minus the amount,
-- starting from zero. Shows the first broken links.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select debit_account_id as account_id, debit_bucket as bucket, sequence, line,
        -amount as change, debit_balance as balance
    from vsl.posting
    union all
    select credit_account_id, credit_bucket, sequence, line, amount, credit_balance
    from vsl.posting
), chain as (
    select account_id, bucket, sequence, line, change, balance,
        lag(balance, 1, 0::bigint) over (partition by account_id, bucket order by sequence, line)
            as balance_before
    from side
), wrong as materialized (
    select account_id, bucket, sequence, line, balance_before, change, balance
    from chain
    where balance <> balance_before + change
)
select * from wrong
order by sequence, line
limit 100
