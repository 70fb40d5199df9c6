-- identities.sql: proves that an identity began by an IdentifyMember of its member and went on by that, by an Expire,
-- by a card of the member that was found right, or by what closed the member; that its evidence is the last IdentifyMember about it; that a member has one that is
-- valid or expired at most, and none when it is closed; that the same number in a ledger is one person, who is the
-- first one with it. As of the last command no identity is valid for more than ten minutes after its last day, which
-- ends at 24:00 in China: what is due by then is done.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, c.kind, c.subject_id, c.outcome, c.ledger_id as ledger_of_command,
        case when h.document_kind = 2 then 1 else h.document_kind end as document_class,
        lag(h.sequence) over by_identity as sequence_before, lag(h.status) over by_identity as status_before,
        lag(h.noticed) over by_identity as noticed_before, lag(h.member_id) over by_identity as member_before,
        lag(h.ledger_id) over by_identity as ledger_before, lag(h.person_id) over by_identity as person_before,
        lag(h.checked_sequence) over by_identity as checked_before,
        lead(h.sequence) over by_identity as sequence_after
    from vsl.identity_history h
    left join vsl.command c on c.sequence = h.sequence
    window by_identity as (partition by h.identity_id order by h.sequence)
), newest as (
    select * from step where sequence_after is null
), newest_member as (
    select distinct on (member_id) member_id, ledger_id, status from vsl.member_history order by member_id, sequence desc
), known as ( -- every number that was ever recorded, with whose it is
    select distinct ledger_id, document_class, number, person_id from step
), wrong as materialized (
    select 'step' as wrong, s.ledger_id, s.identity_id, s.sequence
    from step s
    where s.kind is null or s.outcome >= 100 or s.ledger_of_command <> s.ledger_id
        or (s.sequence_before is null and (s.kind <> vsl.kind('IdentifyMember') or s.status <> 1))
        or s.member_before <> s.member_id or s.ledger_before <> s.ledger_id or s.person_before <> s.person_id
        or s.status_before in (3, 4)
        or case s.kind
            when vsl.kind('IdentifyMember') then
                s.subject_id <> s.member_id
                or case s.status when 1 then s.checked_sequence <> s.sequence or s.noticed
                    when 4 then s.checked_sequence <> s.checked_before else true end
            when vsl.kind('CloseMember') then
                s.status <> 3 or s.subject_id <> s.member_id or s.checked_sequence <> s.checked_before
            when vsl.kind('Expire') then
                s.subject_id <> s.identity_id or s.checked_sequence <> s.checked_before or s.status_before <> 1
                or (s.status <> 2 and (s.status <> 1 or s.noticed_before or not s.noticed))
            when vsl.kind('ConfirmCardCheck') then s.level <> 3 or s.checked_sequence <> s.checked_before
            when vsl.kind('ConfirmCardAmount') then s.level <> 3 or s.checked_sequence <> s.checked_before
            when vsl.kind('UnbindCard') then s.level <> 2 or s.checked_sequence <> s.checked_before
            else true end
    union all
    select 'member', n.ledger_id, n.identity_id, n.sequence
    from newest n
    left join newest_member m using (member_id)
    where m.ledger_id is distinct from n.ledger_id or (n.status in (1, 2) and m.status <> 1)
    union all
    select 'several', min(ledger_id), max(identity_id), max(sequence)
    from newest
    where status in (1, 2)
    group by member_id
    having count(*) > 1
    union all
    select 'person', s.ledger_id, s.identity_id, s.sequence
    from newest s
    left join step p on p.identity_id = s.person_id and p.sequence_before is null
    where p.ledger_id is distinct from s.ledger_id or p.person_id <> p.identity_id
        or p.document_class <> s.document_class
    union all
    select 'number', ledger_id, max(person_id), null
    from known
    group by ledger_id, document_class, number
    having count(*) > 1
    union all
    select 'now', n.ledger_id, n.identity_id, n.sequence
    from newest n
    join (
        select distinct on (ledger_id) ledger_id, status from vsl.ledger_history order by ledger_id, sequence desc
    ) l on l.ledger_id = n.ledger_id and l.status = 1
    where n.status = 1
        and ((least(n.valid_until_date, n.recheck_date) + 1)::timestamp at time zone '+00') - interval '8 hours'
            + interval '10 minutes' <= (select max(recorded_at) from vsl.command)
)
select * from wrong
order by 1, 2, 3
limit 100
