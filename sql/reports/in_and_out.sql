-- in_and_out.sql: what came in left again on the same date (快进快出).
--
-- Listed is who took `amount` or more on the date and sent away at least `percent` of it on the same date.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Account kind 4 is FEE, 6 INTEREST. Thresholds: in_and_out.percent, .amount.
-- SPDX-License-Identifier: Apache-2.0
with threshold as materialized (
    select vsl.report_threshold_on('in_and_out.percent', h.currency, $2::date) as percent,
        vsl.report_threshold_on('in_and_out.amount', h.currency, $2::date) as amount
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
), day as (
    select m.member_id,
        sum(m.amount) filter (where m.is_incoming) as incoming,
        sum(m.amount) filter (where not m.is_incoming) as outgoing,
        count(*) filter (where m.is_incoming) as movements_in,
        count(*) filter (where not m.is_incoming) as movements_out,
        min(m.sequence) as first_sequence, max(m.sequence) as last_sequence
    from vsl.movements($1::bigint, $2::date, $2::date) m
    where m.other_kind not in (4, 6) and m.sequence <= $3::bigint
    group by m.member_id
)
select d.member_id, p.platform_member_id, d.incoming as incoming_minor, d.outgoing as outgoing_minor, d.movements_in,
    d.movements_out, d.first_sequence, d.last_sequence
from day d
cross join threshold t
left join lateral (
    select h.platform_member_id from vsl.member_history h
    where h.member_id = d.member_id and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
) p on true
where d.incoming >= t.amount and d.outgoing * 100::numeric >= d.incoming * t.percent
order by d.member_id
