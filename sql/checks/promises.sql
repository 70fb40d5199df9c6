-- promises.sql: proves that what is pending in is promised: that each command moved as much into an account's
-- pending in, and out of it, as it changed what is open of the promises for it, the platform's fee at FEE, and
-- that the acquirer's account has the same with a minus sign; that each promise was booked, and changed, by a
-- command that may, under its order number, and by one only of its acquirer's references; that its status says
-- what is left, and that it was within the acquirer's ceiling and due by its terms; that it was said to be late
-- once, by an Expire at its own time, with something open after the date on which it was due, and so of every one
-- that is late for more than ten minutes.
-- The fee within a part of a promise is fee * part / what is owed, rounded down.
-- Status 1 open, 2 disputed, 3 settled, 4 cancelled. Bucket 1 is pending in. Account kind 4 is FEE, 8 an acquirer's.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select p.*, a.account_id as receivable_id, p.amount - p.kept as due, p.settled + p.cancelled as gone,
        lag(p.sequence) over by_promise as sequence_before,
        p.settled - lag(p.settled, 1, 0::bigint) over by_promise as settled_now,
        p.cancelled - lag(p.cancelled, 1, 0::bigint) over by_promise as cancelled_now,
        lag(p.settled + p.cancelled) over by_promise as gone_before,
        lag(p.late_at) over by_promise as late_before, lead(p.sequence) over by_promise as sequence_after,
        (p.ledger_id, p.acquirer_id, p.account_id, p.amount, p.kept, p.fee, p.fee_rule_id, p.booked_sequence,
            p.due_date, p.reference, p.order_number)
            is distinct from
            lag((p.ledger_id, p.acquirer_id, p.account_id, p.amount, p.kept, p.fee, p.fee_rule_id, p.booked_sequence,
                p.due_date, p.reference, p.order_number)) over by_promise as is_changed
    from vsl.promise_history p
    left join (select distinct acquirer_id, account_id from vsl.acquirer_history) a using (acquirer_id)
    window by_promise as (partition by p.promise_id order by p.sequence)
), part as (
    select *, due - gone - coalesce(due - gone_before, 0) as open_change,
        fee - div(fee::numeric * gone, due)
            - coalesce(fee - div(fee::numeric * gone_before, due), 0) as fee_change
    from step
), fee_account as (
    select distinct ledger_id, first_value(account_id) over (partition by ledger_id order by account_id) as account_id
    from vsl.account_history
    where kind = 4
), noted as (
    select sequence, account_id, open_change - fee_change as amount from part
    union all
    select p.sequence, f.account_id, p.fee_change
    from part p
    left join fee_account f using (ledger_id)
    union all
    select sequence, receivable_id, -open_change from part
), noted_in_all as (
    select sequence, account_id, sum(amount) as amount from noted group by sequence, account_id
), side as (
    select sequence, line, credit_account_id as account_id, amount, credit_balance as balance
    from vsl.posting
    where credit_bucket = 1
    union all
    select sequence, line, debit_account_id, -amount, debit_balance
    from vsl.posting
    where debit_bucket = 1
), moved as (
    select sequence, account_id, sum(amount) as amount from side group by sequence, account_id
), last_balance as (
    select distinct on (sequence, account_id) sequence, account_id, balance
    from side
    order by sequence, account_id, line desc
), version as (
    select *, row_number() over (partition by acquirer_id order by sequence) as number
    from vsl.acquirer_history
), booked as (
    select acquirer_id, sequence, promise_id,
        count(ceiling) over (partition by acquirer_id order by sequence) as number
    from (
        select acquirer_id, sequence, ceiling, null::bigint as promise_id from vsl.acquirer_history
        union all
        select acquirer_id, sequence, null, promise_id from step where sequence_before is null
    ) event
), terms as (
    select p.sequence, p.due_date, v.ceiling, v.settlement_days, v.status, -l.balance as owed
    from part p
    join booked b using (promise_id, sequence)
    left join version v on v.acquirer_id = b.acquirer_id and v.number = b.number
    left join last_balance l on l.sequence = p.sequence and l.account_id = p.receivable_id
), cut as ( -- the date of a ledger, ten minutes before the last command
    select distinct on (ledger_id) ledger_id, accounting_date
    from vsl.command
    where outcome < 100 and recorded_at <= (select max(recorded_at) from vsl.command) - interval '10 minutes'
    order by ledger_id, sequence desc
), wrong as materialized (
    select 'moved' as wrong, coalesce(m.sequence, n.sequence) as sequence, m.amount, n.amount as other_amount
    from moved m
    full join noted_in_all n using (sequence, account_id)
    where coalesce(m.amount, 0) <> coalesce(n.amount, 0)
    union all
    select 'step', p.sequence, p.settled_now, p.cancelled_now
    from part p
    left join vsl.command c on c.sequence = p.sequence
    where c.outcome is null or c.outcome >= 100 or c.ledger_id <> p.ledger_id
        or c.order_number is distinct from nullif(p.order_number, '')
        or case when p.gone < p.due then p.status not in (1, 2) when p.settled > 0 then p.status <> 3
            else p.status <> 4 end
        or case
            when p.sequence_before is null then
                c.kind <> vsl.kind('BookPromise') or c.subject_id <> p.promise_id or p.gone <> 0 or p.status <> 1
                    or p.booked_sequence <> p.sequence or p.late_at is not null or coalesce(c.fee, 0) <> p.fee
                    or (c.fee_rule_version is null) <> (p.fee_rule_id = 0)
            else
                p.is_changed or p.settled_now < 0 or p.cancelled_now < 0
                    or (p.late_at is distinct from p.late_before and c.kind <> vsl.kind('Expire'))
                    or not case c.kind
                        when vsl.kind('CancelPromise') then p.settled_now = 0 and p.cancelled_now > 0
                            and c.subject_id = p.promise_id and p.status <> 2
                        -- settlements.sql says which of both, and how much.
                        when vsl.kind('SettleLine') then p.settled_now > 0 and p.cancelled_now = 0
                        when vsl.kind('CloseDifference') then p.settled_now = 0 or p.cancelled_now = 0
                        when vsl.kind('Expire') then p.settled_now = 0 and p.cancelled_now = 0
                            and c.subject_id = p.promise_id and p.gone < p.due and p.late_before is null
                            and p.late_at = c.recorded_at and p.due_date < c.accounting_date
                        else false
                    end
        end
    union all
    select 'terms', t.sequence, t.ceiling, t.owed
    from terms t
    left join vsl.command c on c.sequence = t.sequence
    where t.status is distinct from 1 or t.owed is null or t.owed > t.ceiling
        or t.due_date is distinct from least(c.accounting_date + t.settlement_days, date '2199-12-31')
    union all
    select 'late', p.sequence, p.promise_id, null
    from part p
    join cut on cut.ledger_id = p.ledger_id and cut.accounting_date > p.due_date
    where p.sequence_after is null and p.gone < p.due and p.late_at is null
    union all
    select 'reference', max(sequence), count(*), null
    from step
    where sequence_before is null
    group by acquirer_id, reference
    having count(*) > 1
)
select * from wrong
order by 1, 2
limit 100
