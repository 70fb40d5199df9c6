-- ambiguous.sql: a page of the lines that have several candidates, or share one.
--
-- Parameters: $1 bigint the item behind which it begins, $2 integer how many at most
-- SPDX-License-Identifier: Apache-2.0
select i.item_id, i.id, i.left_minor, i.ambiguous
from pg_temp.item i
where i.left_minor <> 0 and i.kind = 0 and i.ambiguous is not null and i.item_id > $1::bigint
order by i.item_id
limit $2::integer
