-- one_to_one.sql: finds what is left of a line and of a booking where each is the only one for the other.
--
-- Where only one line and one booking agree at all, they are looked at as they are (lone). Else (crowd) in one pass over
-- what agrees: beside each item is counted how many of the other side are within its days, and their ids are added up,
-- so that the sum of one is its id; no pair is made of what has several. Lines of which the bank's reference and the
-- amount are the same are one movement, shown twice: the first one counts.
--
-- Parameters: $1 text the rule's name, $2 smallint which reference agrees (0 none, 1 the bank's, 2 end to end,
-- 3 the line's end to end with the order number), $3 boolean the other side agrees, $4 integer days, $5 smallint[] kinds
-- Row: how many were found.
-- SPDX-License-Identifier: Apache-2.0
with partaker as not materialized (
    select i.item_id, i.id, i.kind, i.kind = 0 as is_line, i.left_minor, i.day,
        case when $2::smallint > 0 then 0 when $3::boolean then i.class & 1 else i.class end as class,
        case $2::smallint
            when 0 then ''
            when 1 then i.bank_reference
            when 2 then i.end_to_end_id
            else case when i.kind = 0 then i.end_to_end_id else i.order_number end
        end as reference,
        case when $3::boolean then coalesce(i.account, i.name) else '' end as party
    from pg_temp.item i
    where i.left_minor <> 0 and (i.kind = 0 or i.kind = any ($5::smallint[]))
        and ($2::smallint > 0 or not i.is_touched)
), agreeing as materialized (
    select p.left_minor, p.reference, p.party, count(*) > 2 as is_crowd,
        min(p.item_id) filter (where p.is_line) as line_item, min(p.id) filter (where p.is_line) as line_id,
        min(p.item_id) filter (where not p.is_line) as booking_item, min(p.id) filter (where not p.is_line) as booking_id,
        max(p.kind) as kind,
        max(p.day) - min(p.day) <= $4::integer
            and min(p.class) filter (where p.is_line) & min(p.class) filter (where not p.is_line) = 0 as is_found
    from partaker p
    where p.reference is not null and p.party is not null
    group by p.left_minor, p.reference, p.party
    having count(*) filter (where p.is_line) > 0 and count(*) filter (where not p.is_line) > 0
), crowd as (
    select p.*, $2::smallint > 0 and p.is_line and row_number() over (
        partition by p.left_minor, p.reference, p.party, p.is_line order by p.id) > 1 as is_twin
    from partaker p
    join agreeing a using (left_minor, reference, party)
    where a.is_crowd
), beside as (
    -- lines_N, bookings_N: those whose class has no bit of N, for an item of class N.
    select f.item_id, f.id, f.kind, f.is_line, f.left_minor, f.class,
        count(*) filter (where f.is_line) over near as lines_0,
        sum(f.item_id) filter (where f.is_line) over near as line_ids_0,
        count(*) filter (where f.is_line and f.class & 1 = 0) over near as lines_1,
        sum(f.item_id) filter (where f.is_line and f.class & 1 = 0) over near as line_ids_1,
        count(*) filter (where f.is_line and f.class & 2 = 0) over near as lines_2,
        sum(f.item_id) filter (where f.is_line and f.class & 2 = 0) over near as line_ids_2,
        count(*) filter (where f.is_line and f.class & 3 = 0) over near as lines_3,
        sum(f.item_id) filter (where f.is_line and f.class & 3 = 0) over near as line_ids_3,
        count(*) filter (where not f.is_line) over near as bookings_0,
        sum(f.item_id) filter (where not f.is_line) over near as booking_ids_0,
        count(*) filter (where not f.is_line and f.class & 1 = 0) over near as bookings_1,
        sum(f.item_id) filter (where not f.is_line and f.class & 1 = 0) over near as booking_ids_1,
        count(*) filter (where not f.is_line and f.class & 2 = 0) over near as bookings_2,
        sum(f.item_id) filter (where not f.is_line and f.class & 2 = 0) over near as booking_ids_2,
        count(*) filter (where not f.is_line and f.class & 3 = 0) over near as bookings_3,
        sum(f.item_id) filter (where not f.is_line and f.class & 3 = 0) over near as booking_ids_3
    from crowd f
    where not f.is_twin
    window near as (
        partition by f.left_minor, f.reference, f.party order by f.day
        range between $4::integer preceding and $4::integer following)
), chosen as (
    select b.item_id, b.id, b.kind, b.is_line, b.left_minor,
        case when b.is_line
            then (array[b.bookings_0, b.bookings_1, b.bookings_2, b.bookings_3])[b.class + 1]
            else (array[b.lines_0, b.lines_1, b.lines_2, b.lines_3])[b.class + 1]
        end as others,
        case when b.is_line
            then (array[b.booking_ids_0, b.booking_ids_1, b.booking_ids_2, b.booking_ids_3])[b.class + 1]
            else (array[b.line_ids_0, b.line_ids_1, b.line_ids_2, b.line_ids_3])[b.class + 1]
        end as ids
    from beside b
), counted as materialized (
    select c.item_id, c.id, c.kind, c.is_line, c.left_minor, c.others, case when c.others = 1 then c.ids::bigint end as other
    from chosen c
), pair as materialized (
    select l.item_id as line_item, b.item_id as booking_item, l.id as line_id, b.kind, b.id as booking_id,
        abs(l.left_minor) as amount
    from counted l
    join counted b on b.item_id = l.other and not b.is_line and b.others = 1 and b.other = l.item_id
    where l.is_line and l.others = 1
    union all
    select a.line_item, a.booking_item, a.line_id, a.kind, a.booking_id, abs(a.left_minor)
    from agreeing a
    where not a.is_crowd and a.is_found
), new as materialized (
    select p.*
    from pair p
    where not exists (
        select from pg_temp.undone u
        where (u.line_id, u.kind, u.booking_id) = (p.line_id, p.kind, p.booking_id))
), noted as (
    insert into pg_temp.found (line_id, kind, booking_id, amount, rule)
    select n.line_id, n.kind, n.booking_id, n.amount, $1::text
    from new n
    order by n.line_id
    returning 1
), done as (
    select n.line_item as item_id from new n
    union all
    select n.booking_item from new n
), settled as (
    delete from pg_temp.item i
    using done d
    where i.item_id = d.item_id
), several as (
    update pg_temp.item i
    set ambiguous = $1::text
    from counted c
    where i.item_id = c.item_id and c.others > 0 and i.ambiguous is null
        and not exists (select from pair p where p.line_item = c.item_id)
        and not exists (select from pair p where p.booking_item = c.item_id)
)
select count(*) from noted
