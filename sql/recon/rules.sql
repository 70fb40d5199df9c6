-- rules.sql: the rules, in the order in which they are tried.
--
-- Columns: name, shape, reference, same_party, days, kinds.
-- SPDX-License-Identifier: Apache-2.0
select r.name, r.shape, r.reference, r.same_party, r.days, r.kinds
from vsl.match_rule r
order by r.position
