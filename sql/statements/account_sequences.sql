-- account_sequences.sql: which commands concern an account, downwards, in a range of sequences.
--
-- Those that moved its money, and those that changed its record: opened, closed, restricted it. A
-- command is there more than once when several of its postings are the account's, or both sides of
-- one; the caller takes it once.
--
-- The account is named twice: what PostgreSQL takes for less is worth its index. With one name it
-- may read all of a segment in order instead, where the account has no more lines.
--
-- Parameters: $1 bigint account_id
--             $2 bigint lowest sequence, inclusive
--             $3 bigint highest sequence, exclusive; at most the first one that is not indexed
--             $4 bigint rows at most
-- Columns:    sequence
-- Index:      posting (debit_account_id, sequence), posting (credit_account_id, sequence),
--             account_history (account_id, sequence)
-- Rows:       at most $4
(
    select p.sequence
    from vsl.posting p
    where p.debit_account_id = $1 and p.debit_account_id = any (array[$1])
        and p.sequence >= $2 and p.sequence < $3
    order by p.sequence desc
    limit $4
)
union all
(
    select p.sequence
    from vsl.posting p
    where p.credit_account_id = $1 and p.credit_account_id = any (array[$1])
        and p.sequence >= $2 and p.sequence < $3
    order by p.sequence desc
    limit $4
)
union all
(
    select h.sequence
    from vsl.account_history h
    where h.account_id = $1 and h.account_id = any (array[$1])
        and h.sequence >= $2 and h.sequence < $3
    order by h.sequence desc
    limit $4
)
order by sequence desc
limit $4
