-- tie_out.sql: why the bank's balance of the escrow account is another than the one in the books.
--
-- Parameters: $1 bigint the ledger, $2 bigint the command as of which the books are looked at, $3 date the last day of
-- the statements that are looked at (null: all)
-- Columns: cause, kind of booking (0 line; null: neither), id, the bank's less the books' balance for it, day, number of
-- what it is the sum of. First BANK, the balance that the last statement ended with, and BOOKS, by all postings at the
-- escrow account; then the causes, whose amounts have the difference as their sum, or something is unexplained:
-- OPENING         what the first statement began with, less what was booked before its first day and has no line
-- GAP             a statement began with another balance than the one before had ended with
-- STATEMENT       a statement that was taken as it stood ends elsewhere than its lines do
-- LINE_NOT_BOOKED what is left of a line
-- LINE_AHEAD      a line is matched with what the books had not booked by then, or no longer have
-- NOT_AT_BANK     what is left of a booking, of a day that the statements reach
-- AFTER_STATEMENT what was booked behind the last day of the statements
-- Amounts above 0: the bank has more. Lines are matched as they are now, also with what was booked later.
-- Account kind 2 is ESCROW. Status of a statement: 2 closed, 3 taken; of a payout: 2 paid, 4 came back.
-- SPDX-License-Identifier: Apache-2.0
with statement as materialized (
    select s.*, lag(s.closing) over (order by s.bank_statement_id) as closing_before
    from (
        select distinct on (h.bank_statement_id) h.*
        from vsl.bank_statement_history h
        where h.ledger_id = $1::bigint
        order by h.bank_statement_id, h.sequence desc
    ) s
    where s.status in (2, 3) and ($3::date is null or s.to_date <= $3::date)
), reach as materialized (
    select min(s.from_date) as first_day, max(s.to_date) as last_day, max(s.bank_statement_id) as last_id,
        (min(array[s.bank_statement_id, s.opening]))[2] as opening,
        (max(array[s.bank_statement_id, s.closing]))[2] as closing
    from statement s
), escrow as materialized (
    select distinct a.account_id from vsl.account_history a where a.ledger_id = $1::bigint and a.kind = 2
), moved as materialized (
    select p.sequence, sum(case when p.debit_account_id = e.account_id then p.amount else -p.amount end)::bigint as amount
    from vsl.posting p
    join escrow e on e.account_id in (p.debit_account_id, p.credit_account_id)
    where p.ledger_id = $1::bigint and p.sequence <= $2::bigint
    group by p.sequence
), line as (
    select distinct on (h.statement_line_id) h.statement_line_id, h.bank_statement_id, h.amount - h.matched as left_minor,
        h.booking_date
    from vsl.statement_line_history h
    where h.ledger_id = $1::bigint
    order by h.statement_line_id, h.sequence desc
), matched as (
    select m.booking_kind, m.booking_id,
        sum(m.amount * case m.status when 1 then 1 else -1 end * case m.booking_kind when 1 then -1 else 1 end) as amount
    from vsl.statement_match_history m
    join statement s on s.bank_statement_id = m.bank_statement_id
    where m.ledger_id = $1::bigint
    group by m.booking_kind, m.booking_id
), payout as (
    select h.payout_id, max(h.amount) as amount, (max(array[h.sequence, h.status::bigint]))[2] as status,
        (max(array[h.sequence, h.returned]))[2] as returned,
        min(h.sequence) filter (where h.status = 2) as paid_sequence,
        max(h.sequence) filter (where h.returned > 0) as returned_sequence
    from vsl.payout_history h
    where h.ledger_id = $1::bigint and h.sequence <= $2::bigint
    group by h.payout_id
), booked as (
    select 3 as kind, v.sequence as id, v.amount, v.sequence
    from moved v
    join vsl.command c on c.sequence = v.sequence and c.kind in (vsl.kind('BookReceipt'), vsl.kind('BookInterest'))
    where not exists (
        select from vsl.refunded_history b
        where b.original_sequence = v.sequence and b.account_id = 0 and b.reversed_sequence between 1 and $2::bigint)
    union all
    select 1, p.payout_id, -p.amount, p.paid_sequence
    from payout p
    where p.status in (2, 4)
    union all
    select 2, p.payout_id, p.returned, p.returned_sequence
    from payout p
    where p.returned > 0
), booking as (
    select coalesce(b.kind, m.booking_kind) as kind, coalesce(b.id, m.booking_id) as id, b.sequence,
        coalesce(m.amount, 0) - coalesce(b.amount, 0) as minor, abs(coalesce(m.amount, 0)) > abs(coalesce(b.amount, 0)) as is_ahead
    from booked b
    full join matched m on m.booking_kind = b.kind and m.booking_id = b.id
    where coalesce(m.amount, 0) <> coalesce(b.amount, 0)
), dated as (
    select b.*, c.accounting_date as day
    from booking b
    left join vsl.command c on c.sequence = b.sequence
), cause as (
    select 1 as place, 'BANK' as cause, null::integer as kind, r.last_id as id, r.closing as minor, r.last_day as day, 1 as count
    from reach r
    union all
    select 2, 'BOOKS', null, null, coalesce(sum(v.amount), 0), null, count(*)
    from moved v
    union all
    select 3, 'OPENING', null, null, r.opening + coalesce(sum(d.minor), 0), r.first_day, count(d.id)
    from reach r
    left join dated d on d.day < r.first_day and not d.is_ahead
    group by r.opening, r.first_day
    having r.opening + coalesce(sum(d.minor), 0) <> 0
    union all
    select 4, 'GAP', null, s.bank_statement_id, s.opening - s.closing_before, s.from_date, 1
    from statement s
    where s.opening <> s.closing_before
    union all
    select 5, 'STATEMENT', null, s.bank_statement_id, s.closing - s.opening - s.line_sum, s.to_date, 1
    from statement s
    where s.closing <> s.opening + s.line_sum
    union all
    select 6, 'LINE_NOT_BOOKED', 0, l.statement_line_id, l.left_minor, l.booking_date, 1
    from line l
    join statement s on s.bank_statement_id = l.bank_statement_id
    where l.left_minor <> 0
    union all
    select case when d.is_ahead then 7 when d.day > r.last_day then 9 else 8 end,
        case when d.is_ahead then 'LINE_AHEAD' when d.day > r.last_day then 'AFTER_STATEMENT' else 'NOT_AT_BANK' end,
        d.kind, d.id, d.minor, d.day, 1
    from dated d
    cross join reach r
    where d.is_ahead or d.day >= r.first_day
)
select c.cause, c.kind, c.id, c.minor::bigint, c.day, c.count
from cause c
order by c.place, abs(c.minor) desc, c.kind, c.id
