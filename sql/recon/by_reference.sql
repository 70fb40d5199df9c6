-- by_reference.sql: finds what is left of lines and bookings that have one reference, where only one of both sides has
-- several: shape 2 where all of them add up to the one (a batch that was paid together, a payment that came in
-- pieces), shape 3 where there is one of each and the amounts differ: then for the smaller of both.
--
-- Parameters: as of one_to_one.sql; $6 smallint the shape
-- Row: how many were found.
-- SPDX-License-Identifier: Apache-2.0
with partaker as (
    select i.item_id, i.kind = 0 as is_line, i.left_minor, sign(i.left_minor) as side, i.id, i.kind, i.day,
        case $2::smallint
            when 1 then i.bank_reference
            when 2 then i.end_to_end_id
            else case when i.kind = 0 then i.end_to_end_id else i.order_number end
        end as reference,
        case when $3::boolean then coalesce(i.account, i.name) else '' end as party
    from pg_temp.item i
    where i.left_minor <> 0 and (i.kind = 0 or i.kind = any ($5::smallint[]))
), shared as (
    select p.side, p.reference, p.party, count(*) filter (where p.is_line) as lines,
        count(*) filter (where not p.is_line) as bookings,
        sum(p.left_minor) filter (where p.is_line) = sum(p.left_minor) filter (where not p.is_line) as is_equal,
        max(p.day) - min(p.day) <= $4::integer as is_near
    from partaker p
    where p.reference is not null and p.party is not null
    group by p.side, p.reference, p.party
), whole as (
    select b.*, b.is_near and case $6::smallint
        when 2 then least(b.lines, b.bookings) = 1 and b.is_equal
        else b.lines = 1 and b.bookings = 1
    end as is_found
    from shared b
    where b.lines > 0 and b.bookings > 0
), pair as materialized (
    select l.item_id as line_item, b.item_id as booking_item, l.id as line_id, b.kind, b.id as booking_id, w.side,
        least(abs(l.left_minor), abs(b.left_minor)) as amount
    from whole w
    join partaker l on l.is_line and (l.side, l.reference, l.party) = (w.side, w.reference, w.party)
    join partaker b on not b.is_line and (b.side, b.reference, b.party) = (w.side, w.reference, w.party)
    where w.is_found and not exists (
        select from pg_temp.undone u where u.line_id = l.id and u.kind = b.kind and u.booking_id = b.id)
), noted as (
    insert into pg_temp.found (line_id, kind, booking_id, amount, rule)
    select p.line_id, p.kind, p.booking_id, p.amount, $1::text
    from pair p
    order by p.line_id, p.kind, p.booking_id
    returning 1
), settled as (
    update pg_temp.item i
    set left_minor = i.left_minor - d.amount, is_touched = true
    from (
        select s.item_id, sum(s.amount)::bigint as amount
        from pair p
        cross join lateral (values (p.line_item, p.side * p.amount), (p.booking_item, p.side * p.amount))
            s (item_id, amount)
        group by s.item_id
    ) d
    where i.item_id = d.item_id
), several as (
    update pg_temp.item i
    set ambiguous = $1::text
    from partaker p
    join whole w on (w.side, w.reference, w.party) = (p.side, p.reference, p.party)
    where $6::smallint = 3 and i.item_id = p.item_id and not w.is_found and i.ambiguous is null
)
select count(*) from noted
