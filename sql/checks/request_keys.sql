-- request_keys.sql: proves that no request key stands in the journal twice: one key has one effect and one
-- answer, for ever. Shows sequence numbers only, the keys are the clients'.
-- SPDX-License-Identifier: Apache-2.0
with wrong as materialized (
    select min(sequence) as first_sequence, max(sequence) as last_sequence, count(*) as commands
    from vsl.command
    group by channel, business_date, serial
    having count(*) > 1
)
select * from wrong
order by 1
limit 100
