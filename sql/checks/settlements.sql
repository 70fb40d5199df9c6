-- settlements.sql: proves that what is available at an acquirer's account belongs to its settlements: what has no line
-- yet, and what lines paid too much and nobody has decided. That each command changed both by just what it moved there;
-- that a settlement was opened, got one line after the other, and was closed when they were as many, and as much, as it
-- said, or given up, and what was left went to the item that it came from; that a difference was opened by one of its
-- lines and closed once, in a way that is open to it, and did to the promise what that way says; that a promise is
-- disputed just as long as a difference says that money is missing, as much as is open of it. And that a line moves
-- money only from its acquirer to what that owes, and from pending in to where it was promised.
-- Settlement 1 open, 2 closed, 3 given up. Difference 1 open, 2 closed; kinds 1 short, 2 over, 3 fee, 4 unknown,
-- 5 duplicate, 6 late; ends 1 borne, 2 expected, 3 corrected, 4 returned, 5 assigned. Promise 2 disputed. Account kinds
-- 3 UNALLOCATED, 4 FEE, 5 PLATFORM_OWN, 8 an acquirer's. Bucket 0 is available, 1 pending in.
-- SPDX-License-Identifier: Apache-2.0
with settlement as (
    select h.*, h.total - h.settled - h.gone_back as rest, lag(h.sequence) over by_settlement as sequence_before,
        lag(h.status) over by_settlement as status_before,
        h.total - h.settled - h.gone_back - lag(h.total - h.settled - h.gone_back, 1, 0::bigint) over by_settlement
            as rest_change,
        h.settled - lag(h.settled, 1, 0::bigint) over by_settlement as settled_now,
        h.lines_booked - lag(h.lines_booked, 1, 0) over by_settlement as lines_now,
        (h.ledger_id, h.acquirer_id, h.suspense_id, h.total, h.opened_sequence, h.line_count, h.opened_date)
            is distinct from
            lag((h.ledger_id, h.acquirer_id, h.suspense_id, h.total, h.opened_sequence, h.line_count, h.opened_date))
                over by_settlement as is_changed
    from vsl.settlement_history h
    window by_settlement as (partition by h.settlement_id order by h.sequence)
), difference as (
    select h.*, lag(h.sequence) over by_difference as sequence_before, lag(h.status) over by_difference as status_before,
        case when h.is_missing then 0 when h.status = 1 then h.amount else -h.amount end as surplus_change,
        (h.ledger_id, h.acquirer_id, h.settlement_id, h.suspense_id, h.promise_id, h.account_id, h.amount,
            h.line_sequence, h.opened_date, h.kind, h.is_missing, h.reference, h.order_number)
            is distinct from
            lag((h.ledger_id, h.acquirer_id, h.settlement_id, h.suspense_id, h.promise_id, h.account_id, h.amount,
                h.line_sequence, h.opened_date, h.kind, h.is_missing, h.reference, h.order_number))
                over by_difference as is_changed
    from vsl.difference_history h
    window by_difference as (partition by h.difference_id order by h.sequence)
), promise as (
    select p.*, p.amount - p.kept - p.settled - p.cancelled as open_now,
        p.settled - lag(p.settled, 1, 0::bigint) over by_promise as settled_now,
        p.cancelled - lag(p.cancelled, 1, 0::bigint) over by_promise as cancelled_now
    from vsl.promise_history p
    window by_promise as (partition by p.promise_id order by p.sequence)
), item as (
    select s.suspense_id, s.sequence,
        s.allocated - lag(s.allocated, 1, 0::bigint) over (partition by s.suspense_id order by s.sequence)
            as allocated_now
    from vsl.suspense_history s
), acquirer as (
    select distinct acquirer_id, account_id from vsl.acquirer_history
), account as (
    select distinct account_id, kind from vsl.account_history
), side as (
    select sequence, credit_account_id as account_id, amount from vsl.own_posting where credit_bucket = 0
    union all
    select sequence, debit_account_id, -amount from vsl.own_posting where debit_bucket = 0
), moved as (
    select s.sequence, s.account_id, sum(s.amount) as amount
    from side s
    join acquirer q using (account_id)
    group by s.sequence, s.account_id
), noted as (
    select n.sequence, q.account_id, sum(n.amount) as amount
    from (
        select sequence, acquirer_id, rest_change as amount from settlement
        union all
        select sequence, acquirer_id, surplus_change from difference
    ) n
    left join acquirer q using (acquirer_id)
    group by n.sequence, q.account_id
), disputed as (
    select promise_id, amount
    from (select distinct on (difference_id) * from difference order by difference_id, sequence desc) newest
    where status = 1 and is_missing
), newest_promise as (
    select distinct on (promise_id) * from promise order by promise_id, sequence desc
), wrong as materialized (
    select 'moved' as wrong, coalesce(m.sequence, n.sequence) as sequence, m.amount, n.amount as other_amount
    from moved m
    full join noted n using (sequence, account_id)
    where coalesce(m.amount, 0) <> coalesce(n.amount, 0)
    union all
    select 'settlement', s.sequence, s.rest, s.rest_change
    from settlement s
    left join vsl.command c on c.sequence = s.sequence
    left join item i on i.sequence = s.sequence and i.suspense_id = s.suspense_id
    where c.outcome is null or c.outcome >= 100 or c.ledger_id <> s.ledger_id
        or case
            when s.sequence_before is null then
                c.kind <> vsl.kind('OpenSettlement') or s.status <> 1 or s.rest <> s.total or s.lines_booked <> 0
                    or s.opened_sequence <> s.sequence or s.opened_date is distinct from c.accounting_date
                    or c.subject_id <> s.settlement_id or i.allocated_now is distinct from s.total
            else
                s.is_changed or s.status_before <> 1 or not case c.kind
                    when vsl.kind('SettleLine') then s.status = 1 and s.lines_now = 1 and s.settled_now > 0
                        and s.gone_back = 0
                    when vsl.kind('CloseSettlement') then s.lines_now = 0 and s.settled_now = 0
                        and c.subject_id = s.settlement_id
                        and (s.status = 2 and s.gone_back = 0
                            or s.status = 3 and coalesce(i.allocated_now, 0) = -s.gone_back)
                    else false
                end
        end
    union all
    select 'none', c.sequence, null, null
    from vsl.command c
    left join settlement s on s.sequence = c.sequence
    left join difference d on d.sequence = c.sequence
    where c.outcome < 100
        and case c.kind
            when vsl.kind('OpenSettlement') then s.sequence is null
            when vsl.kind('SettleLine') then s.sequence is null or c.subject_id <> coalesce(d.difference_id, 0)
            when vsl.kind('CloseSettlement') then s.sequence is null
            when vsl.kind('CloseDifference') then d.sequence is null
            else false
        end
    union all
    -- The line that opened it, and what it paid: its net amount is what its promise got, and what is too much.
    select 'opened', d.sequence, d.amount, s.settled_now
    from difference d
    left join vsl.command c on c.sequence = d.sequence
    left join settlement s on s.sequence = d.sequence
    left join promise p on p.sequence = d.sequence and p.promise_id = d.promise_id
    left join acquirer q on q.acquirer_id = d.acquirer_id
    left join newest_promise n on n.promise_id = d.promise_id
    where d.sequence_before is null
        and (c.outcome is null or c.outcome >= 100 or c.kind <> vsl.kind('SettleLine')
            or c.subject_id <> d.difference_id or d.line_sequence <> d.sequence or d.status <> 1
            or d.opened_date is distinct from c.accounting_date or s.settlement_id is distinct from d.settlement_id
            or s.acquirer_id <> d.acquirer_id or s.suspense_id <> d.suspense_id or c.ledger_id <> d.ledger_id
            or (d.promise_id = 0) <> (d.kind = 4) or (d.account_id = 0) <> (d.promise_id = 0)
            or (d.promise_id <> 0
                and (n.acquirer_id is distinct from d.acquirer_id or n.account_id is distinct from d.account_id))
            or case
                when d.kind in (4, 5, 6) then d.is_missing or d.amount <> s.settled_now or p.sequence is not null
                when d.is_missing then d.kind = 2 or p.settled_now is distinct from s.settled_now
                    or p.open_now <> d.amount or p.status <> 2
                else d.kind = 1 or p.settled_now + d.amount is distinct from s.settled_now or p.open_now <> 0
            end)
    union all
    select 'closed', d.sequence, d.amount, d.ended_by
    from difference d
    left join vsl.command c on c.sequence = d.sequence
    left join item i on i.sequence = d.sequence and i.suspense_id = d.suspense_id
    left join (select sequence, count(*) as rows, min(promise_id) as promise_id, min(acquirer_id) as acquirer_id,
            min(settled_now) as settled_now, min(cancelled_now) as cancelled_now, max(status) as status
        from promise group by sequence) p on p.sequence = d.sequence
    where d.sequence_before is not null
        and (d.is_changed or d.status_before <> 1 or d.status <> 2 or d.closed_sequence <> d.sequence
            or c.outcome is null or c.outcome >= 100 or c.kind <> vsl.kind('CloseDifference')
            or c.subject_id <> d.difference_id or coalesce(p.rows, 0) > 1
            or not coalesce(case d.ended_by
                when 1 then d.is_missing and p.promise_id = d.promise_id and p.settled_now = d.amount
                when 2 then d.is_missing and p.promise_id = d.promise_id and p.settled_now = 0
                    and p.cancelled_now = 0 and p.status = 1
                when 3 then case when d.is_missing then p.promise_id = d.promise_id and p.cancelled_now = d.amount
                    else d.account_id <> 0 and p.rows is null end
                when 4 then not d.is_missing and p.rows is null and i.allocated_now is not distinct from -d.amount
                when 5 then not d.is_missing and p.acquirer_id = d.acquirer_id and p.settled_now = d.amount
                else false
            end, false))
    union all
    select 'disputed', n.sequence, n.open_now, d.amount
    from newest_promise n
    full join disputed d using (promise_id)
    where (coalesce(n.status, 0) = 2 or d.amount is not null)
        and (n.status is distinct from 2 or d.amount is distinct from n.open_now)
    union all
    select 'posting', p.sequence, p.amount, null
    from vsl.own_posting p
    join vsl.command c on c.sequence = p.sequence
    join account f on f.account_id = p.debit_account_id
    join account t on t.account_id = p.credit_account_id
    where c.kind in (vsl.kind('OpenSettlement'), vsl.kind('SettleLine'), vsl.kind('CloseSettlement'),
            vsl.kind('CloseDifference'))
        and not case
            when p.debit_bucket = 1 and p.credit_bucket = 0 then
                p.debit_account_id = p.credit_account_id and f.kind = 1 or f.kind = 4 and t.kind = 4
            when p.debit_bucket = 0 and p.credit_bucket = 1 then
                p.debit_account_id = p.credit_account_id and f.kind = 8
            when p.debit_bucket = 1 and p.credit_bucket = 1 then f.kind in (1, 4) and t.kind = 8
            when p.debit_bucket = 0 and p.credit_bucket = 0 then
                case c.kind
                    when vsl.kind('OpenSettlement') then f.kind = 3 and t.kind = 8
                    when vsl.kind('CloseSettlement') then f.kind = 8 and t.kind = 3
                    when vsl.kind('CloseDifference') then f.kind = 8 and t.kind in (1, 3) or f.kind = 5 and t.kind = 8
                        or f.kind = 1 and t.kind = 5
                    -- Who owes repays with it.
                    else f.kind = 1 and t.kind = 5
                end
            else false
        end
)
select * from wrong
order by 1, 2
limit 100
