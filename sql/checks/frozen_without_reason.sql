-- frozen_without_reason.sql: proves that what is frozen is the sum of its holds, freezes and claims. This
-- version has none of them, so nothing may be frozen.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select debit_account_id as account_id, debit_bucket as bucket, sequence, line,
        debit_balance as balance
    from vsl.posting
    where debit_bucket = 3
    union all
    select credit_account_id, credit_bucket, sequence, line, credit_balance
    from vsl.posting
    where credit_bucket = 3
), newest as (
    select distinct on (account_id) account_id, sequence, balance
    from side
    order by account_id, sequence desc, line desc
)
select account_id, sequence, balance
from newest
where balance <> 0
order by account_id
