-- command_fees.sql: proves that the fee on a command is what it booked to FEE accounts, that no other
-- command charges one, and that a fee rule's version is on a command only where such a version exists.
-- The amount of a ChargeFee is the fee; a Reverse of CollectFees books back to FEE. Account kind 4 is FEE.
-- SPDX-License-Identifier: Apache-2.0
with fee_account as (
    select distinct account_id from vsl.account_history where kind = 4
), booked as (
    select p.sequence, sum(p.amount) as amount
    from vsl.posting p
    join fee_account f on f.account_id = p.credit_account_id
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
            when c.kind in (vsl.kind('Pay'), vsl.kind('Withdraw'), vsl.kind('ConfirmHold'))
                then coalesce(c.fee, 0) <> coalesce(b.amount, 0)
            when c.kind = vsl.kind('ChargeFee') then coalesce(c.fee, b.amount) is distinct from b.amount
            when c.kind = vsl.kind('Reverse') then c.fee is not null
            else c.fee is not null or b.amount is not null
        end
        or (c.fee_rule_version is not null
            and (v.version is null or c.kind not in
                (vsl.kind('CollectFees'), vsl.kind('Pay'), vsl.kind('Withdraw'), vsl.kind('ConfirmHold'))))
)
select * from wrong
order by sequence
limit 100
