-- closed_accounts.sql: proves that a closed account is empty and stays so: no balance in any bucket, no debt
-- that is still open.
-- Account status 2 is closed, debt status 1 is open.
-- SPDX-License-Identifier: Apache-2.0
with newest_account as (
    select distinct on (account_id) account_id, sequence, status
    from vsl.account_history
    order by account_id, sequence desc
), closed as (
    select account_id, sequence from newest_account where status = 2
), side as (
    select p.debit_account_id as account_id, p.debit_bucket as bucket, p.sequence, p.line,
        p.debit_balance as balance
    from vsl.posting p
    join closed c on c.account_id = p.debit_account_id
    union all
    select p.credit_account_id, p.credit_bucket, p.sequence, p.line, p.credit_balance
    from vsl.posting p
    join closed c on c.account_id = p.credit_account_id
), newest_balance as (
    select distinct on (account_id, bucket) account_id, sequence, balance
    from side
    order by account_id, bucket, sequence desc, line desc
), newest_debt as (
    select distinct on (debt_id) debt_id, account_id, sequence, status
    from vsl.debt_history
    order by debt_id, sequence desc
), wrong as materialized (
    select b.account_id, b.sequence, c.sequence as closed_at, b.balance
    from newest_balance b
    join closed c using (account_id)
    where b.balance <> 0 or b.sequence > c.sequence
    union all
    select d.account_id, d.sequence, c.sequence, null
    from newest_debt d
    join closed c using (account_id)
    where d.status = 1
)
select * from wrong
order by 1, 2
limit 100
