-- platform_own.sql: proves that the platform's own money comes only from receipts of its own account, from
-- fees that it collects, from repaid debts, and back from its own payouts that did not arrive and fees that
-- it bore. Nothing else credits PLATFORM_OWN; above all no member's money does, not by a reversal either.
-- That a member's posting repays just what its debts say is proved by debts.sql.
-- Account kinds: 1 member, 2 ESCROW, 4 FEE, 5 PLATFORM_OWN.
-- SPDX-License-Identifier: Apache-2.0
with account as (
    select distinct account_id, member_id, kind from vsl.account_history
), own as (
    select account_id from account where kind = 5
), fed as (
    select p.sequence, p.line, p.amount, p.debit_account_id
    from vsl.posting p
    join own o on o.account_id = p.credit_account_id
), wrong as materialized (
    select f.sequence, f.line, f.amount, a.kind as debited_kind, c.kind as command_kind
    from fed f
    left join account a on a.account_id = f.debit_account_id
    left join vsl.command c on c.sequence = f.sequence
    where c.kind is null or a.kind is null
        or not case a.kind
            when 1 then exists (select from vsl.debt_history d
                join account o on o.account_id = d.account_id and o.member_id = a.member_id
                where d.sequence = f.sequence and d.recovered > 0)
            when 2 then c.kind in (vsl.kind('BookReceipt'), vsl.kind('ConfirmPayout'))
            when 4 then c.kind in (vsl.kind('CollectFees'), vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout'))
            when 5 then c.kind in (vsl.kind('Withdraw'), vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout'))
            else false
        end
)
select * from wrong
order by sequence, line
limit 100
