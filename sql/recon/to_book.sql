-- to_book.sql: the lines with money that came in which nothing in the books can be, and which nobody has anything to
-- decide about: what came twice, went the other way before, or had a match that was undone is left to a person. What is
-- booked under the line's own reference and not matched yet, since a run was cut, is among them.
--
-- Parameters: $1 bigint the ledger, $2 integer for how many days a line may wait for its booking
-- Columns: line, amount, the command that brought it, whether it has a reference, kind and body of that command.
-- SPDX-License-Identifier: Apache-2.0
with today as materialized (
    select max(('x' || encode(substring(h.accounting_dates, 1, 4), 'hex'))::bit(32)::integer) as day
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint
), line as materialized (
    select i.*, first_value(i.id) over same as first_id
    from pg_temp.item i
    where i.kind = 0
    window same as (partition by i.bank_reference, i.amount_minor order by i.id)
), wanted as materialized (
    select l.*
    from line l
    where l.amount_minor > 0 and l.left_minor = l.amount_minor and not l.is_touched
        and l.day + $2::integer <= (select day from today)
        and (l.bank_reference is null or l.first_id = l.id)
        and not exists (select from pg_temp.undone u where u.line_id = l.id)
        and not exists (select from pg_temp.item b where b.kind > 0 and b.left_minor = l.left_minor
            and b.bank_reference is distinct from 'VSL-LINE-' || l.id)
        and not exists (select from pg_temp.item o where o.bank_reference = l.bank_reference
            and o.amount_minor = -l.amount_minor)
)
select w.id, w.amount_minor, w.evidence, w.bank_reference is not null, c.kind, c.body
from wanted w
join vsl.command c on c.sequence = w.evidence
order by w.id
