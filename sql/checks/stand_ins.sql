-- stand_ins.sql: proves that PLATFORM_OWN gives in place of another only for a payout, a receipt, interest or
-- an allocation that two persons want set right, or for what was returned to a sender; that what it gave for a payout and has not back is what is
-- noted of it (refunded of the command that asked for the payout, account PLATFORM_OWN), of the amount and of the
-- fee, step by step, and never more than is out of the books; and that who has not closed the account gives himself.
-- Account kinds: 1 member, 2 ESCROW, 3 UNALLOCATED, 4 FEE, 5 PLATFORM_OWN. Account status 2 is closed.
-- SPDX-License-Identifier: Apache-2.0
with account as (
    select distinct account_id, kind from vsl.account_history where kind in (2, 3, 4, 5)
), own as (
    select account_id from account where kind = 5
), gone as (
    select account_id, min(sequence) as since from vsl.account_history where status = 2 group by account_id
), noted as (
    select r.sequence, r.original_sequence, r.amount as amount_left, r.fee as fee_left,
        r.amount - lag(r.amount, 1, 0::bigint) over by_payout as amount,
        r.fee - lag(r.fee, 1, 0::bigint) over by_payout as fee
    from vsl.refunded_history r
    where r.account_id in (select account_id from own)
    window by_payout as (partition by r.original_sequence order by r.sequence)
), given as materialized (
    -- What PLATFORM_OWN gave, less what it got, by commands that may set something right.
    select p.sequence, c.kind, c.body, c.subject_id,
        coalesce(sum(case when d.kind = 5 then p.amount else -p.amount end)
            filter (where 2 in (d.kind, k.kind)), 0) as amount,
        coalesce(sum(case when d.kind = 5 then p.amount else -p.amount end)
            filter (where 4 in (d.kind, k.kind)), 0) as fee,
        coalesce(sum(p.amount) filter (where k.kind = 3), 0) as to_nobody
    from vsl.posting p
    join vsl.command c on c.sequence = p.sequence
        and c.kind in (vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout'), vsl.kind('UndoAllocation'))
    left join account d on d.account_id = p.debit_account_id
    left join account k on k.account_id = p.credit_account_id
    where 5 in (d.kind, k.kind) and d.kind is distinct from k.kind
    group by p.sequence, c.kind, c.body, c.subject_id
), of_payout as (
    select h.sequence, h.payout_id, h.requested_sequence, h.account_id, h.fee_account_id,
        case when h.status in (2, 4) then h.amount - h.returned else 0 end as outside, h.fee - h.fee_returned as fee_kept,
        case when h.account_id in (select account_id from own) then 0 else coalesce(g.amount, 0) end as amount,
        case when h.fee_account_id in (select account_id from own) then 0 else coalesce(g.fee, 0) end as fee, g.body
    from vsl.payout_history h
    left join given g using (sequence)
    union all
    -- What was returned to a sender, and is put back into its item: its payout stays as it was.
    select * from (
        select distinct on (g.sequence) g.sequence, h.payout_id, h.requested_sequence, h.account_id, h.fee_account_id,
            case when h.status = 2 then h.amount - h.returned else 0 end, h.fee - h.fee_returned, g.to_nobody,
            0::bigint, g.body
        from given g
        join noted n on n.sequence = g.sequence
        join vsl.payout_history h on h.requested_sequence = n.original_sequence and h.sequence < g.sequence
        where g.kind = vsl.kind('UndoAllocation')
        order by g.sequence, h.sequence desc) put_back
), wrong as materialized (
    select coalesce(p.sequence, n.sequence) as sequence, p.payout_id, p.amount, n.amount as noted
    from of_payout p
    full join noted n on n.sequence = p.sequence and n.original_sequence = p.requested_sequence
    where coalesce(p.amount, 0) <> coalesce(n.amount, 0) or coalesce(p.fee, 0) <> coalesce(n.fee, 0)
        or (n.sequence is not null and (p.sequence is null or n.amount_left < 0 or n.fee_left < 0
            or n.amount_left > p.outside or n.fee_left > p.fee_kept))
        or ((n.amount > 0 or n.fee > 0) and vsl.proposal_of(p.body) is null)
        or (n.amount > 0 and coalesce((select g.since from gone g where g.account_id = p.account_id) > p.sequence, true)
            and p.account_id not in (select account_id from account where kind = 3))
        or (n.fee > 0 and coalesce((select g.since from gone g where g.account_id = p.fee_account_id) > p.sequence, true))
    union all
    select g.sequence, null, g.to_nobody, null
    from given g
    where g.kind = vsl.kind('UndoAllocation') and g.sequence not in (select n.sequence from noted n)
        and ((g.to_nobody > 0 and vsl.proposal_of(g.body) is null) or g.to_nobody <> (
            -- What was collected of the fee it gives to FEE: command_fees.sql.
            select coalesce(sum(r.amount_now), 0) from (
                select h.sequence, h.account_id, h.amount - h.fee
                        - lag(h.amount - h.fee, 1, 0::bigint) over (partition by h.refunded_id order by h.sequence)
                        as amount_now
                from vsl.refunded_history h
                where h.refunded_id in (
                    select x.refunded_id from vsl.refunded_history x where x.sequence = g.sequence)) r
            join gone on gone.account_id = r.account_id and gone.since < g.sequence
            where r.sequence = g.sequence))
    union all
    -- A reversal's: who took it has closed the account.
    select p.sequence, null, p.amount, null
    from vsl.posting p
    join vsl.command c on c.sequence = p.sequence and c.kind = vsl.kind('Reverse') and c.outcome < 100
    join vsl.refunded_history r on r.sequence = c.sequence and r.reversed_sequence = c.sequence
    join vsl.command o on o.sequence = r.original_sequence
        and o.kind in (vsl.kind('BookReceipt'), vsl.kind('BookInterest'))
    join vsl.posting u on u.sequence = o.sequence and u.debit_account_id = p.credit_account_id
    where p.debit_account_id in (select account_id from own)
        and u.credit_account_id not in (select account_id from own)
        and (vsl.proposal_of(c.body) is null or not exists (
            select from gone g where g.account_id = u.credit_account_id and g.since < c.sequence))
)
select * from wrong
order by 1, 2
limit 100
