-- lines.sql: the lines of the statements that ended, with what the bank wrote.
--
-- Parameters: $1 bigint the ledger, $2 boolean also those of which nothing is left
-- Columns: kind, id, left, whether a part is matched, day, the command's kind and body, body of the bank's word
-- (null), order number (null), the command, the whole amount, false.
-- Status of a statement: 2 closed, 3 taken as it stands.
-- SPDX-License-Identifier: Apache-2.0
with line as (
    select distinct on (h.statement_line_id) h.*
    from vsl.statement_line_history h
    where h.ledger_id = $1::bigint
    order by h.statement_line_id, h.sequence desc
), statement as (
    select distinct h.bank_statement_id
    from vsl.bank_statement_history h
    where h.ledger_id = $1::bigint and h.status in (2, 3)
)
select 0::smallint, l.statement_line_id, l.amount - l.matched, l.matched <> 0,
    l.booking_date - date '1970-01-01', c.kind, c.body, null::bytea, null::text, l.added_sequence,
    l.amount, false
from line l
join statement s on s.bank_statement_id = l.bank_statement_id
join vsl.command c on c.sequence = l.added_sequence
where $2::boolean or l.matched <> l.amount
