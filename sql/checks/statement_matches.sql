-- statement_matches.sql: proves that each match was made by a MatchStatementLine of a line of its ledger whose statement
-- had ended, and of a payout, what came back of one, or a receipt that was not reversed; that only an UndoMatch undid it,
-- once; that what is matched of each line, and of each booking, is what the matches that stand have of it, and no more
-- than the booking ever was; and that no matched receipt was reversed.
-- Kind of booking: 1 payout, 2 what came back of it, 3 receipt or interest. Status of a match: 1 made, 2 undone.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, lag(h.status) over by_match as status_before,
        (h.ledger_id, h.bank_statement_id, h.statement_line_id, h.booking_id, h.amount, h.made_sequence,
            h.booking_kind)
            is distinct from lag((h.ledger_id, h.bank_statement_id, h.statement_line_id, h.booking_id, h.amount,
                h.made_sequence, h.booking_kind)) over by_match as is_changed,
        case h.status when 1 then h.amount else -h.amount end as change
    from vsl.statement_match_history h
    window by_match as (partition by h.statement_match_id order by h.sequence)
), line_step as (
    select h.*, h.sequence = h.added_sequence as is_added, h.matched - lag(h.matched) over by_line as change,
        (h.ledger_id, h.bank_statement_id, h.amount, h.added_sequence, h.ordinal, h.booking_date, h.value_date)
            is distinct from lag((h.ledger_id, h.bank_statement_id, h.amount, h.added_sequence, h.ordinal,
                h.booking_date, h.value_date)) over by_line as is_changed
    from vsl.statement_line_history h
    window by_line as (partition by h.statement_line_id order by h.sequence)
), booking_step as (
    select h.*, h.matched - coalesce(lag(h.matched) over by_booking, 0) as change,
        lead(h.sequence) over by_booking as next_sequence
    from vsl.matched_booking_history h
    window by_booking as (partition by h.ledger_id, h.booking_kind, h.booking_id order by h.sequence)
), whole as (
    select 3 as booking_kind, p.sequence as booking_id, p.ledger_id, sum(p.amount) as amount
    from vsl.posting p
    join vsl.command c on c.sequence = p.sequence
    where c.kind in (vsl.kind('BookReceipt'), vsl.kind('BookInterest'))
        and p.debit_account_id in (select account_id from vsl.account_history where kind = 2)
    group by p.sequence, p.ledger_id
    union all
    select 1, payout_id, ledger_id, max(amount) from vsl.payout_history group by payout_id, ledger_id
    union all
    select 2, payout_id, ledger_id, max(returned) from vsl.payout_history group by payout_id, ledger_id
), wrong as materialized (
    select 'step' as wrong, s.statement_match_id as id, s.sequence
    from step s
    left join vsl.command c on c.sequence = s.sequence
    left join line_step l on l.sequence = s.sequence and l.statement_line_id = s.statement_line_id
    left join booking_step b on b.sequence = s.sequence and b.booking_kind = s.booking_kind
        and b.booking_id = s.booking_id
    where not coalesce(c.outcome < 100 and c.ledger_id = s.ledger_id and c.subject_id = s.statement_match_id
        and l.ledger_id = s.ledger_id and l.bank_statement_id = s.bank_statement_id
        and l.change = sign(l.amount) * s.change and (l.amount < 0) = (s.booking_kind = 1)
        and b.ledger_id = s.ledger_id and b.change = s.change
        and case
            when s.status_before is null then
                c.kind = vsl.kind('MatchStatementLine') and s.status = 1 and s.made_sequence = s.sequence
            else
                c.kind = vsl.kind('UndoMatch') and s.status_before = 1 and s.status = 2
                and s.undone_sequence = s.sequence and not s.is_changed
        end, false)
    union all
    select 'none', null, c.sequence
    from vsl.command c
    left join step s on s.sequence = c.sequence
    where c.kind in (vsl.kind('MatchStatementLine'), vsl.kind('UndoMatch')) and c.outcome < 100 and s.sequence is null
    union all
    select 'line', l.statement_line_id, l.sequence
    from line_step l
    left join step s on s.sequence = l.sequence and s.statement_line_id = l.statement_line_id
    where not l.is_added and (l.is_changed or s.sequence is null)
    union all
    select 'booking', b.matched_booking_id, b.sequence
    from booking_step b
    left join step s on s.sequence = b.sequence and s.booking_kind = b.booking_kind and s.booking_id = b.booking_id
    left join whole w on w.booking_kind = b.booking_kind and w.booking_id = b.booking_id
        and w.ledger_id = b.ledger_id
    where s.sequence is null or w.amount is null or b.matched > w.amount
    union all
    select 'open', s.statement_match_id, s.sequence
    from step s
    where s.status = 1 and not exists (
        select from vsl.bank_statement_history t
        where t.bank_statement_id = s.bank_statement_id and t.status in (2, 3) and t.sequence < s.sequence)
    union all
    select 'reversed', b.matched_booking_id, b.sequence
    from booking_step b
    join vsl.refunded_history r on r.original_sequence = b.booking_id and r.account_id = 0
        and r.reversed_sequence > 0
    where b.booking_kind = 3 and b.matched > 0
        and (b.next_sequence is null or b.next_sequence > r.reversed_sequence)
)
select * from wrong
order by 1, 2
limit 100
