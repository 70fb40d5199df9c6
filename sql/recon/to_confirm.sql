-- to_confirm.sql: the payouts that a line of the bank's statements shows whole and that nobody has said to be paid.
--
-- Parameters: $1 bigint the ledger
-- Columns: payout, amount, line, kind and body of the command that brought the line, and of the one that matched it.
-- A payout in several lines is left to a person. Status of a payout: 1 requested, 5 sent, 6 unknown; of a match: 1 made.
-- SPDX-License-Identifier: Apache-2.0
with matched as (
    select m.booking_id as payout_id, min(m.amount) as amount, min(m.statement_line_id) as statement_line_id,
        min(m.made_sequence) as made_sequence
    from (
        select distinct on (h.statement_match_id) h.*
        from vsl.statement_match_history h
        where h.ledger_id = $1::bigint and h.booking_kind = 1
        order by h.statement_match_id, h.sequence desc
    ) m
    where m.status = 1
    group by m.booking_id
    having count(*) = 1
), payout as (
    select h.payout_id, max(h.amount) as amount, (max(array[h.sequence, h.status::bigint]))[2] as status
    from vsl.payout_history h
    where h.ledger_id = $1::bigint
    group by h.payout_id
)
select p.payout_id, p.amount, m.statement_line_id, a.kind, a.body, c.kind, c.body
from payout p
join matched m on m.payout_id = p.payout_id and m.amount = p.amount
join vsl.statement_line_history l on l.statement_line_id = m.statement_line_id and l.sequence = l.added_sequence
join vsl.command a on a.sequence = l.added_sequence
join vsl.command c on c.sequence = m.made_sequence
where p.status in (1, 5, 6)
order by p.payout_id
