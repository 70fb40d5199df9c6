-- found.sql: a page of what was found.
--
-- Parameters: $1 bigint the place behind which it begins, $2 integer how many at most
-- SPDX-License-Identifier: Apache-2.0
select f.place, f.line_id, f.kind, f.booking_id, f.amount, f.rule
from pg_temp.found f
where f.place > $1::bigint
order by f.place
limit $2::integer
