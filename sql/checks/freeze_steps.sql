-- freeze_steps.sql: proves that every business freeze was placed by its PlaceFreeze, that only its owner (the
-- caller who wanted it, or where one is not known the channel; of proposals who made them) lifted it, that what is lifted only grows and everything else of it stays, that nothing follows its end,
-- that time ended it neither too early nor too late, and that each step moved just its amount out of or
-- into the account's frozen money.
-- Status 1 live, 2 lifted, 3 expired. Bucket 3 is frozen.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select f.*,
        lag(f.sequence) over by_freeze as sequence_before,
        lag(f.status) over by_freeze as status_before,
        f.lifted - lag(f.lifted) over by_freeze as lifted_now,
        (f.ledger_id, f.account_id, f.purpose, f.owner, f.amount, f.expires_at, f.placed_sequence)
            is distinct from
            lag((f.ledger_id, f.account_id, f.purpose, f.owner, f.amount, f.expires_at,
                f.placed_sequence)) over by_freeze as is_changed
    from vsl.freeze_history f
    window by_freeze as (partition by f.freeze_id order by f.sequence)
), moved as (
    select p.sequence, count(*) as lines,
        sum(p.amount) filter (where p.credit_bucket = 3 and p.debit_bucket = 0) as frozen,
        sum(p.amount) filter (where p.debit_bucket = 3 and p.credit_bucket = 0) as lifted,
        min(p.debit_account_id) as account_id, max(p.credit_account_id) as other_account_id
    from vsl.own_posting p
    -- Who owes repays out of what becomes available: debts.sql proves those.
    where p.sequence in (select f.sequence from vsl.freeze_history f)
        and (p.credit_bucket = 3 or p.debit_bucket = 3)
    group by p.sequence
), wanted as (
    select c.sequence, coalesce(case when vsl.proposal_of(c.body) is null then vsl.caller_of(c.body)
        else (select nullif(p.maker_caller_id, 0) from vsl.proposal_history p
            where p.proposal_id = vsl.proposal_of(c.body) and p.sequence = c.sequence) end, 0) as person
    from vsl.command c
    where c.kind in (vsl.kind('PlaceFreeze'), vsl.kind('LiftFreeze'))
), wrong as materialized (
    select s.freeze_id, s.sequence, s.status, s.status_before, c.kind
    from step s
    left join vsl.command c on c.sequence = s.sequence
    left join moved m on m.sequence = s.sequence
    left join wanted w on w.sequence = s.sequence
    left join wanted o on o.sequence = s.placed_sequence
    where c.outcome is null or c.ledger_id <> s.ledger_id or m.lines is distinct from 1
        or m.account_id <> s.account_id or m.other_account_id <> s.account_id
        or case
            when s.sequence_before is null then
                c.kind <> vsl.kind('PlaceFreeze') or s.status <> 1 or s.lifted <> 0 or s.placed_sequence <> s.sequence
                    or s.owner <> c.channel or s.expires_at <= c.recorded_at
                    or m.frozen is distinct from s.amount
            else
                s.is_changed or s.status_before <> 1 or s.lifted_now <= 0
                    or m.lifted is distinct from s.lifted_now
                    or not coalesce(case c.kind
                        when vsl.kind('LiftFreeze') then s.status in (1, 2)
                            and case when w.person <> 0 and o.person <> 0 then w.person = o.person
                                else c.channel = s.owner end
                            and (s.expires_at is null or c.recorded_at < s.expires_at)
                        when vsl.kind('Expire') then s.status = 3 and c.recorded_at >= s.expires_at
                        else false
                    end, false)
        end
)
select * from wrong
order by freeze_id, sequence
limit 100
