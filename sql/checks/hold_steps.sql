-- hold_steps.sql: proves that every hold was placed by its PlaceHold, that its amounts only grow and
-- everything else of it stays, that each step was a command of its order that may make it, that nothing
-- follows its end, and that time ended it neither too early nor too late.
-- Status 1 live, 2 finished, 3 expired.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*,
        lag(h.sequence) over by_hold as sequence_before, lag(h.status) over by_hold as status_before,
        lag(h.confirmed) over by_hold as confirmed_before,
        lag(h.cancelled) over by_hold as cancelled_before,
        (h.ledger_id, h.payer_account_id, h.order_number, h.amount, h.expires_at, h.placed_sequence)
            is distinct from
            lag((h.ledger_id, h.payer_account_id, h.order_number, h.amount, h.expires_at,
                h.placed_sequence)) over by_hold as is_changed
    from vsl.hold_history h
    window by_hold as (partition by h.hold_id order by h.sequence)
), wrong as materialized (
    select s.hold_id, s.sequence, s.status, s.status_before, c.kind
    from step s
    left join vsl.command c on c.sequence = s.sequence
    where c.outcome is null or c.ledger_id <> s.ledger_id
        or c.order_number is distinct from s.order_number
        or case
            when s.sequence_before is null then
                c.kind <> vsl.kind('PlaceHold') or s.status <> 1 or s.confirmed + s.cancelled <> 0
                    or s.placed_sequence <> s.sequence or s.expires_at is null
                    or s.expires_at <= c.recorded_at
            else
                s.is_changed or s.status_before <> 1 or s.confirmed < s.confirmed_before
                    or s.cancelled < s.cancelled_before
                    or not case c.kind
                        when vsl.kind('ConfirmHold') then s.confirmed > s.confirmed_before
                            and s.cancelled = s.cancelled_before
                            and s.status in (1, 2) and c.recorded_at < s.expires_at
                        when vsl.kind('CancelHold') then s.cancelled > s.cancelled_before
                            and s.confirmed = s.confirmed_before
                            and s.status in (1, 2) and c.recorded_at < s.expires_at
                        when vsl.kind('Expire') then s.cancelled > s.cancelled_before
                            and s.confirmed = s.confirmed_before
                            and s.status = 3 and c.recorded_at >= s.expires_at
                        else false
                    end
        end
)
select * from wrong
order by hold_id, sequence
limit 100
