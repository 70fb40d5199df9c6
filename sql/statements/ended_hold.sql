-- ended_hold.sql: the hold of a payer for an order that ended last.
--
-- A confirm or cancel that names the order, of which no hold is live, is told what became of it.
--
-- Parameters: $1 bigint payer_account_id
--             $2 text order_number
-- Columns:    the redo sequence of the state; all columns of hold, null when there is none
-- Index:      hold_ended
-- Rows:       1
select p.redo_sequence, h.*
from vsl.state_progress p
left join lateral (
    select *
    from vsl.hold h
    where h.payer_account_id = $1 and h.order_number = $2 and h.status <> 1
    order by h.sequence desc
    limit 1
) h on true
