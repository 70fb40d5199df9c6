-- dormant.sql: accounts that slept for long and moved much on the date (久悬账户突然启用).
--
-- Listed is each account of a member that moved `amount` or more on the date, in and out together, and nothing
-- during the `days` calendar days before it, nor was opened in them. Fees and interest are no movements of its owner.
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
), day as materialized (
    select d.first_sequence from vsl.sequences_of_days($1::bigint, $2::date, $2::date) d
), uncounted as materialized (
    select distinct h.account_id from vsl.account_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint and h.kind in (4, 6)
), awake as (
    select a.*, b.accounting_date as last_date, b.sequence as last_moved
    from active a
    cross join day d
    cross join lateral ( -- the newest movement before the date, else what opened the account
        select c.accounting_date, c.sequence
        from (
            (
                select p.sequence from vsl.posting p
                where p.debit_account_id = a.account_id and p.sequence < d.first_sequence
                    and not exists (select from uncounted u where u.account_id = p.credit_account_id)
                order by p.sequence desc
                limit 1
            )
            union all
            (
                select p.sequence from vsl.posting p
                where p.credit_account_id = a.account_id and p.sequence < d.first_sequence
                    and not exists (select from uncounted u where u.account_id = p.debit_account_id)
                order by p.sequence desc
                limit 1
            )
            union all
            (
                select h.sequence from vsl.account_history h
                where h.account_id = a.account_id and h.sequence < d.first_sequence
                order by h.sequence
                limit 1
            )
            order by sequence desc
            limit 1
        ) l
        join vsl.command c on c.sequence = l.sequence
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
