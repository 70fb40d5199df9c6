-- reversals.sql: proves that every reversal is linked to one earlier command of its ledger and booked just
-- its postings in the opposite direction, last first, with UNALLOCATED in place of who was closed since
-- (outcome 2), and that nothing is reversed twice. What goes to PLATFORM_OWN after it repays a debt: debts.sql.
-- What PLATFORM_OWN gives to a fee account was collected of the fee: at most what goes back of it. Of a receipt
-- it gives what nobody else can, if two persons want it.
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
        not t.own_took and o.kind = vsl.kind('BookReceipt')
            and vsl.proposal_of(r.body) is not null and exists (select from vsl.posting p
                where p.sequence = r.sequence and p.debit_account_id in (select account_id from own)) as stood_in
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
    join vsl.posting p on p.sequence = o.original_sequence
    where not o.stood_in
), booked as (
    select o.sequence, o.outcome, p.ledger_id, p.amount, p.debit_account_id, p.debit_bucket, p.credit_account_id,
        p.credit_bucket, row_number() over (partition by o.sequence order by p.line) as place
    from original o
    join vsl.posting p on p.sequence = o.sequence
    where not o.stood_in and p.credit_account_id not in (select account_id from own)
        and (o.own_took or p.debit_account_id not in (select account_id from own))
), collected as (
    -- What PLATFORM_OWN gave to fee accounts, and what they gave back, where fees were not collected at first.
    select o.sequence,
        sum(p.amount) filter (where p.debit_account_id in (select account_id from own)) as amount,
        sum(p.amount) filter (where p.debit_account_id in (select account_id from fee)) as given_back
    from original o
    join vsl.posting p on p.sequence = o.sequence
    where not o.own_took and not o.stood_in
    group by o.sequence
), stood_in as (
    -- Both sides as one sum, and whether each posting goes from who took it, or PLATFORM_OWN, to who gave it.
    select o.sequence, u.amount, sum(p.amount) as back, bool_and(p.credit_account_id = u.debit_account_id
        and p.credit_bucket = u.debit_bucket and p.debit_bucket = u.credit_bucket
        and (p.debit_account_id = u.credit_account_id
            or p.debit_account_id in (select account_id from own))) as is_right
    from original o
    join vsl.posting u on u.sequence = o.original_sequence
    join vsl.posting p on p.sequence = o.sequence
    where o.stood_in
    group by o.sequence, u.line, u.amount
), wrong as materialized (
    select r.sequence, r.original_sequence, null as place
    from reversal r
    left join original o using (sequence)
    where o.sequence is null
    union all
    select coalesce(u.sequence, b.sequence), null, coalesce(u.place, b.place)
    from undone u
    full join booked b using (sequence, place)
    where (u.ledger_id, u.amount, u.credit_account_id, u.credit_bucket, u.debit_bucket)
        is distinct from (b.ledger_id, b.amount, b.debit_account_id, b.debit_bucket, b.credit_bucket)
        or (u.debit_account_id is distinct from b.credit_account_id and (b.outcome is distinct from 2
            or b.credit_account_id not in (select account_id from unallocated)))
    union all
    select c.sequence, null, null
    from collected c
    where c.amount > coalesce(c.given_back, 0)
    union all
    select s.sequence, null, null
    from stood_in s
    where s.amount <> s.back or not s.is_right
    union all
    select max(sequence), original_sequence, null
    from reversal
    group by original_sequence
    having count(*) > 1
)
select * from wrong
order by 1, 3
limit 100
