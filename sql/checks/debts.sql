-- debts.sql: proves that a debt is what PLATFORM_OWN gave for a payee in a refund, that what is recovered of
-- debts is what the accounts of their members gave to PLATFORM_OWN, command by command, that older debts of an
-- account are repaid first, and that a repaid one stays so; and that since schema 3 no member who owes keeps what
-- became available at any of its accounts: unless the account gives nothing, or the most debts that one account
-- repays by one command, which is 8, were repaid.
-- What PLATFORM_OWN gives to a fee account was collected of the fee, and makes no debt: refunds.sql.
-- Account kinds: 1 member, 4 FEE, 5 PLATFORM_OWN. Bucket 0 is available.
-- SPDX-License-Identifier: Apache-2.0
with account as (
    select distinct account_id, member_id, kind from vsl.account_history where kind in (1, 4, 5)
), step as (
    select d.*, a.member_id,
        lag(d.sequence) over by_debt as sequence_before, lag(d.status) over by_debt as status_before,
        d.recovered - lag(d.recovered, 1, 0::bigint) over by_debt as recovered_now,
        (d.ledger_id, d.account_id, d.amount, d.refund_sequence)
            is distinct from
            lag((d.ledger_id, d.account_id, d.amount, d.refund_sequence)) over by_debt as is_changed
    from vsl.debt_history d
    left join account a on a.account_id = d.account_id and a.kind = 1
    window by_debt as (partition by d.debt_id order by d.sequence)
), recovered as (
    select sequence, member_id, sum(recovered_now) as amount
    from step
    where recovered_now <> 0
    group by sequence, member_id
), repaid as (
    select p.sequence, d.member_id, sum(p.amount) as amount
    from vsl.posting p
    join account d on d.account_id = p.debit_account_id and d.kind = 1
    join account k on k.account_id = p.credit_account_id and k.kind = 5
    group by p.sequence, d.member_id
), made as (
    select refund_sequence as sequence, sum(amount) as amount
    from step
    where sequence_before is null
    group by refund_sequence
), advanced as (
    select p.sequence, sum(p.amount) as amount
    from vsl.posting p
    join account d on d.account_id = p.debit_account_id and d.kind = 5
    join vsl.command c on c.sequence = p.sequence and c.kind = vsl.kind('Refund')
    left join account t on t.account_id = p.credit_account_id
    where t.kind is distinct from 4
    group by p.sequence
), newest as (
    select distinct on (debt_id) debt_id, account_id, amount, recovered
    from vsl.debt_history
    order by debt_id, sequence desc
), chain as (
    select n.*, lag(recovered < amount) over (partition by account_id order by debt_id) as is_older_open
    from newest n
), debtor as (
    select a.account_id, a.member_id
    from account a
    where a.kind = 1 and a.member_id in (select s.member_id from step s)
), moved as (
    select p.sequence, p.line, d.account_id, d.member_id, p.credit_balance as available, true as is_credit
    from vsl.posting p
    join debtor d on d.account_id = p.credit_account_id
    where p.credit_bucket = 0
    union all
    select p.sequence, p.line, d.account_id, d.member_id, p.debit_balance, false
    from vsl.posting p
    join debtor d on d.account_id = p.debit_account_id
    where p.debit_bucket = 0
), after_command as (
    select distinct on (sequence, account_id) sequence, account_id, member_id, available,
        bool_or(is_credit) over (partition by sequence, account_id) as is_credited
    from moved
    order by sequence, account_id, line desc
), kept as (
    select k.sequence, k.account_id, k.available
    from after_command k
    join vsl.command c on c.sequence = k.sequence
    where k.is_credited and k.available > 0
        and c.recorded_at > (select applied_at from vsl.schema_version where version = 3)
        and not coalesce((select h.no_out from vsl.account_history h
            where h.account_id = k.account_id and h.sequence <= k.sequence
            order by h.sequence desc
            limit 1), false)
        and exists (select from (
                select distinct on (d.debt_id) d.status
                from step d
                where d.member_id = k.member_id and d.sequence <= k.sequence
                order by d.debt_id, d.sequence desc) o
            where o.status = 1)
        and (select count(*) from step s
            where s.member_id = k.member_id and s.sequence = k.sequence and s.recovered_now > 0) < 8
), wrong as materialized (
    select 'step' as wrong, s.debt_id as id, s.sequence, s.amount, s.recovered as other_amount
    from step s
    left join vsl.command c on c.sequence = s.refund_sequence
    where c.kind is distinct from vsl.kind('Refund') or c.outcome >= 100 or c.ledger_id <> s.ledger_id
        or case
            when s.sequence_before is null then
                s.recovered not between 0 and s.amount or s.sequence <> s.refund_sequence
            else s.is_changed or s.status_before <> 1 or s.recovered_now <= 0
        end
    union all
    select 'recovered', member_id, sequence, r.amount, p.amount
    from recovered r
    full join repaid p using (sequence, member_id)
    where r.amount is distinct from p.amount
    union all
    select 'advanced', null, sequence, m.amount, a.amount
    from made m
    full join advanced a using (sequence)
    where m.amount is distinct from a.amount
    union all
    select 'kept', account_id, sequence, available, null
    from kept
    union all
    select 'order', debt_id, null, amount, recovered
    from chain
    where recovered > 0 and is_older_open
)
select * from wrong
order by 1, 3, 2
limit 100
