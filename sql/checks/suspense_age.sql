-- suspense_age.sql: proves that a ledger was flagged for an open item of suspense that was older than its terms allow,
-- by an Expire at its own time, and cleared by another term or by what closed an item; that only SetTerms changed the
-- term, and no lump was opened while the ledger was flagged. As of the last command a flagged ledger has such an item,
-- and one that is not has none for more than ten minutes: what is due by then is done.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select w.*, lag(w.sequence) over by_watch as sequence_before, lag(w.overdue_at) over by_watch as overdue_before,
        lag(w.suspense_age) over by_watch as age_before, lag(w.ledger_id) over by_watch as ledger_before,
        lead(w.sequence) over by_watch as sequence_after, c.kind, c.recorded_at, c.ledger_id as ledger_of_command
    from vsl.watch_history w
    left join vsl.command c on c.sequence = w.sequence
    window by_watch as (partition by w.watch_id order by w.sequence)
), item as ( -- and those that a ledger was flagged for, at that moment
    select suspense_id, sequence, 0 as is_flagged, ledger_id, opened_at,
        amount - allocated - reversed - going_back - gone_back as open_now
    from vsl.suspense_history
    union all
    select suspense_id, sequence, 1, null, null, null
    from step
    where overdue_at is not null and overdue_before is null
), placed_item as (
    select item.*, count(ledger_id) over (partition by suspense_id order by sequence, is_flagged) as version
    from item
), item_then as (
    select *, first_value(ledger_id) over by_version as its_ledger, first_value(opened_at) over by_version as its_time,
        first_value(open_now) over by_version as its_open
    from placed_item
    window by_version as (partition by suspense_id, version order by sequence, is_flagged)
), closed as (
    select distinct sequence from item where open_now = 0
), lump as ( -- and what the ledger was then
    select ledger_id, sequence, 0 as is_lump, overdue_at is not null as is_flagged from step
    union all
    select ledger_id, opened_sequence, 1, null from vsl.lump_history where sequence = opened_sequence
), placed_lump as (
    select lump.*, count(is_flagged) over (partition by ledger_id order by sequence, is_lump) as version from lump
), lump_then as (
    select *, first_value(is_flagged) over (partition by ledger_id, version order by sequence, is_lump) as was_flagged
    from placed_lump
), newest_item as (
    select distinct on (suspense_id) ledger_id, opened_at,
        amount - allocated - reversed - going_back - gone_back as open_now
    from vsl.suspense_history
    order by suspense_id, sequence desc
), oldest_now as (
    select ledger_id, min(opened_at) as opened_at from newest_item where open_now > 0 group by ledger_id
), wrong as materialized (
    select 'step' as wrong, s.ledger_id, s.sequence
    from step s
    left join item_then i on i.suspense_id = s.suspense_id and i.sequence = s.sequence and i.is_flagged = 1
    left join closed d on d.sequence = s.sequence
    where s.kind is null or s.ledger_of_command <> s.ledger_id or s.ledger_before <> s.ledger_id
        or (s.suspense_age is distinct from coalesce(s.age_before, 0) and s.kind <> vsl.kind('SetTerms'))
        or (s.sequence_before is null and s.kind <> vsl.kind('SetTerms'))
        or case
            when s.overdue_at is null and s.overdue_before is null then s.kind <> vsl.kind('SetTerms')
            when s.overdue_at is null then s.kind <> vsl.kind('SetTerms') and d.sequence is null
            when s.overdue_before is null then
                s.kind <> vsl.kind('Expire') or s.overdue_at <> s.recorded_at or s.suspense_age = 0
                    or i.its_ledger is distinct from s.ledger_id or i.its_open <= 0
                    or i.its_time + s.suspense_age * interval '1 second' > s.recorded_at
            else s.overdue_at <> s.overdue_before or s.kind <> vsl.kind('SetTerms')
        end
    union all
    select 'lump', ledger_id, sequence
    from lump_then
    where is_lump = 1 and was_flagged
    union all
    select 'now', s.ledger_id, s.sequence
    from step s
    left join oldest_now o using (ledger_id)
    where s.sequence_after is null
        and case
            when s.overdue_at is not null then
                s.suspense_age = 0 or o.opened_at is null or o.opened_at + s.suspense_age * interval '1 second' >
                    (select max(recorded_at) from vsl.command)
            else
                s.suspense_age > 0 and o.opened_at + (s.suspense_age + 600) * interval '1 second' <=
                    (select max(recorded_at) from vsl.command)
        end
)
select * from wrong
order by 1, 2, 3
limit 100
