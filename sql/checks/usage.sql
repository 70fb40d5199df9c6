-- usage.sql: proves that what each member is said to have used of its limits, in its state row and in the newest image, is
-- what commands moved between what it holds (available, frozen, pending out) and anybody else since the present date and
-- year began and until then, without fees and what the platform lends, less what was given back of it; and that whoever
-- moved something has an image. What was counted before they began means nothing any more.
-- Only commands of a kind in `use` count. use: 1 in and out, 2 out of available on its way to a bank, 3 gives back
-- what an earlier command moved, 4 the bank's word about a payout, which no claim deducted. Account kinds: 1 a member's, 4 FEE,
-- 5 PLATFORM_OWN, 3 UNALLOCATED: what is paid back and waits there for who is gone is not counted; buckets:
-- 0 available, 1 pending in, 2 pending out. Member kind 1 is a merchant.
-- SPDX-License-Identifier: Apache-2.0
with use as (
    select vsl.kind(name) as kind, use
    from (values ('BookReceipt', 1), ('AllocateSuspense', 1), ('AllocateLine', 1), ('Pay', 1), ('ConfirmHold', 1), ('Subscribe', 1), ('Redeem', 1),
        ('SettleLine', 1), ('CloseDifference', 1), ('Adjust', 1), ('ApproveAdjustment', 1), ('Withdraw', 2),
        ('Refund', 3), ('Reverse', 3), ('UndoAllocation', 3), ('ConfirmPayout', 4), ('InterceptPayout', 4))
        as u (name, use)
), last_sequence as (
    select max(sequence) as sequence from vsl.command
), policy as (
    select distinct on (ledger_id) * from vsl.account_policy_history order by ledger_id, sequence desc
), counted as ( -- each member of a kind that is counted
    select m.member_id, m.ledger_id,
        case when m.kind = 1 then p.merchant_date_began else p.user_date_began end as date_began,
        case when m.kind = 1 then p.merchant_year_began else p.user_year_began end as year_began
    from (select distinct member_id, ledger_id, kind from vsl.member_history) m
    join policy p using (ledger_id)
    where case when m.kind = 1 then p.merchant_date_began else p.user_date_began end > 0
), said as (
    select usage_id, ledger_id, member_id, sequence, date_in, date_out, year_in, year_out
    from vsl.usage
    union
    (select distinct on (usage_id) usage_id, ledger_id, member_id, sequence, date_in, date_out, year_in, year_out
        from vsl.usage_history order by usage_id, sequence desc)
), began as ( -- as of when it is said; of who has nothing now
    select c.*, s.usage_id, coalesce(s.sequence, (select sequence from last_sequence)) as as_of,
        s.date_in, s.date_out, s.year_in, s.year_out
    from counted c
    left join said s using (member_id, ledger_id)
), owner as (
    select distinct account_id, kind, member_id from vsl.account_history
), moved as (
    select c.sequence, c.ledger_id, p.amount,
        case u.use when 3 then coalesce(r.original_sequence, 0) when 4 then coalesce(o.requested_sequence, 0)
            else c.sequence end as source_sequence,
        e.kind as original_kind,
        u.use, u.use = 3 and c.kind <> vsl.kind('UndoAllocation') as is_paid_back,
        d.kind as debit_kind, k.kind as credit_kind,
        case when d.kind = 1 and p.debit_bucket <> 1 then d.member_id else 0 end as giver,
        case when k.kind = 1 and p.credit_bucket <> 1 then k.member_id else 0 end as taker,
        p.debit_bucket, p.credit_bucket
    from vsl.command c
    join use u using (kind)
    join vsl.own_posting p on p.sequence = c.sequence
    join owner d on d.account_id = p.debit_account_id
    join owner k on k.account_id = p.credit_account_id
    left join vsl.refunded_history r on u.use = 3 and r.sequence = c.sequence and r.account_id = 0
    left join vsl.command e on u.use = 3 and e.sequence = r.original_sequence
    left join vsl.payout_history o on u.use = 4 and o.sequence = c.sequence
    left join vsl.command q on q.sequence = o.requested_sequence
    where c.outcome < 100
        and q.kind is distinct from vsl.kind('DeductClaim') and q.kind is distinct from vsl.kind('PlaceClaim')
        and exists (select from vsl.account_policy_history h where h.ledger_id = c.ledger_id)
), part as ( -- what came in for the giver or the taker, and what went out
    select sequence, source_sequence, giver as member_id, case when use = 3 then -amount else 0 end as came_in,
        case when use = 3 then 0 else amount end as went_out
    from moved
    where giver <> 0 and credit_kind not in (4, 5) and not (credit_kind = 3 and is_paid_back)
        and (use in (1, 3) and giver <> taker or use in (2, 4) and debit_bucket = 0)
        and (use <> 3 or original_kind in (select kind from use))
    union all
    select sequence, source_sequence, taker, case when use = 1 then amount else 0 end,
        case when use in (3, 4) then -amount else 0 end
    from moved
    where taker <> 0 and debit_kind not in (4, 5) and not (debit_kind = 3 and is_paid_back)
        and (use in (1, 3) and giver <> taker or use in (2, 4) and credit_bucket = 0)
        and (use <> 3 or original_kind in (select kind from use))
), moved_by as ( -- by each command
    select member_id, sequence, source_sequence, sum(came_in) as came_in, sum(went_out) as went_out
    from part
    group by member_id, sequence, source_sequence
    having sum(came_in) <> 0 or sum(went_out) <> 0
), running as (
    select b.member_id, b.as_of, p.sequence,
        sum(p.came_in) filter (where p.source_sequence > b.date_began) over run as date_in,
        sum(p.went_out) filter (where p.source_sequence > b.date_began) over run as date_out,
        sum(p.came_in) over run as year_in, sum(p.went_out) over run as year_out
    from began b
    join moved_by p on p.member_id = b.member_id and p.sequence <= b.as_of and p.source_sequence > b.year_began
    window run as (partition by b.member_id, b.as_of order by p.sequence)
), least_of as ( -- below 0 by as much when it began, since who bore a fee gives back more than it got
    select member_id, as_of, least(0, min(date_in)) as date_in, least(0, min(date_out)) as date_out,
        least(0, min(year_in)) as year_in, least(0, min(year_out)) as year_out
    from running
    group by member_id, as_of
), newest as (
    select distinct on (member_id, as_of) * from running order by member_id, as_of, sequence desc
), sum_of as (
    select b.*, coalesce(n.date_in, 0) - coalesce(l.date_in, 0) as date_came_in,
        coalesce(n.date_out, 0) - coalesce(l.date_out, 0) as date_went_out,
        coalesce(n.year_in, 0) - coalesce(l.year_in, 0) as year_came_in,
        coalesce(n.year_out, 0) - coalesce(l.year_out, 0) as year_went_out,
        n.sequence as last_counted
    from began b
    left join least_of l using (member_id, as_of)
    left join newest n using (member_id, as_of)
), wrong as materialized (
    select member_id, usage_id, as_of, 'used' as wrong, date_came_in, date_went_out, year_came_in, year_went_out
    from sum_of
    where usage_id is not null and as_of >= year_began
        and ((year_in, year_out) is distinct from (year_came_in, year_went_out)
            or as_of >= date_began and (date_in, date_out) is distinct from (date_came_in, date_went_out)
            or as_of is distinct from last_counted)
    union all
    select member_id, usage_id, as_of, 'not counted', date_came_in, date_went_out, year_came_in, year_went_out
    from sum_of
    where usage_id is null and last_counted is not null
    union all
    select s.member_id, s.usage_id, s.sequence, 'not written behind', null, null, null, null
    from vsl.usage s
    join counted c using (member_id, ledger_id)
    where exists (
        select from moved_by m
        where m.member_id = s.member_id and m.source_sequence > c.year_began and m.sequence > s.sequence
            and m.sequence < (select redo_sequence from vsl.state_progress))
)
select * from wrong
order by member_id
limit 100
