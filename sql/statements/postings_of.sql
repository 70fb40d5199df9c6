-- postings_of.sql: the postings of some commands, in the order of the journal.
--
-- Parameters: $1 bigint[] sequences
--             $2 bigint lowest of them
--             $3 bigint above the highest of them; at most the first one that is not indexed
-- Columns:    sequence, line, ledger_id, amount, debit_account_id, debit_bucket, debit_balance,
--             credit_account_id, credit_bucket, credit_balance
-- Index:      posting (sequence)
-- Rows:       at most 256 for each of the sequences
select
    p.sequence, p.line, p.ledger_id, p.amount, p.debit_account_id, p.debit_bucket, p.debit_balance,
    p.credit_account_id, p.credit_bucket, p.credit_balance
from vsl.posting p
where p.sequence = any ($1::bigint[]) and p.sequence >= $2 and p.sequence < $3
order by p.sequence, p.line
