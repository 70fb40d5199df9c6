-- promise_by_reference.sql: the promise of an acquirer with one of its references.
--
-- Asked for before a command that names one is decided, when memory has none.
--
-- Parameters: $1 bigint acquirer_id
--             $2 text reference
-- Columns:    the redo sequence of the state; all columns of promise, null when there is none; whether it is
--             the newest image in the journal, null when it was changed behind what is indexed
-- Index:      promise_reference; promise_id of each indexed leaf of promise_history
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
        from vsl.promise p
        where p.acquirer_id = $1 and p.reference = $2 and p.status not in (1, 2)
    )
    select s.*, case when s.sequence < u.first then coalesce((
        select s is not distinct from h
        from vsl.promise_history h
        where h.promise_id = s.promise_id
            and h.sequence < least(u.first, greatest(p.redo_sequence, s.sequence + 1))
        order by h.sequence desc
        limit 1), false) end as is_newest
    from found s
) r on true
