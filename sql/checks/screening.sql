-- screening.sql: proves that entries of deny lists and hits went the ways that they may by the commands that say so: an
-- entry listed, ended by two persons or by its time; a hit found by a command while its entry was listed, decided by
-- who neither listed nor found; that a pair of an entry and a member is one hit; and that while a hit stood no money of
-- its member was paid, withdrawn, held or charged, nothing was paid or allocated to the member, and nothing was taken
-- out of the item of its payer.
-- SPDX-License-Identifier: Apache-2.0
with sent as (
    select c.sequence, c.kind, c.outcome, c.ledger_id, c.subject_id, c.channel, c.recorded_at,
        coalesce(vsl.caller_of(c.body), 0) as caller_id, vsl.proposal_of(c.body) as proposal_id
    from vsl.command c
    where c.sequence in (select sequence from vsl.denied_history union select sequence from vsl.hit_history)
), entry as (
    select h.*, lag(h.status) over by_entry as status_before, lead(h.sequence) over by_entry as sequence_after,
        first_value((h.ledger_id, h.value, h.kind, h.document_kind, h.source, h.expires_at, h.listed_sequence,
            h.caller_id, h.channel)) over by_entry as listed_as
    from vsl.denied_history h
    window by_entry as (partition by h.denied_id order by h.sequence)
), step as (
    select h.*, lag(h.status) over by_hit as status_before, lead(h.sequence) over by_hit as sequence_after,
        first_value((h.ledger_id, h.denied_id, h.member_id, h.card_id, h.found_sequence, h.caller_id, h.channel))
            over by_hit as found_as
    from vsl.hit_history h
    window by_hit as (partition by h.hit_id order by h.sequence)
), standing as ( -- from its finding to what cleared it
    select f.ledger_id, f.hit_id, f.member_id, f.found_sequence, c.cleared
    from step f
    left join (select hit_id, min(sequence) as cleared from step where status = 2 group by hit_id) c using (hit_id)
    where f.status_before is null
), owned as (
    select distinct account_id, member_id from vsl.account_history where member_id > 0
), wrong as materialized (
    select 'entry' as wrong, e.ledger_id, e.denied_id as id, e.sequence
    from entry e
    left join sent s using (sequence)
    where s.kind is null or s.outcome >= 100 or s.ledger_id <> e.ledger_id
        or (e.ledger_id, e.value, e.kind, e.document_kind, e.source, e.expires_at, e.listed_sequence, e.caller_id,
            e.channel) is distinct from e.listed_as
        or not case
            when e.status_before is null then
                e.status = 1 and s.kind = vsl.kind('AddDenied') and s.subject_id = e.denied_id
                and e.listed_sequence = e.sequence and (e.expires_at is null or e.expires_at > s.recorded_at)
                and (s.proposal_id is not null or (e.caller_id = s.caller_id and e.channel = s.channel))
            when e.status_before = 1 and e.status = 2 then
                s.kind = vsl.kind('EndDenied') and s.subject_id = e.denied_id and s.proposal_id is not null
            when e.status_before = 1 and e.status = 3 then
                s.kind = vsl.kind('Expire') and s.recorded_at >= e.expires_at
            else false
        end
    union all
    select 'hit', h.ledger_id, h.hit_id, h.sequence
    from step h
    left join sent s using (sequence)
    left join entry e on e.denied_id = h.denied_id and e.sequence <= h.found_sequence
        and (e.sequence_after is null or e.sequence_after > h.found_sequence)
    where s.kind is null or s.outcome >= 100 or s.ledger_id <> h.ledger_id
        or e.ledger_id is distinct from h.ledger_id
        or (h.ledger_id, h.denied_id, h.member_id, h.card_id, h.found_sequence, h.caller_id, h.channel)
            is distinct from h.found_as
        or not case
            when h.status_before is null then
                h.status = 1 and h.found_sequence = h.sequence and e.status = 1
                and (s.proposal_id is not null or (h.caller_id = s.caller_id and h.channel = s.channel))
                and case s.kind
                    when vsl.kind('AddDenied') then s.subject_id = h.denied_id and h.member_id > 0
                    when vsl.kind('IdentifyMember') then s.subject_id = h.member_id and h.card_id = 0
                    when vsl.kind('BindCard') then s.subject_id = h.card_id
                    when vsl.kind('BookReceipt') then h.member_id = 0 and s.outcome = 2
                    else false
                end
            when h.status_before in (1, 3) and h.status in (2, 3) and h.status <> h.status_before then
                s.kind = vsl.kind('DecideHit') and s.subject_id = h.hit_id and h.decided_sequence = h.sequence
                and case when s.caller_id <> 0 and h.caller_id <> 0 then s.caller_id <> h.caller_id
                    else s.channel <> h.channel end
                and case when s.caller_id <> 0 and e.caller_id <> 0 then s.caller_id <> e.caller_id
                    else s.channel <> e.channel end
            else false
        end
    union all
    select 'pair', min(ledger_id), max(hit_id), max(found_sequence)
    from step
    where member_id > 0 and status_before is null
    group by denied_id, member_id
    having count(*) > 1
    union all
    select 'moved', h.ledger_id, h.hit_id, p.sequence
    from standing h
    join owned o using (member_id)
    join (
        select sequence, debit_account_id as account_id, true as is_given from vsl.posting
        union all
        select sequence, credit_account_id, false from vsl.posting
    ) p using (account_id)
    join vsl.command c on c.sequence = p.sequence
    where p.sequence > h.found_sequence and (h.cleared is null or p.sequence < h.cleared)
        and c.kind in (vsl.kind('Pay'), vsl.kind('ConfirmHold'),
            case when p.is_given then vsl.kind('Withdraw') else vsl.kind('BookReceipt') end,
            case when p.is_given then vsl.kind('PlaceHold') else vsl.kind('BookInterest') end,
            case when p.is_given then vsl.kind('ChargeFee') else vsl.kind('AllocateSuspense') end,
            case when p.is_given then vsl.kind('ChargeFee') else vsl.kind('AllocateLine') end)
    union all
    select 'taken', h.ledger_id, h.hit_id, i.sequence
    from standing h
    join vsl.suspense_history i on i.origin_sequence = h.found_sequence and i.sequence > h.found_sequence
        and (h.cleared is null or i.sequence < h.cleared)
    where h.member_id = 0 and (i.allocated > 0 or i.going_back > 0 or i.gone_back > 0)
)
select * from wrong
order by 1, 2, 3, 4
limit 100
