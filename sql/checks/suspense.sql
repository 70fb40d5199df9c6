-- suspense.sql: proves that money in UNALLOCATED belongs to items: that every command since schema 3 changed
-- what is open of a ledger's items by just what it moved into UNALLOCATED and out of it, that only an adoption
-- makes an item of what lay there before, that each item was opened and changed by a command that may, and that
-- its status says what is left. Together they are never more than the account has.
-- Status 1 open, 2 returning, 3 closed. Reason 10 is adopted. Account kind 3 is UNALLOCATED, bucket 0 available.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select s.*, amount - allocated - reversed - going_back - gone_back as open_now,
        lag(s.sequence) over by_item as sequence_before,
        lag(s.amount - s.allocated - s.reversed - s.going_back - s.gone_back, 1, 0::bigint) over by_item
            as open_before,
        s.allocated - lag(s.allocated, 1, 0::bigint) over by_item as allocated_now,
        s.reversed - lag(s.reversed, 1, 0::bigint) over by_item as reversed_now,
        s.going_back - lag(s.going_back, 1, 0::bigint) over by_item as going_back_now,
        s.gone_back - lag(s.gone_back, 1, 0::bigint) over by_item as gone_back_now,
        lag(s.return_payout_id) over by_item as return_payout_before,
        (s.ledger_id, s.origin_sequence, s.account_id, s.payout_id, s.amount, s.opened_at, s.opened_date, s.reason)
            is distinct from
            lag((s.ledger_id, s.origin_sequence, s.account_id, s.payout_id, s.amount, s.opened_at, s.opened_date,
                s.reason)) over by_item as is_changed
    from vsl.suspense_history s
    window by_item as (partition by s.suspense_id order by s.sequence)
), unallocated as (
    select distinct ledger_id, account_id from vsl.account_history where kind = 3
), side as (
    select p.ledger_id, p.sequence, p.line, p.amount, p.credit_balance as balance
    from vsl.posting p
    join unallocated u on u.account_id = p.credit_account_id and p.credit_bucket = 0
    union all
    select p.ledger_id, p.sequence, p.line, -p.amount, p.debit_balance
    from vsl.posting p
    join unallocated u on u.account_id = p.debit_account_id and p.debit_bucket = 0
), moved as (
    select ledger_id, sequence, sum(amount) as amount from side group by ledger_id, sequence
), opened as (
    select ledger_id, sequence, sum(open_now - open_before) as amount from step group by ledger_id, sequence
), newest_balance as (
    select distinct on (ledger_id) ledger_id, balance from side order by ledger_id, sequence desc, line desc
), newest_item as (
    select distinct on (suspense_id) ledger_id, open_now from step order by suspense_id, sequence desc
), open_in_all as (
    select ledger_id, sum(open_now) as amount from newest_item group by ledger_id
), wrong as materialized (
    select 'moved' as wrong, coalesce(m.sequence, o.sequence) as sequence, m.amount, o.amount as other_amount
    from moved m
    full join opened o using (ledger_id, sequence)
    left join vsl.command c on c.sequence = coalesce(m.sequence, o.sequence)
    where case
        when c.kind is null then true
        when c.kind = vsl.kind('AdoptSuspense') then m.amount is not null or o.amount <= 0
        when o.amount is null
            and c.recorded_at <= (select applied_at from vsl.schema_version where version = 3) then false
        else coalesce(m.amount, 0) <> coalesce(o.amount, 0)
    end
    union all
    select 'step', s.sequence, s.open_before, s.open_now
    from step s
    left join vsl.command c on c.sequence = s.sequence
    where c.outcome is null or c.outcome >= 100 or c.ledger_id <> s.ledger_id
        or s.status <> case when s.open_now > 0 then 1 when s.going_back > 0 then 2 else 3 end
        or case
            when s.sequence_before is null then
                s.open_now <> s.amount or (s.reason = 10) <> (c.kind = vsl.kind('AdoptSuspense'))
                    or (s.origin_sequence <> s.sequence and (s.reason <> 10 or s.origin_sequence > s.sequence))
                    or s.opened_at <> c.recorded_at or s.opened_date <> c.accounting_date
                    or c.kind not in (vsl.kind('BookReceipt'), vsl.kind('BookInterest'), vsl.kind('ConfirmPayout'),
                        vsl.kind('InterceptPayout'), vsl.kind('Refund'), vsl.kind('Reverse'),
                        vsl.kind('Adjust'), vsl.kind('AdoptSuspense'))
            else
                s.is_changed
                    or (c.kind not in (vsl.kind('ReturnSuspense'), vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout'))
                        and (s.going_back_now <> 0 or (s.gone_back_now <> 0 and c.kind <> vsl.kind('UndoAllocation'))))
                    or (c.kind <> vsl.kind('ReturnSuspense') and s.return_payout_id <> s.return_payout_before)
                    or not case c.kind
                        when vsl.kind('AllocateSuspense') then s.allocated_now > 0 and s.reversed_now = 0
                        when vsl.kind('AllocateLine') then s.allocated_now > 0 and s.reversed_now = 0
                        when vsl.kind('OpenSettlement') then s.allocated_now > 0 and s.reversed_now = 0
                        when vsl.kind('CloseSettlement') then s.allocated_now < 0 and s.reversed_now = 0
                        when vsl.kind('CloseDifference') then s.allocated_now < 0 and s.reversed_now = 0
                        when vsl.kind('UndoAllocation') then s.reversed_now = 0
                            and case when s.gone_back_now = 0 then s.allocated_now < 0
                                else s.gone_back_now < 0 and s.allocated_now = 0
                                    and vsl.proposal_of(c.body) is not null
                            end
                        when vsl.kind('Reverse') then s.reversed_now > 0 and s.allocated_now = 0
                        when vsl.kind('ReturnSuspense') then s.going_back_now > 0 and s.gone_back_now = 0
                            and s.allocated_now = 0 and s.reversed_now = 0
                            and s.return_payout_id = c.subject_id
                            and s.return_payout_id is distinct from s.return_payout_before
                        when vsl.kind('InterceptPayout') then s.going_back_now < 0 and s.gone_back_now = 0
                            and s.allocated_now = 0 and s.reversed_now = 0
                            and s.return_payout_id = c.subject_id
                        when vsl.kind('ConfirmPayout') then s.allocated_now = 0
                            and case when s.going_back_now <> 0
                                then s.going_back_now < 0 and s.gone_back_now in (0, -s.going_back_now)
                                    and s.reversed_now = 0 and s.return_payout_id = c.subject_id
                                else s.reversed_now > 0 and s.gone_back_now = 0
                                    and vsl.proposal_of(c.body) is not null
                            end
                        else false
                    end
        end
    union all
    -- What goes back is what its payout has under way, and nothing else is paid out of UNALLOCATED.
    select 'returning', coalesce(n.sequence, p.sequence), n.going_back, p.amount
    from (select distinct on (suspense_id) * from step order by suspense_id, sequence desc) n
    full join (select distinct on (h.payout_id) h.* from vsl.payout_history h
        join unallocated u using (account_id) order by h.payout_id, h.sequence desc) p
        on p.payout_id = n.return_payout_id
    where (coalesce(n.going_back, 0) <> 0 or p.status in (1, 5, 6))
        and (p.status is null or p.status not in (1, 5, 6) or n.going_back is distinct from p.amount)
    union all
    select 'sum', null, o.amount, b.balance
    from open_in_all o
    left join newest_balance b using (ledger_id)
    where o.amount > coalesce(b.balance, 0)
)
select * from wrong
order by 1, 2
limit 100
