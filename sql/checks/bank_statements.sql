-- bank_statements.sql: proves that each statement of the bank was opened with nothing in it, that each of its lines
-- stands behind those before and changed its count by one and its sum by its amount, that it was closed when both
-- agreed, or as it stood by two persons, or given up without a line, and nothing else changed it; that each begins when
-- the last one has ended, with the balance that it ended with, or with a gap by two persons, and says which numbers are
-- missing before; that none is there twice, by the bank's name for it or by its place in a file, and no line by its
-- key.
-- Status 1 open, 2 closed, 3 taken as it stood, 4 cancelled.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, lag(h.sequence) over by_statement as sequence_before, lag(h.status) over by_statement as status_before,
        h.line_count - lag(h.line_count) over by_statement as count_now,
        h.line_sum - lag(h.line_sum) over by_statement as sum_now,
        h.last_ordinal - lag(h.last_ordinal) over by_statement as ordinal_now,
        lag(h.first_line_id) over by_statement as first_line_before,
        lag(h.last_line_id) over by_statement as last_line_before,
        h.line_count = h.control_count and h.opening + h.line_sum = h.closing as is_whole,
        (h.ledger_id, h.number, h.missing_before, h.opening, h.closing, h.opened_sequence, h.from_date, h.to_date,
            h.control_count, h.file_position, h.opened_date, h.has_gap, h.reference, h.file_sha256)
            is distinct from
            lag((h.ledger_id, h.number, h.missing_before, h.opening, h.closing, h.opened_sequence, h.from_date,
                h.to_date, h.control_count, h.file_position, h.opened_date, h.has_gap, h.reference, h.file_sha256))
                over by_statement as is_changed
    from vsl.bank_statement_history h
    window by_statement as (partition by h.bank_statement_id order by h.sequence)
), newest as (
    select distinct on (bank_statement_id) *
    from vsl.bank_statement_history
    order by bank_statement_id, sequence desc
), link as (
    select n.*, lag(n.closed_sequence) over by_ledger as closed_before, lag(n.closing) over by_ledger as closing_before,
        lag(n.number) over by_ledger as number_before
    from newest n
    where n.status <> 4
    window by_ledger as (partition by n.ledger_id order by n.bank_statement_id)
), wrong as materialized (
    select 'step' as wrong, s.bank_statement_id, s.sequence
    from step s
    left join vsl.command c on c.sequence = s.sequence
    left join vsl.statement_line_history l on l.sequence = s.sequence and l.bank_statement_id = s.bank_statement_id
    where c.outcome is null or c.outcome >= 100 or c.ledger_id <> s.ledger_id
        or case
            when s.sequence_before is null then
                c.kind <> vsl.kind('OpenBankStatement') or s.status <> 1 or s.line_count <> 0 or s.line_sum <> 0
                    or s.last_ordinal <> 0 or s.opened_sequence <> s.sequence or s.opened_date <> c.accounting_date
                    or c.subject_id <> s.bank_statement_id or s.has_gap and vsl.proposal_of(c.body) is null
            else
                s.is_changed or s.status_before <> 1 or not coalesce(case c.kind
                    when vsl.kind('AddStatementLine') then s.status = 1 and s.count_now = 1 and s.ordinal_now > 0
                        and s.last_ordinal = l.ordinal and s.sum_now = l.amount
                        and c.subject_id = l.statement_line_id and l.added_sequence = s.sequence and l.matched = 0
                        and s.last_line_id = l.statement_line_id and s.last_line_id > s.last_line_before
                        and s.first_line_id = coalesce(nullif(s.first_line_before, 0), l.statement_line_id)
                    when vsl.kind('CloseBankStatement') then s.count_now = 0 and s.sum_now = 0 and s.ordinal_now = 0
                        and (s.first_line_id, s.last_line_id) = (s.first_line_before, s.last_line_before)
                        and s.closed_sequence = s.sequence and c.subject_id = s.bank_statement_id
                        and case s.status
                            when 2 then s.is_whole
                            when 3 then not s.is_whole and vsl.proposal_of(c.body) is not null
                            when 4 then s.line_count = 0
                            else false
                        end
                    else false
                end, false)
        end
    union all
    select 'none', null, c.sequence
    from vsl.command c
    left join step s on s.sequence = c.sequence
    where c.kind in (vsl.kind('OpenBankStatement'), vsl.kind('AddStatementLine'), vsl.kind('CloseBankStatement'))
        and c.outcome < 100 and s.sequence is null
    union all
    select 'line', l.bank_statement_id, l.sequence
    from vsl.statement_line_history l
    left join step s on s.sequence = l.sequence and s.bank_statement_id = l.bank_statement_id
    left join vsl.command c on c.sequence = l.sequence
    where l.added_sequence = l.sequence
        and (s.ledger_id is distinct from l.ledger_id or c.kind is distinct from vsl.kind('AddStatementLine'))
    union all
    select 'chain', k.bank_statement_id, k.sequence
    from link k
    where case
        when k.closed_before is null then k.has_gap or k.missing_before <> 0
        else
            k.closed_before = 0 or k.closed_before > k.opened_sequence
            or k.has_gap <> (k.opening <> k.closing_before)
            or k.missing_before <> case
                when k.number = 0 or k.number_before = 0 or k.number = k.number_before then 0
                when k.number > k.number_before then k.number - k.number_before - 1
                else k.number - 1
            end
    end
    union all
    select 'twice', max(n.bank_statement_id), max(n.sequence)
    from newest n
    where n.status <> 4 and n.reference <> ''
    group by n.ledger_id, n.reference
    having count(*) > 1
    union all
    select 'file twice', max(n.bank_statement_id), max(n.sequence)
    from newest n
    where n.status <> 4
    group by n.ledger_id, n.file_sha256, n.file_position
    having count(*) > 1
    union all
    select 'line twice', null, max(c.sequence)
    from vsl.command c
    where c.kind = vsl.kind('AddStatementLine') and c.outcome < 100
        and vsl.booked_reference(c.kind, c.body) is not null
    group by c.ledger_id, vsl.booked_reference(c.kind, c.body)
    having count(*) > 1
)
select * from wrong
order by 1, 2
limit 100
