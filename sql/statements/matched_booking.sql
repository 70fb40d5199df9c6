-- matched_booking.sql: how much is matched of what the ledger booked at its escrow account.
--
-- Asked for before a command that names one is decided, when memory has none.
--
-- Parameters: $1 bigint booking_id
--             $2 text booking_kind, a digit
-- Columns:    the redo sequence of the state; all columns of matched_booking, null when there is none; whether it is
--             the newest image in the journal, null when it was changed behind what is indexed
-- Index:      matched_booking_of; matched_booking_id of each indexed leaf of matched_booking_history
-- Rows:       1
select p.redo_sequence, r.*
from (
    select coalesce(
        min(first_sequence) filter (where state <> 3), max(last_sequence) + 1, 1) as first
    from vsl.segment
) u
cross join vsl.state_progress p
left join lateral (
    with found as (
        select *
        from vsl.matched_booking b
        where b.booking_id = $1 and b.booking_kind = $2::text::smallint
    )
    select s.*, case when s.sequence < u.first then coalesce((
        select s is not distinct from h
        from vsl.matched_booking_history h
        where h.matched_booking_id = s.matched_booking_id
            and h.sequence < least(u.first, greatest(p.redo_sequence, s.sequence + 1))
        order by h.sequence desc
        limit 1), false) end as is_newest
    from found s
) r on true
