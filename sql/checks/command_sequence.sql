-- command_sequence.sql: proves that the commands are numbered 1, 2, 3, ... without a gap or a double up to the
-- end of the last batch, and that their recorded time never goes back.
-- SPDX-License-Identifier: Apache-2.0
with numbered as (
    select sequence, recorded_at,
        lag(sequence, 1, 0::bigint) over by_number as sequence_before,
        lag(recorded_at) over by_number as recorded_before
    from vsl.command
    window by_number as (order by sequence)
), wrong as materialized (
    select sequence, sequence_before, recorded_at, recorded_before
    from numbered
    where sequence <> sequence_before + 1 or recorded_at < recorded_before
    union all
    select max(b.last_sequence), (select coalesce(max(c.sequence), 0) from vsl.command c), null, null
    from vsl.batch b
    having coalesce(max(b.last_sequence), 0) <> (select coalesce(max(c.sequence), 0) from vsl.command c)
)
select * from wrong
order by 1
limit 100
