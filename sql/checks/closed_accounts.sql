-- closed_accounts.sql: proves that a closed account is empty and stays so: no balance in any bucket, no debt
-- that was open when it was closed. A refund that is advanced for it later makes one, which other accounts of
-- its member repay.
-- Account status 2 is closed, debt status 1 is open.
-- SPDX-License-Identifier: Apache-2.0
with closed as ( -- for good
    select account_id, min(sequence) as sequence
    from vsl.account_history
    where status = 2
    group by account_id
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
    select distinct on (debt_id) debt_id, account_id, sequence, status, refund_sequence
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
    where d.status = 1 and d.refund_sequence < c.sequence
)
select * from wrong
order by 1, 2
limit 100
