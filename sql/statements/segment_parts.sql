-- segment_parts.sql: parts of segments, oldest segment first.
--
-- Parameters: $1 smallint kind: 1 request keys, 2 references
--             $2 bigint[] first numbers of the segments
--             $3 bigint[] the part of each
-- Columns:    first_sequence, part, entries
-- Index:      segment_part primary key (first_sequence, kind, part)
-- Rows:       at most 1 for each of the segments
select p.first_sequence, p.part, p.entries
from unnest($2::bigint[], $3::bigint[]) w (first_sequence, part)
join vsl.segment_part p on p.first_sequence = w.first_sequence and p.kind = $1::smallint and p.part = w.part
order by p.first_sequence
