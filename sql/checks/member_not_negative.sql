-- member_not_negative.sql: proves that no bucket of a member's account was negative after any posting.
-- Account kind 1 is a member's.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select debit_account_id as account_id, debit_bucket as bucket, sequence, line,
        debit_balance as balance
    from vsl.posting
    where debit_balance < 0
    union all
    select credit_account_id, credit_bucket, sequence, line, credit_balance
    from vsl.posting
    where credit_balance < 0
), wrong as materialized (
    select s.account_id, s.bucket, s.sequence, s.line, s.balance
    from side s
    where s.account_id in (select h.account_id from vsl.account_history h where h.kind = 1)
)
select * from wrong
order by sequence, line
limit 100
