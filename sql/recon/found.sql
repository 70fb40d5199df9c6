-- found.sql: what was found, in the order in which it is proposed.
-- SPDX-License-Identifier: Apache-2.0
select f.line_id, f.kind, f.booking_id, f.amount, f.rule
from pg_temp.found f
order by f.place
