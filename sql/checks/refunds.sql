-- refunds.sql: proves that never more is refunded than was paid: for every command that was refunded the
-- parts of its payees are the whole, no payee's part is above what it got and the fee that it may have
-- borne, no fee above the command's fee is given back, the payer never gets more back than it gave, and
-- each refund booked just what it noted, under the order number of what it refunds; and that nothing else
-- was refunded. When the payer's account was closed since, UNALLOCATED takes its place (outcome 2).
-- What PLATFORM_OWN gives for a payout is noted there, too: stand_ins.sql.
-- What an UndoAllocation takes back of an AllocateSuspense or AllocateLine is noted in the same way, and is what came to
-- UNALLOCATED by it, the fee from FEE accounts: suspense.sql has its item.
-- Account kinds: 1 member, 3 UNALLOCATED, 4 FEE, 5 PLATFORM_OWN. Bucket 3 is frozen: out of it a confirm
-- pays; the payer of a Pay is who its first posting debits.
-- SPDX-License-Identifier: Apache-2.0
with account as (
    select distinct account_id, kind from vsl.account_history where kind in (1, 3, 4, 5)
), newest as (
    select distinct on (refunded_id) refunded_id, ledger_id, original_sequence, account_id, amount, fee,
        reversed_sequence
    from vsl.refunded_history
    where account_id not in (select account_id from account where kind = 5)
    order by refunded_id, sequence desc
), whole as (
    select * from newest where account_id = 0
), part as (
    select original_sequence, sum(amount) as amount, sum(fee) as fee
    from newest
    where account_id <> 0
    group by original_sequence
), payer as (
    select distinct on (p.sequence) p.sequence, p.debit_account_id as account_id
    from vsl.own_posting p
    join whole w on w.original_sequence = p.sequence
    order by p.sequence, p.line
), paid as (
    select p.sequence, p.credit_account_id as account_id, a.kind, sum(p.amount) as amount
    from vsl.own_posting p
    join payer y on y.sequence = p.sequence and y.account_id = p.debit_account_id
    left join account a on a.account_id = p.credit_account_id
    group by 1, 2, 3
), paid_in_all as (
    select sequence, sum(amount) as amount from paid group by sequence
), step as (
    select r.refunded_id, r.sequence, r.original_sequence, r.account_id, r.reversed_sequence,
        r.amount - lag(r.amount, 1, 0::bigint) over by_refunded as amount,
        r.fee - lag(r.fee, 1, 0::bigint) over by_refunded as fee
    from vsl.refunded_history r
    where r.account_id not in (select account_id from account where kind = 5)
    window by_refunded as (partition by r.refunded_id order by r.sequence)
), refund_command as materialized (
    select sequence, subject_id as payer_account_id, outcome
    from vsl.command
    where kind = vsl.kind('Refund') and outcome < 100
), back as materialized (
    select p.sequence, p.amount, p.debit_account_id, p.credit_account_id
    from vsl.own_posting p
    join refund_command c on c.sequence = p.sequence
), booked as (
    -- What the payer got, what FEE accounts gave, and what else somebody got: a payee gets of the fee that
    -- it bore what is more than the part that it refunds. What goes to PLATFORM_OWN repays debts.
    select c.sequence, c.payer_account_id, c.outcome,
        coalesce(sum(b.amount) filter (where b.credit_account_id = c.payer_account_id), 0) as amount,
        coalesce(sum(b.amount) filter (where a.kind = 4), 0) as fee,
        -- What of the fee was collected comes from PLATFORM_OWN first.
        coalesce(sum(b.amount) filter (where a.kind = 5 and t.kind = 4), 0) as collected,
        count(*) filter (where b.credit_account_id <> c.payer_account_id and a.kind is distinct from 4
            and t.kind is distinct from 5 and not coalesce(a.kind = 5 and t.kind = 4, false)) as strays
    from refund_command c
    left join back b on b.sequence = c.sequence
    left join account a on a.account_id = b.debit_account_id
    left join account t on t.account_id = b.credit_account_id
    group by c.sequence, c.payer_account_id, c.outcome
), refund as (
    select s.sequence, s.original_sequence, s.amount, s.fee
    from step s
    left join vsl.command c using (sequence)
    where s.account_id = 0 and s.reversed_sequence = 0 and c.kind is distinct from vsl.kind('UndoAllocation')
), given_back as (
    select r.original_sequence, sum(b.amount) as amount
    from refund r
    join booked b using (sequence)
    group by r.original_sequence
), undone as (
    select c.sequence, coalesce(sum(p.amount) filter (where t.kind = 3), 0) as amount,
        coalesce(sum(p.amount) filter (where t.kind = 3 and f.kind = 4), 0) as fee
    from vsl.command c
    join vsl.posting p using (sequence)
    left join account f on f.account_id = p.debit_account_id
    left join account t on t.account_id = p.credit_account_id
    where c.kind = vsl.kind('UndoAllocation') and c.outcome < 100
    group by c.sequence
), wrong as materialized (
    select w.original_sequence, w.refunded_id, 'whole' as wrong, w.amount, p.amount as other_amount
    from whole w
    left join part p using (original_sequence)
    left join vsl.command c on c.sequence = w.original_sequence
    where c.outcome is null or c.outcome >= 100 or c.ledger_id <> w.ledger_id
        or w.amount <> coalesce(p.amount, 0) or w.fee > coalesce(c.fee, 0) or coalesce(p.fee, 0) > w.fee
        or (w.amount > 0 and c.kind not in (vsl.kind('Pay'), vsl.kind('ConfirmHold'), vsl.kind('AllocateSuspense'),
            vsl.kind('AllocateLine')))
        or (w.amount > 0 and w.reversed_sequence <> 0)
    union all
    select n.original_sequence, n.refunded_id, 'payee', n.amount, p.amount
    from newest n
    left join whole w using (original_sequence)
    left join paid p on p.sequence = n.original_sequence and p.account_id = n.account_id and p.kind = 1
    left join vsl.command c on c.sequence = n.original_sequence
    where n.account_id <> 0
        and (w.original_sequence is null or p.amount is null or n.reversed_sequence <> 0
            or n.amount > p.amount + coalesce(c.fee, 0))
    union all
    select original_sequence, min(refunded_id), 'twice', count(*), null
    from newest
    group by original_sequence, account_id
    having count(*) > 1
    union all
    select g.original_sequence, null, 'payer', g.amount, p.amount
    from given_back g
    left join paid_in_all p on p.sequence = g.original_sequence
    where p.amount is null or g.amount > p.amount
    union all
    select coalesce(r.original_sequence, b.sequence), null, 'refund', r.amount, b.amount
    from refund r
    full join booked b using (sequence)
    left join payer y on y.sequence = r.original_sequence
    left join account t on t.account_id = b.payer_account_id
    where r.sequence is null or b.sequence is null or r.amount <= 0 or b.fee <> r.fee
        or b.amount not in (r.amount, r.amount + r.fee) or b.strays > 0 or b.collected > b.fee
        or (b.payer_account_id is distinct from y.account_id and (b.outcome <> 2 or t.kind is distinct from 3))
        or (b.payer_account_id = y.account_id and b.outcome <> 1)
    union all
    select s.original_sequence, s.refunded_id, 'undone', s.amount, u.amount
    from step s
    join undone u using (sequence)
    where s.account_id = 0 and (s.amount <> u.amount or s.fee <> u.fee)
    union all
    select s.original_sequence, s.refunded_id, 'step', s.amount, s.fee
    from step s
    left join vsl.command c on c.sequence = s.sequence
    left join vsl.command o on o.sequence = s.original_sequence
    where c.kind is null or c.kind not in (vsl.kind('Refund'), vsl.kind('Reverse'), vsl.kind('UndoAllocation'))
        or (c.kind = vsl.kind('UndoAllocation')) <> coalesce(
            o.kind in (vsl.kind('AllocateSuspense'), vsl.kind('AllocateLine')), false)
        or c.order_number is distinct from o.order_number
        or (c.kind = vsl.kind('Reverse')) <> (s.reversed_sequence <> 0)
        or s.amount < 0 or s.fee < 0 or s.original_sequence >= s.sequence
)
select * from wrong
order by 1, 2
limit 100
