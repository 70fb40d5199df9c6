-- mandates.sql: proves that each mandate was granted by a GrantMandate as it stays, used by payments and withdrawals of
-- its account only, each within its ceilings and its time, given back by what may give back (of a payout what came back of
-- it and of its fee), and ended by an EndMandate.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, lag(h.status) over by_mandate as status_before, lag(h.used) over by_mandate as used_before,
        lag(h.used_count) over by_mandate as count_before,
        first_value((h.ledger_id, h.account_id, h.payee_account_id, h.card_id, h.ceiling_each, h.ceiling_total, h.uses,
            h.starts_at, h.expires_at, h.granted_sequence)) over by_mandate as granted_as,
        c.kind as command, c.outcome, c.recorded_at, c.ledger_id as ledger_of_command
    from vsl.mandate_history h
    left join vsl.command c on c.sequence = h.sequence
    window by_mandate as (partition by h.mandate_id order by h.sequence)
), lost as (
    -- What is lost by a payout while it is so: 3 failed, 7 cancelled.
    select p.sequence, p.payout_id, p.account_id,
        p.amount - case when p.status in (3, 7) then p.amount else p.returned end
            + case when p.fee_account_id = p.account_id then p.fee - p.fee_returned else 0 end as lost
    from vsl.payout_history p
    where p.account_id in (select account_id from vsl.mandate_history where card_id > 0)
), word as (
    select sequence, account_id, lost, lag(lost) over (partition by payout_id order by sequence) as lost_before
    from lost
), wrong as materialized (
    select 'step' as wrong, s.ledger_id, s.mandate_id, s.sequence
    from step s
    where s.command is null or s.outcome >= 100 or s.ledger_of_command <> s.ledger_id
        or (s.ledger_id, s.account_id, s.payee_account_id, s.card_id, s.ceiling_each, s.ceiling_total, s.uses,
            s.starts_at, s.expires_at, s.granted_sequence) is distinct from s.granted_as
        or not case
            when s.status_before is null then
                s.command = vsl.kind('GrantMandate') and s.sequence = s.granted_sequence and s.status = 1
                and s.used = 0 and s.used_count = 0 and s.expires_at > s.recorded_at
            when s.status_before = 1 and s.status = 2 then
                s.command = vsl.kind('EndMandate') and s.ended_sequence = s.sequence and s.used = s.used_before
                and s.used_count = s.count_before
            when s.status_before <> s.status then false
            when s.command = case when s.card_id > 0 then vsl.kind('Withdraw') else vsl.kind('Pay') end then
                s.status = 1 and s.used_count = s.count_before + 1 and s.used_count <= s.uses
                and s.used - s.used_before between 1 and s.ceiling_each and s.used <= s.ceiling_total
                and s.recorded_at >= s.starts_at and s.recorded_at < s.expires_at
            when s.card_id > 0 then
                s.command in (vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout'))
                and s.used <> s.used_before and exists (
                    select from word w
                    where w.sequence = s.sequence and w.account_id = s.account_id
                        and s.used - s.used_before = w.lost - w.lost_before
                        and s.used_count - s.count_before = (w.lost > 0)::int - (w.lost_before > 0)::int)
            else
                s.command = vsl.kind('Reverse') and s.used_count = s.count_before - 1 and s.used < s.used_before
        end
    union all
    select 'not of its account', s.ledger_id, s.mandate_id, s.sequence
    from step s
    where s.command in (vsl.kind('Pay'), vsl.kind('Withdraw')) and s.used - s.used_before is distinct from (
        select sum(p.amount)
        from vsl.own_posting p
        where p.sequence = s.sequence and p.debit_account_id = s.account_id and p.debit_bucket = 0)
)
select * from wrong
order by 1, 2, 3
limit 100
