-- claims.sql: proves that claims went the ways that they may by the commands that say so, and that what they cover of
-- each account is what it comes to when it is made anew: one after the other, secured rights first and then as they
-- were placed, takes what is left of its limit and of the money, from its member's first account to the last.
-- And that what was deducted of each is what its payouts say, less what came back. Stops of payments are counted an
-- account. Status 1 live, 2 released, 3 expired, 4 deducted; of a payout 1, 5, 6 under way, 3 failed. Ground 7 is a
-- secured right, 5 a stop of payments. Bucket 0 is available.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, lag(h.sequence) over by_claim as sequence_before, lag(h.status) over by_claim as status_before,
        lag(h.limit_amount) over by_claim as limit_before, lag(h.released) over by_claim as released_before,
        lag(h.deducted) over by_claim as deducted_before, lag(h.deducting) over by_claim as deducting_before,
        lag(h.continued) over by_claim as continued_before, lag(h.ends_at) over by_claim as ends_before,
        lag(h.noticed) over by_claim as noticed_before, lag(h.effective_sequence) over by_claim as effective_before, lag(h.told_sequence) over by_claim as told_before,
        first_value((h.ledger_id, h.member_id, h.account_id, h.authority, h.ground, h.organ, h.whole, h.fruits,
            h.secret, h.placed_date, h.placed_sequence)) over by_claim as placed_as,
        c.kind as command, c.recorded_at, c.ledger_id as ledger_of_command
    from vsl.claim_history h
    left join vsl.command c on c.sequence = h.sequence
    window by_claim as (partition by h.claim_id order by h.sequence)
), newest as (
    select distinct on (claim_id) * from vsl.claim_history order by claim_id, sequence desc
), queue as (
    select member_id, array_agg(limit_amount::numeric order by ground <> 7, claim_id) as limits,
        array_agg(account_id order by ground <> 7, claim_id) as reached
    from newest
    where status = 1
    group by member_id
), covered as (
    select distinct on (cover_id) account_id, ledger_id, amount, deducting, deductions, stops
    from vsl.cover_history order by cover_id, sequence desc
), deduction as (
    select distinct on (p.payout_id) h.claim_id, p.account_id, p.amount, p.returned, p.status
    from vsl.claim_history h
    join vsl.command c on c.sequence = h.sequence and c.kind in (vsl.kind('DeductClaim'), vsl.kind('PlaceClaim'))
    join vsl.payout_history p on p.requested_sequence = h.sequence
    where h.told_sequence = h.sequence
    order by p.payout_id, p.sequence desc
), deducted as (
    select claim_id, sum(case when status in (1, 5, 6) then amount else 0 end) as deducting,
        sum(case when status = 3 then 0 else amount - returned end) as deducted
    from deduction
    group by claim_id
), deducted_from as (
    select account_id, sum(case when status in (1, 5, 6) then amount else 0 end) as deducting, count(*) as deductions
    from deduction
    group by account_id
), stop as (
    select account_id, member_id
    from step
    where ground = 5 and told_sequence = sequence and command in (vsl.kind('PlaceClaim'), vsl.kind('ContinueClaim'))
), account as (
    select distinct on (account_id) account_id, ledger_id, member_id
    from vsl.account_history
    where member_id in (select member_id from newest)
    order by account_id, sequence desc
), stopped as ( -- by stops of its own, and by those of all accounts that there were then
    select a.account_id, count(*) filter (where s.account_id > 0) as own, count(*) as most
    from stop s
    join account a on a.member_id = s.member_id
    where s.account_id in (0, a.account_id)
    group by a.account_id
), available as (
    select distinct on (s.account_id) s.account_id, s.balance
    from (
        select debit_account_id as account_id, sequence, line, debit_balance as balance
        from vsl.posting
        where debit_bucket = 0 and debit_account_id in (select account_id from account)
        union all
        select credit_account_id, sequence, line, credit_balance
        from vsl.posting
        where credit_bucket = 0 and credit_account_id in (select account_id from account)
    ) s
    order by s.account_id, s.sequence desc, s.line desc
), money as (
    select a.member_id, array_agg(a.account_id order by a.account_id) as accounts,
        array_agg(coalesce(v.balance, 0)::numeric + coalesce(c.amount, 0) order by a.account_id) as amounts
    from account a
    left join available v using (account_id)
    left join covered c using (account_id)
    group by a.member_id
), made_anew as (
    select unnest(accounts) as account_id,
        unnest(vsl.covers_of(accounts, amounts, coalesce(limits, '{}'), coalesce(reached, '{}'))) as amount
    from money
    left join queue using (member_id)
), wrong as materialized (
    select 'step' as wrong, ledger_id, claim_id as id, sequence
    from step
    where command is null or ledger_of_command <> ledger_id
        or (ledger_id, member_id, account_id, authority, ground, organ, whole, fruits, secret, placed_date,
            placed_sequence) is distinct from placed_as
        or not case
            when sequence_before is null then
                command = vsl.kind('PlaceClaim') and sequence = placed_sequence and status = 1 and released = 0
                and deducted = deducting and continued = 0 and told_sequence = sequence and effective_sequence in (0, sequence)
                and noticed = coalesce(ends_at - recorded_at <= interval '168 hours', false)
            when status_before in (2, 3) or (status_before = 4 and command <> vsl.kind('ConfirmPayout')) then false
            when effective_before <> effective_sequence
                and (effective_before <> 0 or effective_sequence <> sequence) then false
            when status = 1 and command = vsl.kind('Expire') then -- its end is told
                noticed and not noticed_before and recorded_at >= ends_at - interval '168 hours' and recorded_at < ends_at
                and (limit_amount, released, deducted, deducting, continued, told_sequence, effective_sequence)
                    = (limit_before, released_before, deducted_before, deducting_before, continued_before, told_before,
                    effective_before)
                and ends_at is not distinct from ends_before
            when noticed <> noticed_before and command <> vsl.kind('ContinueClaim') then false
            when command = vsl.kind('ConfirmPayout') and (deducted, deducting) <> (deducted_before, deducting_before) then
                (released, continued, told_sequence) = (released_before, continued_before, told_before)
                and ends_at is not distinct from ends_before and deducting <= deducting_before
                and case when whole then status = 1 and limit_amount = limit_before
                    when status = 1 then limit_amount = greatest(0, limit_before + deducted_before - deducted)
                    else status = 4 and (status_before = 4 or limit_before + deducted_before - deducted <= 0) end
            when command = vsl.kind('DeductClaim') and told_sequence = sequence then
                status = 1 and deducted > deducted_before
                and deducted - deducted_before = deducting - deducting_before
                and limit_before - limit_amount = case when whole then 0 else deducted - deducted_before end
                and (released, continued) = (released_before, continued_before)
                and ends_at is not distinct from ends_before and recorded_at < coalesce(ends_before, 'infinity')
            when (deducted, deducting) <> (deducted_before, deducting_before) then false
            when status = 1 and command = vsl.kind('ContinueClaim') and told_sequence = sequence then
                (limit_amount, released) = (limit_before, released_before) and continued >= continued_before
                and (ends_at is null or ends_before is null or ends_at > ends_before) and recorded_at < coalesce(ends_before, 'infinity')
                and noticed = coalesce(ends_at - recorded_at <= interval '168 hours', false)
            when command = vsl.kind('ReleaseClaim') and told_sequence = sequence then
                case when whole then status = 2 and released = 0
                    else limit_before - limit_amount = released - released_before and released > released_before end
                and status = case when limit_amount > 0 then 1 when deducted > 0 and not whole then 4 else 2 end
                and deducting = 0
                and (continued, ends_at) is not distinct from (continued_before, ends_before)
                and recorded_at < coalesce(ends_before, 'infinity')
            when status = 3 then
                command = vsl.kind('Expire') and limit_amount = 0 and deducting = 0 and recorded_at >= ends_before
                and (released, continued, told_sequence) = (released_before, continued_before, told_before)
            -- Something is covered for the first time, by whatever brought it.
            else status = 1 and effective_before = 0 and effective_sequence = sequence
                and (limit_amount, released, continued, told_sequence)
                    = (limit_before, released_before, continued_before, told_before)
                and ends_at is not distinct from ends_before
        end
    union all
    select 'cover', a.ledger_id, a.account_id, null
    from made_anew m
    join account a using (account_id)
    left join covered c using (account_id)
    where m.amount <> coalesce(c.amount, 0)
    union all
    select 'deducted', n.ledger_id, n.claim_id, n.sequence
    from newest n
    left join deducted d using (claim_id)
    where n.deducting <> coalesce(d.deducting, 0) or (n.status in (1, 4) and n.deducted <> coalesce(d.deducted, 0))
    union all
    select 'deducted of an account', coalesce(c.ledger_id, 0), account_id, null
    from covered c
    full join deducted_from d using (account_id)
    where c.account_id is null or c.deducting <> coalesce(d.deducting, 0) or c.deductions <> coalesce(d.deductions, 0)
    union all
    select 'stops', c.ledger_id, c.account_id, null
    from covered c
    left join stopped s using (account_id)
    where c.stops not between coalesce(s.own, 0) and coalesce(s.most, 0)
    union all
    select 'cover without a claim', h.ledger_id, h.account_id, max(h.sequence)
    from vsl.cover_history h
    where h.account_id not in (select account_id from account)
    group by h.ledger_id, h.account_id
)
select * from wrong
order by 1, 2, 3
limit 100
