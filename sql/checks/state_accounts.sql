-- state_accounts.sql: proves that every row of the state table of accounts is what the journal says as of
-- its sequence number: each balance is that of the newest posting up to there, everything else that of
-- the newest image up to there.
-- SPDX-License-Identifier: Apache-2.0
with side as (
    select debit_account_id as account_id, debit_bucket as bucket, sequence, line,
        debit_balance as balance
    from vsl.posting
    union all
    select credit_account_id, credit_bucket, sequence, line, credit_balance
    from vsl.posting
), newest as (
    select distinct on (s.account_id, s.bucket) s.account_id, s.bucket, s.balance
    from side s
    join vsl.account a on a.account_id = s.account_id and s.sequence <= a.sequence
    order by s.account_id, s.bucket, s.sequence desc, s.line desc
), balances as (
    select account_id,
        coalesce(max(balance) filter (where bucket = 0), 0) as available,
        coalesce(max(balance) filter (where bucket = 1), 0) as pending_in,
        coalesce(max(balance) filter (where bucket = 2), 0) as pending_out,
        coalesce(max(balance) filter (where bucket = 3), 0) as frozen
    from newest
    group by account_id
), image as (
    select distinct on (h.account_id) h.*
    from vsl.account_history h
    join vsl.account a on a.account_id = h.account_id and h.sequence <= a.sequence
    order by h.account_id, h.sequence desc
), wrong as materialized (
    select a.account_id, a.sequence, a.available, b.available as available_by_postings
    from vsl.account a
    left join balances b using (account_id)
    left join image i using (account_id)
    where (a.available, a.pending_in, a.pending_out, a.frozen) is distinct from
            (coalesce(b.available, 0), coalesce(b.pending_in, 0), coalesce(b.pending_out, 0),
                coalesce(b.frozen, 0))
        or (a.ledger_id, a.member_id, a.kind, a.status, a.no_in, a.no_out, a.next_date_amount, a.next_date)
            is distinct from
            (i.ledger_id, i.member_id, i.kind, i.status, i.no_in, i.no_out, i.next_date_amount, i.next_date)
)
select * from wrong
order by account_id
limit 100
