-- lumps.sql: proves that each lump was opened with nothing in it, that each of its lines, and each line that was
-- taken back, changed its count by one and its total by what that command moved out of UNALLOCATED or into it, that
-- it was closed when both agreed, or as it stood where that was asked for by two persons, or given up where that was
-- asked for without a line, and nothing else changed it; that it never has more than it was opened for, that its item
-- has enough open for the rest and no second open lump, that one of all or nothing has its lines and its close in one
-- batch of the journal; and that a source order stands once in its ledger.
-- Status 1 open, 2 closed, 3 cancelled. Account kind 3 is UNALLOCATED, bucket 0 available.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, lag(h.sequence) over by_lump as sequence_before, lead(h.sequence) over by_lump as sequence_after,
        lag(h.status) over by_lump as status_before,
        h.allocated_count - lag(h.allocated_count, 1, 0::bigint) over by_lump as count_now,
        h.allocated_amount - lag(h.allocated_amount, 1, 0::bigint) over by_lump as amount_now,
        (h.ledger_id, h.suspense_id, h.control_count, h.control_amount, h.opened_sequence, h.opened_date, h.all_or_none)
            is distinct from
            lag((h.ledger_id, h.suspense_id, h.control_count, h.control_amount, h.opened_sequence, h.opened_date,
                h.all_or_none)) over by_lump as is_changed
    from vsl.lump_history h
    window by_lump as (partition by h.lump_id order by h.sequence)
), unallocated as (
    select distinct account_id from vsl.account_history where kind = 3
), left_it as (
    select sequence, sum(amount) as amount
    from (
        select p.sequence, p.amount
        from vsl.posting p
        join unallocated u on u.account_id = p.debit_account_id and p.debit_bucket = 0
        union all
        select p.sequence, -p.amount
        from vsl.posting p
        join unallocated u on u.account_id = p.credit_account_id and p.credit_bucket = 0
    ) side
    group by sequence
), placed as ( -- in which batch the steps are of those of all or nothing
    select lump_id, sequence, max(batch_number) over (order by sequence, is_step) as batch_number
    from (
        select null::bigint as lump_id, first_sequence as sequence, batch_number, 0 as is_step from vsl.batch
        union all
        select lump_id, sequence, null, 1 from vsl.lump_history where all_or_none
    ) place
), item as (
    select distinct on (suspense_id) suspense_id, ledger_id,
        amount - allocated - reversed - going_back - gone_back as open_now
    from vsl.suspense_history
    order by suspense_id, sequence desc
), newest as (
    select * from step where sequence_after is null
), taken_back as (
    select distinct original_sequence from vsl.refunded_history where account_id = 0 and amount > 0
), wrong as materialized (
    select 'step' as wrong, s.lump_id, s.sequence
    from step s
    left join vsl.command c on c.sequence = s.sequence
    left join left_it m on m.sequence = s.sequence
    cross join lateral ( -- the fields of CloseLump come last: 5, cancel, or 6, as_it_stands
        select case substr(c.body, length(c.body) - 1) when '\x0602' then 'as it stands'
            when '\x0502' then 'cancel' else 'whole' end as asked,
            s.allocated_count = s.control_count and s.allocated_amount = s.control_amount as is_whole
    ) a
    where c.outcome is null or c.outcome >= 100 or c.ledger_id <> s.ledger_id
        or s.allocated_count > s.control_count or s.allocated_amount > s.control_amount
        or case
            when s.sequence_before is null then
                c.kind <> vsl.kind('OpenLump') or s.status <> 1 or s.allocated_count <> 0 or s.allocated_amount <> 0
                    or s.opened_sequence <> s.sequence or s.opened_date <> c.accounting_date
                    or c.subject_id <> s.lump_id
            else
                s.is_changed or not case c.kind
                    when vsl.kind('AllocateLine') then s.status = 1 and s.status_before = 1
                        and s.count_now = 1 and s.amount_now = coalesce(m.amount, 0)
                    when vsl.kind('UndoAllocation') then s.status in (1, 2) and s.status = s.status_before
                        and s.count_now = -1 and s.amount_now = coalesce(m.amount, 0)
                    when vsl.kind('CloseLump') then s.status_before = 1 and s.count_now = 0 and s.amount_now = 0
                        and c.subject_id = s.lump_id
                        and case a.asked
                            when 'as it stands' then s.status = 2 and vsl.proposal_of(c.body) is not null
                                and (not s.all_or_none or is_whole)
                            when 'cancel' then s.status = 3 and s.allocated_count = 0
                            else s.status = 2 and is_whole
                        end
                    else false
                end
        end
    union all
    select 'none', null, c.sequence
    from vsl.command c
    left join step s on s.sequence = c.sequence
    where c.kind in (vsl.kind('OpenLump'), vsl.kind('AllocateLine'), vsl.kind('CloseLump')) and c.outcome < 100
        and s.sequence is null
    union all
    select 'item', n.lump_id, n.sequence
    from newest n
    left join item i using (suspense_id)
    where i.ledger_id is distinct from n.ledger_id
        or (n.status = 1 and i.open_now < n.control_amount - n.allocated_amount)
    union all
    select 'two open', min(n.lump_id), max(n.sequence)
    from newest n
    where n.status = 1
    group by n.suspense_id
    having count(*) > 1
    union all
    select 'torn', s.lump_id, s.sequence
    from step s
    left join placed p on p.lump_id = s.lump_id and p.sequence = s.sequence
    left join placed q on q.lump_id = s.lump_id and q.sequence = s.sequence_after
    where s.all_or_none and s.status = 1 and s.allocated_count > 0
        and p.batch_number is distinct from q.batch_number
    union all
    select 'twice', null, max(c.sequence)
    from vsl.command c
    where c.kind = vsl.kind('AllocateLine') and c.outcome < 100
        and not exists (select from taken_back t where t.original_sequence = c.sequence)
    group by c.ledger_id, vsl.booked_reference(c.kind, c.body)
    having count(*) > 1
)
select * from wrong
order by 1, 2
limit 100
