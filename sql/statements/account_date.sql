-- account_date.sql: the accounting date of an account's first posting in a range of sequences.
--
-- One step of the search for the place where a day begins on an account: a ledger's accounting date
-- never goes back, so the dates of an account's postings only grow with their sequence.
--
-- The account is named twice: what PostgreSQL takes for less is worth its index. With one name it
-- may read all of a segment in order instead, where the account has no more lines.
--
-- Parameters: $1 bigint account_id
--             $2 bigint lowest sequence, inclusive
--             $3 bigint highest sequence, exclusive; at most the first one that is not indexed
-- Columns:    sequence, accounting_date
-- Index:      posting (debit_account_id, sequence), posting (credit_account_id, sequence),
--             command unique (sequence)
-- Rows:       at most 1
select u.sequence, c.accounting_date
from (
    (
        select p.sequence
        from vsl.posting p
        where p.debit_account_id = $1 and p.debit_account_id = any (array[$1])
            and p.sequence >= $2 and p.sequence < $3
        order by p.sequence
        limit 1
    )
    union all
    (
        select p.sequence
        from vsl.posting p
        where p.credit_account_id = $1 and p.credit_account_id = any (array[$1])
            and p.sequence >= $2 and p.sequence < $3
        order by p.sequence
        limit 1
    )
    order by sequence
    limit 1
) u
cross join lateral (
    select c.accounting_date
    from vsl.command c
    where c.sequence = u.sequence and c.sequence >= $2 and c.sequence < $3
    limit 1
) c
