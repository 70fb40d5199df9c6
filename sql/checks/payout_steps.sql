-- payout_steps.sql: proves that every payout began with its Withdraw, ReturnSuspense or claim, went only from status to status as it
-- may, that each step booked just its amount and its fee, that what came back is never above the amount, is
-- linked to the payout and came in time, by the terms as they were when it was paid, and that no money came
-- back from the bank without a payout. A word of the bank that was wrong is corrected by two persons only: the
-- proposal of another person was approved (proposal_steps.sql). A Withdraw by cards makes several, and books them together.
-- Status 1 requested, 2 paid, 3 failed, 4 returned, 5 sent, 6 unknown, 7 cancelled. Account kinds: 2 ESCROW, 4 FEE. Bucket 2 is pending out.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select p.*,
        sum(p.amount) over (partition by p.sequence) as amount_together,
        sum(p.fee) over (partition by p.sequence) as fee_together,
        lag(p.sequence) over by_payout as sequence_before,
        lag(p.status) over by_payout as status_before,
        lag(p.return_until) over by_payout as return_until_before,
        p.returned - lag(p.returned, 1, 0::bigint) over by_payout as returned_now,
        case when p.status in (2, 4) then p.amount - p.returned else 0 end
            - lag(case when p.status in (2, 4) then p.amount - p.returned else 0 end, 1, 0::bigint)
                over by_payout as out_now,
        p.fee_returned - lag(p.fee_returned, 1, 0::bigint) over by_payout as fee_returned_now,
        (p.ledger_id, p.account_id, p.amount, p.fee, p.requested_sequence, p.fee_account_id,
            p.fee_rule_id, p.order_number)
            is distinct from
            lag((p.ledger_id, p.account_id, p.amount, p.fee, p.requested_sequence, p.fee_account_id,
                p.fee_rule_id, p.order_number)) over by_payout as is_changed
    from vsl.payout_history p
    window by_payout as (partition by p.payout_id order by p.sequence)
), set_terms as (
    select ledger_id, sequence, payout_return_days,
        lag(payout_return_days) over (partition by ledger_id order by sequence) as days_before
    from vsl.ledger_history
), terms as (
    select ledger_id, payout_return_days, sequence as since,
        lead(sequence) over (partition by ledger_id order by sequence) as until
    from set_terms
    where payout_return_days is distinct from days_before
), account as (
    select distinct account_id, kind from vsl.account_history where kind in (2, 4)
), moved as (
    select p.sequence,
        coalesce(sum(p.amount) filter (where p.credit_bucket = 2), 0) as requested,
        coalesce(sum(p.amount) filter (where p.debit_bucket = 2 and k.kind = 2), 0) as paid,
        coalesce(sum(p.amount) filter (where p.debit_bucket = 2 and p.credit_bucket = 0
            and p.credit_account_id = p.debit_account_id), 0) as given_back,
        coalesce(sum(p.amount) filter (where k.kind = 2), 0)
            - coalesce(sum(p.amount) filter (where d.kind = 2), 0) as left_now,
        coalesce(sum(p.amount) filter (where k.kind = 4), 0) as fee,
        coalesce(sum(p.amount) filter (where d.kind = 4), 0) as fee_returned
    from vsl.posting p
    join vsl.command c on c.sequence = p.sequence
        and c.kind in (vsl.kind('Withdraw'), vsl.kind('ReturnSuspense'), vsl.kind('ConfirmPayout'),
            vsl.kind('InterceptPayout'), vsl.kind('DeductClaim'), vsl.kind('PlaceClaim'))
        and (c.kind <> vsl.kind('PlaceClaim') or p.credit_bucket = 2)
    left join account d on d.account_id = p.debit_account_id
    left join account k on k.account_id = p.credit_account_id
    group by p.sequence
), joined as (
    select s.payout_id, coalesce(s.sequence, m.sequence) as sequence, s.status, s.status_before, c.kind,
        coalesce(m.requested, 0) as requested, coalesce(m.paid, 0) as paid,
        coalesce(m.given_back, 0) as given_back, coalesce(m.left_now, 0) as left_now,
        coalesce(m.fee, 0) - coalesce(m.fee_returned, 0) as fee_booked,
        s.sequence_before, s.is_changed, s.returned_now, s.out_now, s.fee_returned_now, s.amount, s.fee,
        s.amount_together, s.fee_together,
        s.requested_sequence, s.evidence_sequence, s.return_until, c.accounting_date,
        case
            when s.status in (2, 4) and s.status_before not in (2, 4)
                then c.accounting_date + t.payout_return_days
            when s.status = 3 then null
            else s.return_until_before
        end as right_return_until,
        s.returned as returned_in_all,
        s.status_before in (1, 5, 6) as was_open,
        case c.kind
            when vsl.kind('ConfirmPayout') then (s.status_before, s.status) in
                ((1, 2), (1, 3), (1, 5), (1, 6), (5, 2), (5, 3), (5, 6), (6, 2), (6, 3))
                or (s.status_before, s.status) in ((2, 2), (2, 4)) and s.returned_now > 0
                    and c.accounting_date <= s.return_until
                or s.status_before in (2, 3, 4, 7) and s.status in (2, 3, 4)
                    and vsl.proposal_of(c.body) is not null
            when vsl.kind('InterceptPayout') then (s.status_before, s.status) = (1, 7)
                and (select o.kind from vsl.command o where o.sequence = s.requested_sequence)
                    not in (vsl.kind('DeductClaim'), vsl.kind('PlaceClaim'))
            else false
        end as is_step
    from step s
    full join moved m on m.sequence = s.sequence
    left join vsl.command c on c.sequence = coalesce(s.sequence, m.sequence)
    left join terms t on t.ledger_id = s.ledger_id and t.since <= s.sequence
        and (t.until is null or t.until > s.sequence)
), wrong as materialized (
    select payout_id, sequence, status, status_before, kind
    from joined
    where payout_id is null or kind is null
        or (status = 4) <> (returned_in_all = amount)
        or (status in (2, 4)) <> (return_until is not null)
        or return_until is distinct from right_return_until
        or (returned_in_all > 0 and status not in (2, 4))
        or left_now <> out_now
        or fee_booked <> case when sequence_before is null then fee_together else 0 end - fee_returned_now
        or case
            when sequence_before is null then
                kind not in (vsl.kind('Withdraw'), vsl.kind('ReturnSuspense'), vsl.kind('DeductClaim'), vsl.kind('PlaceClaim'))
                    or status <> 1 or requested_sequence <> sequence or evidence_sequence <> 0
                    or (requested, paid, given_back, returned_now, fee_returned_now) <> (amount_together, 0, 0, 0, 0)
            else
                is_changed or evidence_sequence <> sequence or requested <> 0
                    or paid <> case when status = 2 and was_open then amount else 0 end
                    or given_back <> case when status in (3, 7) and was_open then amount else 0 end
                    or not is_step
        end
)
select * from wrong
order by sequence
limit 100
