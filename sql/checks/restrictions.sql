-- restrictions.sql: proves that an account takes and gives no money exactly when a restriction of it says so:
-- its flags are the union of what its owners set, no owner has two, and there are at most 8; and that a
-- restriction grows by its owner's commands only: the caller's, where he is known, else the channel's.
-- Accounts that were restricted before there were owners have no row here, and keep their flags until a
-- RestrictAccount makes one: so each of those since the first row has one.
-- SPDX-License-Identifier: Apache-2.0
with newest as (
    select distinct on (restriction_id) restriction_id, sequence, account_id, owner, caller_id, no_in, no_out
    from vsl.restriction_history
    order by restriction_id, sequence desc
), owned as (
    select account_id, max(sequence) as sequence, bool_or(no_in) as no_in, bool_or(no_out) as no_out,
        count(*) as restrictions, count(*) filter (where no_in or no_out) as live,
        count(distinct (owner, caller_id)) filter (where no_in or no_out) as owners,
        count(distinct caller_id) filter (where (no_in or no_out) and caller_id <> 0) as callers,
        count(*) filter (where (no_in or no_out) and caller_id <> 0) as of_callers
    from newest
    group by account_id
), newest_account as (
    select distinct on (account_id) account_id, sequence, no_in, no_out
    from vsl.account_history
    order by account_id, sequence desc
), first_row as (
    select min(sequence) as sequence from vsl.restriction_history
), owned_step as (
    select r.sequence, r.account_id, r.owner, r.caller_id, r.no_in, r.no_out,
        lag(r.owner) over by_restriction as owner_before,
        lag(r.caller_id) over by_restriction as caller_before,
        coalesce(lag(r.no_in) over by_restriction, false) as no_in_before,
        coalesce(lag(r.no_out) over by_restriction, false) as no_out_before
    from vsl.restriction_history r
    window by_restriction as (partition by r.restriction_id order by r.sequence)
), step as (
    select r.sequence, r.account_id, count(*) as rows
    from vsl.restriction_history r
    group by r.sequence, r.account_id
), command as (
    select c.sequence, c.subject_id as account_id
    from vsl.command c
    where c.kind = vsl.kind('RestrictAccount') and c.outcome < 100 and c.sequence >= (select sequence from first_row)
), wrong as materialized (
    select 'union' as wrong, account_id, o.sequence
    from owned o
    left join newest_account a using (account_id)
    where (a.no_in, a.no_out) is distinct from (o.no_in, o.no_out)
    union all
    select 'owners', account_id, sequence
    from owned
    where owners <> live or callers <> of_callers or restrictions > 8
    union all
    select 'owner', s.account_id, s.sequence
    from owned_step s
    join vsl.command c using (sequence)
    left join vsl.proposal_history p on p.proposal_id = vsl.proposal_of(c.body) and p.status = 1
    where s.owner <> 'vsl'
        and ((s.no_in and not s.no_in_before) or (s.no_out and not s.no_out_before)
            or s.owner is distinct from s.owner_before)
        and case when s.caller_id <> 0 and coalesce(p.maker_caller_id, vsl.caller_of(c.body), 0) <> 0
            then s.caller_id <> coalesce(p.maker_caller_id, vsl.caller_of(c.body))
            else s.owner <> c.channel end
    union all
    select 'owner', s.account_id, s.sequence
    from owned_step s
    where (s.no_in_before or s.no_out_before)
        and (s.owner, s.caller_id) <> (s.owner_before, s.caller_before)
    union all
    select 'step', account_id, sequence
    from step s
    full join command c using (sequence, account_id)
    where c.sequence is null or s.sequence is null or s.rows > 2
)
select * from wrong
order by 1, 3, 2
limit 100
