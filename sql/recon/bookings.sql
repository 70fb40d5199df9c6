-- bookings.sql: what the ledger booked at its escrow account of which something has no line yet: receipts and interest
-- that stand, payouts that left or may have, and each time that something came back of one.
--
-- Parameters: $1 bigint the ledger, $2 boolean not used, for lines.sql has it
-- Columns: kind of booking, its id, left, whether a part is matched, day, kind and body of the command that names the
-- other side, body of the bank's word on a payout, order number, the command, the whole amount, whether a payout is
-- under way.
-- Account kind 2 is ESCROW. Status of a payout: 3 failed, 7 cancelled.
-- SPDX-License-Identifier: Apache-2.0
with matched as (
    select h.booking_kind, h.booking_id, (max(array[h.sequence, h.matched]))[2] as matched
    from vsl.matched_booking_history h
    where h.ledger_id = $1::bigint
    group by h.booking_kind, h.booking_id
), received as (
    select p.sequence, sum(p.amount)::bigint as amount
    from vsl.posting p
    where p.ledger_id = $1::bigint and p.debit_account_id in (
        select a.account_id from vsl.account_history a where a.ledger_id = $1::bigint and a.kind = 2)
    group by p.sequence
), step as (
    select h.*, h.returned - lag(h.returned, 1, 0::bigint) over (partition by h.payout_id order by h.sequence) as back
    from vsl.payout_history h
    where h.ledger_id = $1::bigint
), payout as (
    select s.payout_id, max(s.amount) as amount, min(s.requested_sequence) as requested_sequence,
        (max(array[s.sequence, s.status::bigint]))[2] as status, (max(array[s.sequence, s.returned]))[2] as returned,
        max(s.evidence_sequence) filter (where s.status in (2, 5) and s.returned = 0) as told_sequence,
        max(s.order_number) as order_number
    from step s
    group by s.payout_id
), piece as (
    -- What came back in pieces is matched piece by piece: a match that stands has taken one of its amount.
    select s.payout_id, s.evidence_sequence, s.back,
        row_number() over (partition by s.payout_id, s.back order by s.sequence) as turn
    from step s
    where s.back > 0
), taken as (
    select m.booking_id, m.amount, sum(case m.status when 1 then 1 else -1 end) as pieces
    from vsl.statement_match_history m
    where m.ledger_id = $1::bigint and m.booking_kind = 2
    group by m.booking_id, m.amount
)
select 3::smallint, r.sequence, r.amount - coalesce(m.matched, 0), coalesce(m.matched, 0) <> 0,
    c.accounting_date - date '1970-01-01', c.kind, c.body, null::bytea, c.order_number, c.sequence,
    r.amount, false
from received r
join vsl.command c on c.sequence = r.sequence and c.kind in (vsl.kind('BookReceipt'), vsl.kind('BookInterest'))
left join matched m on m.booking_kind = 3 and m.booking_id = r.sequence
where $2::boolean is not null and r.amount > coalesce(m.matched, 0) and not exists (
    select from vsl.refunded_history b
    where b.original_sequence = r.sequence and b.account_id = 0 and b.reversed_sequence > 0)
union all
select 1, p.payout_id, coalesce(m.matched, 0) - p.amount, coalesce(m.matched, 0) <> 0,
    coalesce(t.accounting_date, c.accounting_date) - date '1970-01-01', c.kind, c.body, t.body, p.order_number, c.sequence,
    -p.amount, p.status in (1, 5, 6)
from payout p
join vsl.command c on c.sequence = p.requested_sequence
left join vsl.command t on t.sequence = p.told_sequence
left join matched m on m.booking_kind = 1 and m.booking_id = p.payout_id
where p.status not in (3, 7) and p.amount > coalesce(m.matched, 0)
union all
select 2, p.payout_id, least(i.back, p.returned - coalesce(m.matched, 0)), false,
    t.accounting_date - date '1970-01-01', c.kind, c.body, t.body, p.order_number, t.sequence,
    i.back, false
from piece i
join payout p on p.payout_id = i.payout_id
join vsl.command c on c.sequence = p.requested_sequence
join vsl.command t on t.sequence = i.evidence_sequence
left join taken k on k.booking_id = i.payout_id and k.amount = i.back
left join matched m on m.booking_kind = 2 and m.booking_id = i.payout_id
where i.turn > coalesce(k.pieces, 0) and p.returned > coalesce(m.matched, 0)
