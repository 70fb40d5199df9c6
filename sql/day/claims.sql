-- claims.sql: what courts and other organs claimed of members' money at the end of the accounting date, and the claims
-- that changed on it. For the bank only.
--
-- `covered_minor` is what a claim had of its limit then: claims take what is there one after the other, secured rights
-- first and then as they were placed. `limit_minor` is empty for one of an account as a whole. Papers, officers and
-- names are in the commands.
--
-- Parameters: $1 bigint the ledger, $2 bigint the last command before the date, $3 bigint the last one of the date,
-- $4 date the accounting date, $5 boolean whether it is for the bank
-- Status 1 live, 2 released, 3 expired, 4 deducted. Ground 7 is a secured right. Bucket 0 is available.
-- SPDX-License-Identifier: Apache-2.0
with claim as materialized (
    select distinct on (h.claim_id) h.*
    from vsl.claim_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.claim_id, h.sequence desc
), account as materialized (
    select distinct a.account_id, a.member_id
    from vsl.account_history a
    where a.ledger_id = $1::bigint and a.sequence <= $3::bigint
        and a.member_id in (select c.member_id from claim c where c.status = 1)
), side as (
    select p.debit_account_id as account_id, p.sequence, p.line, p.debit_balance as balance
    from vsl.posting p
    where p.ledger_id = $1::bigint and p.sequence <= $3::bigint and p.debit_bucket = 0
        and p.debit_account_id in (select a.account_id from account a)
    union all
    select p.credit_account_id, p.sequence, p.line, p.credit_balance
    from vsl.posting p
    where p.ledger_id = $1::bigint and p.sequence <= $3::bigint and p.credit_bucket = 0
        and p.credit_account_id in (select a.account_id from account a)
), available as (
    select s.account_id, (max(array[s.sequence, s.line::bigint, s.balance]))[3] as balance
    from side s
    group by s.account_id
), cover as (
    select h.account_id, (max(array[h.sequence, h.amount]))[2] as amount
    from vsl.cover_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    group by h.account_id
), money as (
    select a.member_id, array_agg(a.account_id order by a.account_id) as accounts,
        array_agg(coalesce(v.balance, 0)::numeric + coalesce(c.amount, 0) order by a.account_id) as amounts
    from account a
    left join available v on v.account_id = a.account_id
    left join cover c on c.account_id = a.account_id
    group by a.member_id
), queue as (
    select c.claim_id, c.member_id, array_agg(c.limit_amount::numeric) over before_it as limits,
        array_agg(c.account_id) over before_it as reached
    from claim c
    where c.status = 1
    window before_it as (partition by c.member_id order by c.ground <> 7, c.claim_id rows unbounded preceding)
), covered as (
    select q.claim_id, (select coalesce(sum(v), 0) from unnest(vsl.covers_of(m.accounts, m.amounts, q.limits, q.reached)) v)
        - (select coalesce(sum(v), 0) from unnest(vsl.covers_of(m.accounts, m.amounts, trim_array(q.limits, 1),
            trim_array(q.reached, 1))) v) as amount
    from queue q
    join money m on m.member_id = q.member_id
), member as (
    select m.member_id, min(m.platform_member_id) as platform_member_id
    from vsl.member_history m
    where m.ledger_id = $1::bigint and m.sequence <= $3::bigint
    group by m.member_id
)
select c.claim_id, (array['live', 'released', 'expired', 'deducted'])[c.status] as status, c.member_id, m.platform_member_id,
    nullif(c.account_id, 0) as account_id,
    (array['court', 'police', 'procuratorate', 'supervision', 'state_security', 'tax', 'customs', 'securities', 'central_bank',
        'administrative', 'bank', 'creditor'])[c.authority] as authority,
    (array['ordinary', 'major_case', 'terror', 'organised_crime', 'fraud_stop', 'listed_person', 'secured_right'])[c.ground]
        as ground,
    c.organ, case when not c.whole then c.limit_amount end as limit_minor, coalesce(v.amount, 0)::bigint as covered_minor,
    c.released as released_minor, c.deducted as deducted_minor, c.deducting as deducting_minor, c.placed_date,
    to_char(c.ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ends_at, c.placed_sequence,
    nullif(c.effective_sequence, 0) as effective_sequence, c.sequence as changed_sequence,
    not $5::boolean or $4::date is null or coalesce(v.amount > c.limit_amount, false) as is_wrong
from claim c
left join covered v on v.claim_id = c.claim_id
left join member m on m.member_id = c.member_id
where c.status = 1 or c.sequence > $2::bigint
order by c.claim_id
