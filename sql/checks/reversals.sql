-- reversals.sql: proves that every reversal is linked to one earlier command of its ledger and booked just
-- its postings in the opposite direction, last first, with UNALLOCATED in place of who was closed since
-- (outcome 2), and that nothing is reversed twice. What goes to PLATFORM_OWN after it repays a debt: debts.sql.
-- What PLATFORM_OWN gives to a fee account was collected of the fee: at most what goes back of it. Of a receipt or
-- interest it gives in place of who took it, if two persons want it: who has closed the account since (stand_ins.sql).
-- Account kinds: 3 UNALLOCATED, 4 FEE, 5 PLATFORM_OWN.
-- SPDX-License-Identifier: Apache-2.0
with unallocated as (
    select distinct account_id from vsl.account_history where kind = 3
), own as (
    select distinct account_id from vsl.account_history where kind = 5
), fee as (
    select distinct account_id from vsl.account_history where kind = 4
), reversal as (
    select c.sequence, c.ledger_id, c.outcome, c.body, r.original_sequence
    from vsl.command c
    left join vsl.refunded_history r on r.sequence = c.sequence and r.reversed_sequence = c.sequence
        and r.account_id = 0
    where c.kind = vsl.kind('Reverse') and c.outcome < 100
), original as (
    select r.sequence, r.outcome, o.kind, o.sequence as original_sequence, t.own_took,
        not t.own_took and o.kind in (vsl.kind('BookReceipt'), vsl.kind('BookInterest'))
            and vsl.proposal_of(r.body) is not null as may_stand_in
    from reversal r
    join vsl.command o on o.sequence = r.original_sequence and o.sequence < r.sequence
    cross join lateral (select o.kind in (vsl.kind('CollectFees'), vsl.kind('BookReceipt'))
        and exists (select from vsl.posting p where p.sequence = o.sequence
            and p.credit_account_id in (select account_id from own)) as own_took) t
    where o.ledger_id = r.ledger_id and o.outcome < 100
        and o.kind in (vsl.kind('BookReceipt'), vsl.kind('BookInterest'), vsl.kind('ChargeFee'),
            vsl.kind('CollectFees'), vsl.kind('Pay'), vsl.kind('ApproveAdjustment'), vsl.kind('Adjust'))
), undone as (
    select o.sequence, p.ledger_id, p.amount, p.credit_account_id, p.credit_bucket, p.debit_account_id,
        p.debit_bucket, row_number() over (partition by o.sequence order by p.line desc) as place
    from original o
    join vsl.own_posting p on p.sequence = o.original_sequence
), booked as (
    -- Without what PLATFORM_OWN gives to fee accounts.
    select o.sequence, o.outcome, p.ledger_id, p.amount, p.debit_account_id, p.debit_bucket, p.credit_account_id,
        p.credit_bucket, row_number() over (partition by o.sequence order by p.line) as place,
        o.may_stand_in and p.debit_account_id in (select account_id from own) as stood_in
    from original o
    join vsl.own_posting p on p.sequence = o.sequence
    where p.credit_account_id not in (select account_id from own)
        and (o.own_took or o.may_stand_in or p.debit_account_id not in (select account_id from own))
), collected as (
    -- What PLATFORM_OWN gave to fee accounts, and what they gave back, where fees were not collected at first.
    select o.sequence,
        sum(p.amount) filter (where p.debit_account_id in (select account_id from own)) as amount,
        sum(p.amount) filter (where p.debit_account_id in (select account_id from fee)) as given_back
    from original o
    join vsl.own_posting p on p.sequence = o.sequence
    where not o.own_took and not o.may_stand_in
    group by o.sequence
), wrong as materialized (
    select r.sequence, r.original_sequence, null as place
    from reversal r
    left join original o using (sequence)
    where o.sequence is null
    union all
    select coalesce(u.sequence, b.sequence), null, coalesce(u.place, b.place)
    from undone u
    full join booked b using (sequence, place)
    where (u.ledger_id, u.amount, case when b.stood_in then b.debit_account_id else u.credit_account_id end,
            u.credit_bucket, u.debit_bucket)
        is distinct from (b.ledger_id, b.amount, b.debit_account_id, b.debit_bucket, b.credit_bucket)
        or (u.debit_account_id is distinct from b.credit_account_id and (b.outcome is distinct from 2
            or b.credit_account_id not in (select account_id from unallocated)))
    union all
    select c.sequence, null, null
    from collected c
    where c.amount > coalesce(c.given_back, 0)
    union all
    select max(sequence), original_sequence, null
    from reversal
    group by original_sequence
    having count(*) > 1
)
select * from wrong
order by 1, 3
limit 100
