-- list.sql: what is open between the bank's statements and the books.
--
-- Parameters: $1 bigint the ledger, $2 integer for how many days what has one side only may wait for the other
-- Columns: break, kind (0 line, else of booking), id, left, day, the line or booking that it has to do with (null).
-- LEDGER_MISS  a line that is nothing that was booked
-- FEE          such a line with money that left, of which the bank wrote that it is its charge
-- BANK_MISS    booked, and the bank has no line of it, though its statements are of that day and those behind
-- LATE         a payout under way of which neither the bank's adapter nor a line said anything, though likewise
-- AMOUNT_OVER  of a line a part is matched: the bank moved more
-- AMOUNT_SHORT of a booking a part is matched: the bank moved less
-- STATUS       a line is matched to a payout that did not leave, or was not said to have left, or to more than came back
-- DUPLICATE    a line that has the bank's reference and the amount of one before
-- SIGN         a line that has the reference and the amount of a booking, but went the other way
-- Status of a payout: 1 requested, 3 failed, 5 sent, 6 unknown, 7 cancelled. Of a statement: 2 closed, 3 taken.
-- SPDX-License-Identifier: Apache-2.0
with charge as materialized (
    -- As banks name what they take for themselves: charges of payments, of the account, of its papers, of postage.
    select '手续费|汇划费|汇费|转账费|账户管理费|账户维护费|工本费|邮电费|电子汇划|年费|网银服务费'
        || '|\m(bank|service|handling|transfer|wire|account|maintenance) (fees?|charges?|commissions?)\M'
        || '|\m(fees?|charges?|chrg|commission)\M' as words
), covered as materialized (
    select min(s.from_date) - date '1970-01-01' as first_day, max(s.to_date) - date '1970-01-01' as last_day
    from vsl.bank_statement_history s
    where s.ledger_id = $1::bigint and s.status in (2, 3)
), today as materialized (
    select max(('x' || encode(substring(h.accounting_dates, 1, 4), 'hex'))::bit(32)::integer) as day
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint
), line as (
    select i.*, first_value(i.id) over same as first_id
    from pg_temp.item i
    where i.kind = 0
    window same as (partition by i.bank_reference, i.amount_minor order by i.id)
), reversed as (
    select distinct on (l.id) l.id as line_id, b.id as booking_id, b.kind
    from line l
    join pg_temp.item b on b.kind > 0 and b.bank_reference = l.bank_reference and b.amount_minor = -l.amount_minor
    where l.left_minor = l.amount_minor and b.left_minor = b.amount_minor
    order by l.id, b.kind, b.id
), payout as (
    select h.payout_id, (max(array[h.sequence, h.status::bigint]))[2] as status,
        (max(array[h.sequence, h.returned]))[2] as returned, max(h.amount) as amount
    from vsl.payout_history h
    where h.ledger_id = $1::bigint
    group by h.payout_id
), matched as (
    select h.booking_kind, h.booking_id, (max(array[h.sequence, h.matched]))[2] as matched
    from vsl.matched_booking_history h
    where h.ledger_id = $1::bigint and h.booking_kind in (1, 2)
    group by h.booking_kind, h.booking_id
), break as (
    select case
            when l.is_touched then 'AMOUNT_OVER'
            when l.bank_reference is not null and l.first_id < l.id then 'DUPLICATE'
            when r.line_id is not null then 'SIGN'
            when l.amount_minor < 0 and l.remark ~* (select words from charge) then 'FEE'
            else 'LEDGER_MISS'
        end as break,
        l.kind, l.id, l.left_minor, l.day,
        case when l.is_touched then null when l.bank_reference is not null and l.first_id < l.id then l.first_id
            else r.booking_id end as other_id
    from line l
    left join reversed r on r.line_id = l.id
    where l.left_minor <> 0 and (l.is_touched or l.day + $2::integer <= (select day from today))
    union all
    select case when i.is_touched then 'AMOUNT_SHORT' when i.is_pending then 'LATE' else 'BANK_MISS' end, i.kind, i.id,
        i.left_minor, i.day, null
    from pg_temp.item i
    cross join covered c
    where i.kind > 0 and i.left_minor <> 0
        and (i.is_touched or i.day >= c.first_day and i.day + $2::integer <= c.last_day)
        and not exists (select from reversed r where r.kind = i.kind and r.booking_id = i.id)
    union all
    select 'STATUS', m.booking_kind, m.booking_id, m.matched * case m.booking_kind when 1 then -1 else 1 end, null, null
    from matched m
    join payout p on p.payout_id = m.booking_id
    where case m.booking_kind when 1 then m.matched > 0 and p.status in (1, 3, 5, 6, 7) else m.matched > p.returned end
)
select b.break, b.kind, b.id, b.left_minor, date '1970-01-01' + b.day, b.other_id
from break b
order by array_position(array['LEDGER_MISS', 'FEE', 'BANK_MISS', 'LATE', 'AMOUNT_OVER', 'AMOUNT_SHORT', 'STATUS', 'DUPLICATE',
    'SIGN'], b.break), b.kind, b.id
