-- command_fees.sql: proves that the fee on a command is what it booked to FEE accounts, that no other
-- command charges one, and that a fee rule's version is on a command only where such a version exists.
-- The amount of a ChargeFee is the fee; a Reverse of CollectFees books back to FEE. From PLATFORM_OWN, and
-- from there only, a Refund or an UndoAllocation books to FEE what was collected of the fee that it gives
-- back, and an adjustment fills a fee account that is below zero. What two persons correct of a payout
-- charges again what was given back of its fee: payout_steps.sql. Account kinds: 4 FEE, 5 PLATFORM_OWN.
-- SPDX-License-Identifier: Apache-2.0
with account as (
    select distinct account_id, kind from vsl.account_history where kind in (4, 5)
), booked as (
    select p.sequence, sum(p.amount) as amount, bool_and(o.kind is not distinct from 5) as is_of_own
    from vsl.posting p
    join account f on f.account_id = p.credit_account_id and f.kind = 4
    left join account o on o.account_id = p.debit_account_id
    group by p.sequence
), version as (
    select distinct ledger_id, version from vsl.fee_rule_history
), wrong as materialized (
    select c.sequence, c.kind, c.fee, b.amount as booked, c.fee_rule_version
    from vsl.command c
    left join booked b using (sequence)
    left join version v on v.ledger_id = c.ledger_id and v.version = c.fee_rule_version
    where case
            when c.outcome >= 100 then c.fee is not null or c.fee_rule_version is not null
            when c.kind in (vsl.kind('Pay'), vsl.kind('Withdraw'), vsl.kind('ConfirmHold'), vsl.kind('BookPromise'),
                vsl.kind('AllocateSuspense'), vsl.kind('AllocateLine'))
                then coalesce(c.fee, 0) <> coalesce(b.amount, 0)
            when c.kind = vsl.kind('ChargeFee') then coalesce(c.fee, b.amount) is distinct from b.amount
            when c.kind = vsl.kind('Reverse') then c.fee is not null
            when c.kind in (vsl.kind('Refund'), vsl.kind('UndoAllocation'), vsl.kind('ApproveAdjustment'), vsl.kind('Adjust'))
                then c.fee is not null or not coalesce(b.is_of_own, true)
            when c.kind = vsl.kind('ConfirmPayout')
                then c.fee is not null or (b.amount is not null and vsl.proposal_of(c.body) is null)
            -- The fee of a promise comes in: it was booked with the promise.
            when c.kind in (vsl.kind('SettleLine'), vsl.kind('CloseDifference')) then c.fee is not null
            else c.fee is not null or b.amount is not null
        end
        or (c.fee_rule_version is not null
            and (v.version is null or c.kind not in
                (vsl.kind('CollectFees'), vsl.kind('Pay'), vsl.kind('Withdraw'), vsl.kind('ConfirmHold'),
                    vsl.kind('BookPromise'), vsl.kind('AllocateSuspense'), vsl.kind('AllocateLine'))))
)
select * from wrong
order by sequence
limit 100
