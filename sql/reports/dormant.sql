-- dormant.sql: accounts that slept for long and moved much on the date (久悬账户突然启用).
--
-- Listed is each account of a member that moved `amount` or more on the date, in and out together, and nothing
-- during the `days` calendar days before it, nor was opened in them.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Account kind 4 is FEE, 6 INTEREST. Thresholds: dormant.days, .amount.
-- SPDX-License-Identifier: Apache-2.0
with threshold as materialized (
    select vsl.report_threshold_on('dormant.days', h.currency, $2::date)::integer as days,
        vsl.report_threshold_on('dormant.amount', h.currency, $2::date) as amount
    from vsl.ledger_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
), active as materialized (
    select m.member_id, m.account_id, sum(abs(m.amount)) as amount, count(*) as movements,
        min(m.sequence) as first_sequence, max(m.sequence) as last_sequence
    from vsl.movements($1::bigint, $2::date, $2::date) m
    where m.other_kind not in (4, 6) and m.sequence <= $3::bigint
    group by m.member_id, m.account_id
    having sum(abs(m.amount)) >= (select t.amount from threshold t)
), awake as (
    select a.*, b.accounting_date as last_date, b.sequence as last_moved
    from active a
    cross join lateral ( -- the newest image from before the date: any that an account has is of a movement or of its own
        select c.accounting_date, h.sequence
        from vsl.account_history h
        join vsl.command c on c.sequence = h.sequence
        where h.account_id = a.account_id and h.sequence < a.first_sequence and c.sequence < a.first_sequence
            and c.accounting_date < $2::date
        order by h.sequence desc
        limit 1
    ) b
)
select a.member_id, p.platform_member_id, a.account_id, a.last_date, a.last_moved, a.movements,
    a.amount as amount_minor, a.first_sequence, a.last_sequence
from awake a
cross join threshold t
left join lateral (
    select h.platform_member_id from vsl.member_history h
    where h.member_id = a.member_id and h.sequence <= $3::bigint
    order by h.sequence desc
    limit 1
) p on true
where a.last_date < $2::date - t.days
order by a.account_id
