-- search_commands.sql: which commands of a ledger pass the filters of a search, newest first, in a
-- range of sequences or out of some.
--
-- Only a first sieve: the caller looks at each command again by its own filter. A filter that lets
-- everything pass is gone from the plan, for plans are made for the values.
--
-- Parameters: $1 bigint lowest sequence, inclusive
--             $2 bigint highest sequence, exclusive; at most the first one that is not indexed
--             $3 bigint[] sequences in the range, null: all of it
--             $4 bigint ledger_id
--             $5 smallint[] kinds, null: every kind
--             $6 smallint lowest outcome, inclusive
--             $7 smallint highest outcome, exclusive
--             $8 text order_number, null: any
--             $9 date earliest accounting_date, null: any
--             $10 date latest accounting_date, null: any
--             $11 bytea that is in the body, null: anything
--             $12 bigint least amount of a posting, $13 largest one; 0, 0: any
--             $14 bigint rows at most
--             $15 bytea[], $16 bytea[] of which one is in the body, null: anything
--             $17 boolean whether a body without anything sealed passes these two, too
-- Columns:    sequence
-- Index:      command unique (sequence), posting (sequence, line)
-- Rows:       at most $14
select c.sequence
from vsl.command c
where c.sequence >= $1 and c.sequence < $2
    and ($3::bigint[] is null or c.sequence = any ($3::bigint[]))
    and c.ledger_id = $4
    and ($5::smallint[] is null or c.kind = any ($5::smallint[]))
    and c.outcome >= $6::smallint and c.outcome < $7::smallint
    and ($8::text is null or c.order_number = $8::text)
    and ($9::date is null or c.accounting_date >= $9::date)
    and ($10::date is null or c.accounting_date <= $10::date)
    and ($11::bytea is null or position($11::bytea in c.body) > 0)
    and ($15::bytea[] is null
        or exists (select from unnest($15::bytea[]) f where position(f in c.body) > 0)
        or $17 and position('\x01415145'::bytea in c.body) = 0
            and position('\x01415149'::bytea in c.body) = 0)
    and ($16::bytea[] is null
        or exists (select from unnest($16::bytea[]) f where position(f in c.body) > 0)
        or $17 and position('\x01415145'::bytea in c.body) = 0
            and position('\x01415149'::bytea in c.body) = 0)
    and ($12::bigint = 0 and $13::bigint = 0 or exists (
        select from vsl.posting p
        where p.sequence = c.sequence and p.sequence >= $1 and p.sequence < $2
            and p.amount between $12::bigint and $13::bigint))
order by c.sequence desc
limit $14
