-- breaks.sql: what was open between the bank's statements and the books at the end of the accounting date, by the
-- statements that had been loaded and the matches that had been made by then.
--
-- LEDGER_MISS  a line that is nothing that was booked
-- BANK_MISS    booked on a day that the statements reach, and the bank has no line of it
-- AMOUNT_OVER  of a line a part is matched: the bank moved more
-- AMOUNT_SHORT of a booking a part is matched: the bank moved less
-- STATUS       a line is matched to a payout that did not leave, or was not said to have left, or to more than came back
-- Above 0 is money that came to the escrow account, below 0 money that left it. Nothing waits in a pool here: how old
-- a break is says its day. Lines that come twice or the wrong way are LEDGER_MISS; vslctl recon list tells them apart,
-- by what the bank wrote.
--
-- Parameters: $1 bigint the ledger, $2 bigint the last command before the date, $3 bigint the last one of the date,
-- $4 date the accounting date, $5 boolean whether it is for the bank
-- Account kind 2 is ESCROW. Status of a statement: 2 closed, 3 taken as it stands; of a payout: 1, 5, 6 under way,
-- 2 paid, 3 failed, 4 came back, 7 cancelled. Kind of booking: 1 payout, 2 what came back of it, 3 receipt or interest.
-- SPDX-License-Identifier: Apache-2.0
with statement as materialized (
    select s.bank_statement_id, s.from_date, s.to_date
    from (
        select distinct on (h.bank_statement_id) h.*
        from vsl.bank_statement_history h
        where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
        order by h.bank_statement_id, h.sequence desc
    ) s
    where s.status in (2, 3)
), covered as (
    select min(s.from_date) as first_day, max(s.to_date) as last_day from statement s
), line as (
    select distinct on (h.statement_line_id) h.*
    from vsl.statement_line_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.statement_line_id, h.sequence desc
), matched as (
    select h.booking_kind, h.booking_id, (max(array[h.sequence, h.matched]))[2] as matched
    from vsl.matched_booking_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    group by h.booking_kind, h.booking_id
), payout as (
    select h.payout_id, max(h.amount) as amount, (max(array[h.sequence, h.status::bigint]))[2] as status,
        (max(array[h.sequence, h.returned]))[2] as returned,
        min(h.sequence) filter (where h.status = 2) as paid_sequence,
        max(h.sequence) filter (where h.returned > 0) as returned_sequence
    from vsl.payout_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    group by h.payout_id
), received as (
    select p.sequence, sum(p.amount)::bigint as amount
    from vsl.posting p
    where p.ledger_id = $1::bigint and p.sequence <= $3::bigint and p.debit_account_id in (
        select a.account_id from vsl.account_history a where a.ledger_id = $1::bigint and a.kind = 2)
    group by p.sequence
), booking as (
    select 3 as kind, r.sequence as id, r.amount, r.sequence
    from received r
    join vsl.command c on c.sequence = r.sequence and c.kind in (vsl.kind('BookReceipt'), vsl.kind('BookInterest'))
    where not exists (
        select from vsl.refunded_history b
        where b.original_sequence = r.sequence and b.account_id = 0 and b.reversed_sequence between 1 and $3::bigint)
    union all
    select 1, p.payout_id, p.amount, p.paid_sequence
    from payout p
    where p.status in (2, 4)
    union all
    select 2, p.payout_id, p.returned, p.returned_sequence
    from payout p
    where p.returned > 0
), break as (
    select case when l.matched <> 0 then 'AMOUNT_OVER' else 'LEDGER_MISS' end as break, 0 as kind, l.statement_line_id as id,
        l.amount, l.amount - l.matched as open, l.booking_date as day, l.added_sequence as sequence
    from line l
    join statement s on s.bank_statement_id = l.bank_statement_id
    where l.matched <> l.amount
    union all
    select case when coalesce(m.matched, 0) <> 0 then 'AMOUNT_SHORT' else 'BANK_MISS' end, b.kind, b.id,
        b.amount * case b.kind when 1 then -1 else 1 end,
        (b.amount - coalesce(m.matched, 0)) * case b.kind when 1 then -1 else 1 end, c.accounting_date, b.sequence
    from booking b
    join vsl.command c on c.sequence = b.sequence
    cross join covered v
    left join matched m on m.booking_kind = b.kind and m.booking_id = b.id
    where b.amount > coalesce(m.matched, 0)
        and (coalesce(m.matched, 0) <> 0 or c.accounting_date between v.first_day and v.last_day)
    union all
    select 'STATUS', m.booking_kind, m.booking_id, p.amount * case m.booking_kind when 1 then -1 else 1 end,
        m.matched * case m.booking_kind when 1 then -1 else 1 end, null, null
    from matched m
    join payout p on p.payout_id = m.booking_id
    where case m.booking_kind
        when 1 then m.matched > 0 and p.status in (1, 3, 5, 6, 7)
        when 2 then m.matched > p.returned
        else false
    end
)
select b.break, (array['line', 'payout', 'return', 'receipt'])[b.kind + 1] as what, b.id, b.amount as amount_minor,
    b.open as open_minor, b.day, b.sequence, $2::bigint is null or $4::date is null or $5::boolean is null as is_wrong
from break b
order by array_position(array['LEDGER_MISS', 'BANK_MISS', 'AMOUNT_OVER', 'AMOUNT_SHORT', 'STATUS'], b.break), b.kind, b.id
