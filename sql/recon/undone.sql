-- undone.sql: notes which matches somebody undid: they are not found again.
--
-- Parameters: $1 bigint the ledger
-- SPDX-License-Identifier: Apache-2.0
insert into pg_temp.undone
select distinct h.statement_line_id, h.booking_kind, h.booking_id
from vsl.statement_match_history h
where h.ledger_id = $1::bigint and h.status = 2
