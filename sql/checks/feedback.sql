-- feedback.sql: proves that each accepted command with a paper of an organ owes the organ one answer, and that nothing
-- else owes one but an OpenFeedback, and what comes back of a deduction and is not claimed again; that it goes from
-- open to given by a GiveFeedback, after one notice at most, 15 minutes before it was due or later; and that nothing
-- else of it changes. The bank itself (11) and a creditor (12) may wait for none. Returns the answers, and the commands
-- that owe none. No row: all is right.

with step as (
    select h.*, lag(h.sequence) over by_feedback as sequence_before, lag(h.status) over by_feedback as status_before,
        lag(h.noticed) over by_feedback as noticed_before,
        first_value((h.ledger_id, h.claim_id, h.organ, h.due_at, h.asked_sequence)) over by_feedback as asked_as,
        c.kind as command, c.recorded_at, c.ledger_id as ledger_of_command
    from vsl.feedback_history h
    left join vsl.command c on c.sequence = h.sequence and c.outcome < 100
    window by_feedback as (partition by h.feedback_id order by h.sequence)
), told as ( -- the claim that a command with a paper told of
    select t.sequence, t.ledger_id, t.claim_id, t.organ, t.authority
    from vsl.claim_history t
    join vsl.command c using (sequence)
    where t.told_sequence = t.sequence and c.outcome < 100
        and c.kind in (vsl.kind('PlaceClaim'), vsl.kind('ContinueClaim'), vsl.kind('ReleaseClaim'), vsl.kind('DeductClaim'))
), wrong as materialized (
    select 'step' as wrong, s.ledger_id, s.feedback_id as id, s.sequence
    from step s
    where s.command is null or s.ledger_of_command <> s.ledger_id
        or (s.ledger_id, s.claim_id, s.organ, s.due_at, s.asked_sequence) is distinct from s.asked_as
        or not case
            when s.sequence_before is null then
                s.asked_sequence = s.sequence and s.status = 1
                and s.noticed = (s.due_at - s.recorded_at <= interval '15 minutes')
                and case when s.claim_id = 0 then s.command = vsl.kind('OpenFeedback')
                    -- What was deducted came back, and the claim does not take it.
                    when s.command = vsl.kind('ConfirmPayout') then
                        (s.ledger_id, s.claim_id, s.organ) in (
                            select t.ledger_id, t.claim_id, t.organ from vsl.claim_history t where t.sequence < s.sequence)
                        and (s.sequence, s.claim_id) not in (
                            select t.sequence, t.claim_id from vsl.claim_history t where t.status = 1)
                        and s.sequence in (select p.sequence from vsl.payout_history p where p.returned > 0 or p.status = 3)
                    else (s.sequence, s.ledger_id, s.claim_id, s.organ)
                        in (select t.sequence, t.ledger_id, t.claim_id, t.organ from told t) end
            when s.status_before = 2 then false
            when s.command = vsl.kind('Expire') then
                s.status = 1 and s.noticed and not s.noticed_before and s.recorded_at >= s.due_at - interval '15 minutes'
            else s.command = vsl.kind('GiveFeedback') and s.status = 2 and s.given_sequence = s.sequence
                and s.noticed = s.noticed_before
        end
    union all
    select 'owed twice', min(s.ledger_id), min(s.feedback_id), s.asked_sequence
    from step s
    where s.sequence_before is null
    group by s.asked_sequence
    having count(*) > 1
    union all
    select 'owed by none', c.ledger_id, 0, c.sequence
    from vsl.command c
    left join told t using (sequence)
    where c.outcome < 100 and (c.kind = vsl.kind('OpenFeedback') or t.authority not in (11, 12))
        and c.sequence not in (select h.asked_sequence from vsl.feedback_history h)
    union all
    select 'given by none', c.ledger_id, 0, c.sequence
    from vsl.command c
    where c.outcome < 100 and c.kind = vsl.kind('GiveFeedback')
        and c.sequence not in (select h.given_sequence from vsl.feedback_history h)
)
select * from wrong
order by 1, 2, 3, 4
limit 100
