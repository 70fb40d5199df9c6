-- batch_sequence.sql: proves that batches are numbered without a gap up to the writer's last one, that each
-- begins behind the one before, that epochs and times never go back, and that a batch's time is that of
-- its last command.
-- SPDX-License-Identifier: Apache-2.0
with numbered as (
    select batch_number, epoch, first_sequence, last_sequence, recorded_at,
        lag(batch_number, 1, 0::bigint) over by_number as batch_before,
        lag(last_sequence, 1, 0::bigint) over by_number as sequence_before,
        lag(epoch) over by_number as epoch_before,
        lag(recorded_at) over by_number as recorded_before
    from vsl.batch
    window by_number as (order by first_sequence, batch_number)
), wrong as materialized (
    select n.batch_number, n.batch_before, n.first_sequence, n.sequence_before, n.epoch
    from numbered n
    left join vsl.command c on c.sequence = n.last_sequence
    where n.batch_number <> n.batch_before + 1 or n.first_sequence <> n.sequence_before + 1
        or n.epoch < n.epoch_before or n.recorded_at < n.recorded_before
        or c.recorded_at is distinct from n.recorded_at
    union all
    select w.batch_number, (select coalesce(max(b.batch_number), 0) from vsl.batch b), null, null, w.epoch
    from vsl.writer w
    where w.batch_number <> (select coalesce(max(b.batch_number), 0) from vsl.batch b)
        or w.epoch < (select coalesce(max(b.epoch), 0) from vsl.batch b)
)
select * from wrong
order by 1
limit 100
