-- proposal_steps.sql: proves that every proposal was made by one person and approved by another, by a command
-- of the proposed kind that was accepted, or withdrawn by its maker, or ended by time; in time; that nothing
-- follows its end; and that no command was accepted by an approval that no proposal tells of. Two callers are
-- two persons; where one of them is not known, two channels are. Status 1 open, 2 approved, 3 withdrawn, 4
-- expired.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select p.*,
        lag(p.sequence) over by_proposal as sequence_before,
        lag(p.status) over by_proposal as status_before,
        (p.ledger_id, p.kind, p.amount, p.expires_at, p.maker_caller_id, p.maker_channel, p.proposed_at,
            p.proposed_sequence)
            is distinct from
            lag((p.ledger_id, p.kind, p.amount, p.expires_at, p.maker_caller_id, p.maker_channel,
                p.proposed_at, p.proposed_sequence)) over by_proposal as is_changed
    from vsl.proposal_history p
    window by_proposal as (partition by p.proposal_id order by p.sequence)
), sent as (
    select c.sequence, c.kind, c.outcome, c.ledger_id, c.channel, c.recorded_at,
        coalesce(vsl.caller_of(c.body), 0) as caller_id, vsl.proposal_of(c.body) as proposal_id
    from vsl.command c
), wrong as materialized (
    select s.proposal_id, s.sequence, s.status, s.status_before, c.kind
    from step s
    left join sent c on c.sequence = s.sequence
    where c.outcome is null or c.outcome >= 100 or c.ledger_id <> s.ledger_id
        or case
            when s.sequence_before is null then
                c.kind <> vsl.kind('Propose') or s.status <> 1
                    or s.maker_caller_id <> c.caller_id or s.maker_channel <> c.channel
                    or s.proposed_sequence <> s.sequence or s.proposed_at <> c.recorded_at
                    or s.expires_at is null or s.expires_at <= c.recorded_at
                    or s.approver_caller_id <> 0 or s.approver_channel <> ''
                    or s.decided_at is not null or s.decided_sequence <> 0
            else
                s.is_changed or s.status_before <> 1 or s.decided_sequence <> s.sequence
                    or s.decided_at is distinct from c.recorded_at
                    or (s.status = 2) <> (s.approver_channel <> '')
                    or not coalesce(case s.status
                        when 2 then c.proposal_id = s.proposal_id and c.kind = s.kind
                            and c.caller_id = s.approver_caller_id and c.channel = s.approver_channel
                            and c.recorded_at < s.expires_at
                            and case when s.maker_caller_id <> 0 and s.approver_caller_id <> 0
                                then s.maker_caller_id <> s.approver_caller_id
                                else s.maker_channel <> s.approver_channel end
                        when 3 then c.kind = vsl.kind('WithdrawProposal') and c.recorded_at < s.expires_at
                            and case when s.maker_caller_id <> 0 and c.caller_id <> 0
                                then s.maker_caller_id = c.caller_id
                                else s.maker_channel = c.channel end
                        when 4 then c.kind = vsl.kind('Expire') and c.recorded_at >= s.expires_at
                        else false
                    end, false)
        end
    union all
    select c.proposal_id, c.sequence, null, null, c.kind
    from sent c
    where c.proposal_id is not null and c.outcome < 100
        and not exists (select from vsl.proposal_history p
            where p.sequence = c.sequence and p.proposal_id = c.proposal_id and p.status = 2)
)
select * from wrong
order by proposal_id, sequence
limit 100
