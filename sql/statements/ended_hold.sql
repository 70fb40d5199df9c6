-- ended_hold.sql: the hold of a payer for an order that ended last.
--
-- A confirm or cancel that names the order, of which no hold is live, is told what became of it.
--
-- Parameters: $1 bigint payer_account_id
--             $2 text order_number
-- Columns:    the redo sequence of the state; all columns of hold, null when there is none; whether it is
--             the newest image in the journal, null when it was changed behind what is indexed
-- Index:      hold_ended; hold_id of each indexed leaf of hold_history
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
        from vsl.hold h
        where h.payer_account_id = $1 and h.order_number = $2 and h.status <> 1
        order by h.sequence desc
        limit 1
    )
    select s.*, case when s.sequence < u.first then coalesce((
        select s is not distinct from h
        from vsl.hold_history h
        where h.hold_id = s.hold_id
            and h.sequence < least(u.first, greatest(p.redo_sequence, s.sequence + 1))
        order by h.sequence desc
        limit 1), false) end as is_newest
    from found s
) r on true
