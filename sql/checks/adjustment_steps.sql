-- adjustment_steps.sql: proves that every Adjust came by a proposal (proposal_steps.sql: by two persons) and
-- booked, from available to available, to a fee account no more than it lacked. Of the adjustments of before
-- 0.3.0, which had proposals of their own, that each was proposed by one caller, its maker, and approved by
-- another, its checker, or withdrawn by its maker, or ended by time; in time; that nothing follows its end;
-- and that only the approval booked, just what was proposed, with the same bound.
-- Status 1 proposed, 2 approved, 3 withdrawn, 4 expired. Account kind 4 is FEE.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select a.*,
        lag(a.sequence) over by_adjustment as sequence_before,
        lag(a.status) over by_adjustment as status_before,
        (a.ledger_id, a.debit_account_id, a.credit_account_id, a.amount, a.expires_at, a.maker,
            a.proposed_sequence)
            is distinct from
            lag((a.ledger_id, a.debit_account_id, a.credit_account_id, a.amount, a.expires_at, a.maker,
                a.proposed_sequence)) over by_adjustment as is_changed
    from vsl.adjustment_history a
    window by_adjustment as (partition by a.adjustment_id order by a.sequence)
), adjusted as (
    select c.sequence, c.kind, vsl.proposal_of(c.body) as proposal_id
    from vsl.command c
    where c.kind = vsl.kind('Adjust') and c.outcome < 100
), booked as (
    -- The first posting; a second one repays a debt of the credited account.
    select p.sequence, p.amount, p.debit_account_id, p.credit_account_id,
        p.credit_balance > 0 and p.credit_account_id in
            (select h.account_id from vsl.account_history h where h.kind = 4) as is_above_missing
    from vsl.own_posting p
    where p.line = 0 and p.debit_bucket = 0 and p.credit_bucket = 0
        and p.sequence in
            (select a.sequence from vsl.adjustment_history a union all select a.sequence from adjusted a)
), wrong as materialized (
    select s.adjustment_id, s.sequence, s.status, s.status_before, c.kind, s.maker = s.checker as same_caller
    from step s
    left join vsl.command c on c.sequence = s.sequence
    left join booked b on b.sequence = s.sequence
    where c.outcome is null or c.ledger_id <> s.ledger_id or s.maker = s.checker
        or (s.status = 2) <> (s.checker <> '')
        or case
            when s.sequence_before is null then
                c.kind <> vsl.kind('ProposeAdjustment') or s.status <> 1 or s.maker <> c.channel
                or s.proposed_sequence <> s.sequence
                    or s.expires_at is null or s.expires_at <= c.recorded_at or b.sequence is not null
            else
                s.is_changed or s.status_before <> 1
                    or not coalesce(case c.kind
                        when vsl.kind('Expire') then s.status = 4 and c.recorded_at >= s.expires_at
                            and b.sequence is null
                        when vsl.kind('ApproveAdjustment') then s.status = 2 and c.channel = s.checker
                            and c.recorded_at < s.expires_at and b.amount = s.amount
                            and b.debit_account_id = s.debit_account_id
                            and b.credit_account_id = s.credit_account_id
                            and not b.is_above_missing
                        when vsl.kind('WithdrawAdjustment') then s.status = 3 and c.channel = s.maker
                            and c.recorded_at < s.expires_at and b.sequence is null
                        else false
                    end, false)
        end
    union all
    select a.proposal_id, a.sequence, null, null, a.kind, null
    from adjusted a
    left join booked b using (sequence)
    where a.proposal_id is null or b.sequence is null or b.is_above_missing
)
select * from wrong
order by adjustment_id, sequence
limit 100
