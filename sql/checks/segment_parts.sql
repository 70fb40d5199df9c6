-- segment_parts.sql: proves that each part of a segment's request keys and references is there, and is the
-- one whose digest stands in the segment's row.
-- SPDX-License-Identifier: Apache-2.0
with kinds as (
    select first_sequence, 1 as kind, key_parts as digests from vsl.segment
    union all
    select first_sequence, 2, reference_parts from vsl.segment
), parts as (
    select first_sequence, kind, digests, generate_series(0, length(digests) / 32 - 1) as part from kinds
)
select d.first_sequence, d.kind, d.part
from parts d
left join vsl.segment_part p using (first_sequence, kind, part)
where sha256(p.entries) is distinct from substr(d.digests, 32 * d.part + 1, 32)
order by 1, 2, 3
limit 100
