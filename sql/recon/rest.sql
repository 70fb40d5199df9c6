-- rest.sql: what no rule found: of lines and of each kind of booking how many, and how many that have several
-- candidates. Amounts without sign.
-- SPDX-License-Identifier: Apache-2.0
select i.kind, i.left_minor > 0, i.ambiguous is not null, count(*), sum(abs(i.left_minor))::bigint
from pg_temp.item i
where i.left_minor <> 0
group by 1, 2, 3
order by 1, 2, 3
