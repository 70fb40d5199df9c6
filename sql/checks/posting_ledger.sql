-- posting_ledger.sql: proves that money never leaves its ledger: a posting's ledger is that of its command and
-- of both of its accounts, and both accounts are known by then.
-- SPDX-License-Identifier: Apache-2.0
with opened as (
    select account_id, min(ledger_id) as ledger_id, max(ledger_id) as other_ledger_id,
        min(sequence) as sequence
    from vsl.account_history
    group by account_id
), wrong as materialized (
    select p.sequence, p.line, p.ledger_id, c.ledger_id as ledger_of_command,
        d.ledger_id as ledger_of_debited, k.ledger_id as ledger_of_credited
    from vsl.posting p
    left join vsl.command c using (sequence)
    left join opened d on d.account_id = p.debit_account_id
    left join opened k on k.account_id = p.credit_account_id
    where p.ledger_id is distinct from c.ledger_id
        or p.ledger_id is distinct from d.ledger_id or p.ledger_id is distinct from d.other_ledger_id
        or p.ledger_id is distinct from k.ledger_id or p.ledger_id is distinct from k.other_ledger_id
        or d.sequence > p.sequence or k.sequence > p.sequence
)
select * from wrong
order by sequence, line
limit 100
