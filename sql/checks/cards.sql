-- cards.sql: proves that cards went the ways that they may by the commands that say so, each check answered in its
-- time or ended after it; that no number of a ledger was checked more than ten times on an accounting date, nor on one
-- after it was locked; that a member has no number bound twice, as many main cards as it has to, and none once closed.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, lag(h.sequence) over by_card as sequence_before, lag(h.status) over by_card as status_before,
        lag(h.main_card) over by_card as main_before, lag(h.check_expires_at) over by_card as expires_before,
        lag(h.checks) over by_card as checks_before, lag(h.checks_date) over by_card as checks_date_before,
        first_value((h.ledger_id, h.member_id, h.number, h.bank_code, h.kind, h.bound_sequence)) over by_card
            as bound_as,
        c.kind as command, c.outcome, c.recorded_at, c.accounting_date, c.ledger_id as ledger_of_command
    from vsl.card_history h
    left join vsl.command c on c.sequence = h.sequence
    window by_card as (partition by h.card_id order by h.sequence)
), newest as (
    select distinct on (card_id) * from vsl.card_history order by card_id, sequence desc
), newest_member as (
    select distinct on (member_id) member_id, status from vsl.member_history order by member_id, sequence desc
), locked as (
    select ledger_id, number, locked_date, min(sequence) as sequence
    from vsl.card_history
    where locked_date is not null
    group by ledger_id, number, locked_date
), wrong as materialized (
    select 'step' as wrong, ledger_id, card_id, sequence
    from step
    where command is null or ledger_of_command <> ledger_id
        or (ledger_id, member_id, number, bank_code, kind, bound_sequence) is distinct from bound_as
        or not case
            when status_before is null then
                status = 1 and command = vsl.kind('BindCard') and sequence = bound_sequence and not main_card
            when status_before = 1 and status = 2 then
                command = vsl.kind('CheckCard') and sequence = check_sequence and checks_date = accounting_date
                and checks = 1 + case when checks_date_before = checks_date then checks_before else 0 end
            when status_before = 2 and status = 3 then
                command in (vsl.kind('ConfirmCardCheck'), vsl.kind('ConfirmCardAmount')) and outcome = 1
                and sequence = checked_sequence and wrong_in_row = 0 and recorded_at < expires_before
            when status_before = 2 and status = 1 and command = vsl.kind('Expire') then
                recorded_at >= expires_before
            when status_before = 2 and status = 1 then
                (command = vsl.kind('ConfirmCardCheck') or (command = vsl.kind('ConfirmCardAmount') and outcome = 4))
                and recorded_at < expires_before
            when status_before = 2 and status = 2 then
                command = vsl.kind('ConfirmCardAmount') and outcome = 3 and wrong_in_row between 1 and 2
            when status_before in (1, 2, 3) and status = 4 then
                (command = vsl.kind('UnbindCard') and end_reason between 1 and 4)
                or (command = vsl.kind('CloseMember') and end_reason = 5)
            when status_before in (1, 2, 3) and status = 5 then
                command = vsl.kind('ReplaceCard') and end_reason between 1 and 4
            when status_before = 3 and status = 3 then
                command in (vsl.kind('UnbindCard'), vsl.kind('ReplaceCard')) and main_card and not main_before
            else false
        end
    union all
    select 'checked too often', ledger_id, max(card_id), max(sequence)
    from step
    where command = vsl.kind('CheckCard')
    group by ledger_id, number, accounting_date
    having count(*) > 10
    union all
    select 'checked though locked', s.ledger_id, s.card_id, s.sequence
    from step s
    join locked l on l.ledger_id = s.ledger_id and l.number = s.number and l.locked_date = s.accounting_date
        and l.sequence < s.sequence
    where s.command = vsl.kind('CheckCard')
    union all
    select 'bound twice', ledger_id, max(card_id), max(sequence)
    from newest
    where status in (1, 2, 3)
    group by ledger_id, member_id, number
    having count(*) > 1
    union all
    select 'main', ledger_id, max(card_id), max(sequence)
    from newest
    group by ledger_id, member_id
    having count(*) filter (where main_card) <> (count(*) filter (where status = 3) > 0)::integer
    union all
    select 'member', n.ledger_id, n.card_id, n.sequence
    from newest n
    left join newest_member m using (member_id)
    where m.status is null or (m.status <> 1 and n.status in (1, 2, 3))
    union all
    select 'replaced', n.ledger_id, n.card_id, n.sequence
    from newest n
    left join newest o on o.card_id = n.replaced_by
    where n.replaced_by <> 0 and o.member_id is distinct from n.member_id
)
select * from wrong
order by 1, 2, 3
limit 100
