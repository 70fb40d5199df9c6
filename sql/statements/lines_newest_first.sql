-- lines_newest_first.sql: a run of an account's statement lines, downwards from a position.
--
-- A posting gives a line for each side that is the account: side 0 debited, side 1 credited. Lines
-- are ordered by (sequence, line, side). Rows whose bucket is not the wanted one come without their
-- command, so that the caller sees how far it got.
--
-- In order of sequence alone the index gives the rows, and ends when there are enough; in order of the
-- line, too, all rows of the window would be read and sorted. Of the last sequence all lines come.
--
-- The account is named twice: what PostgreSQL takes for less is worth its index. With one name it
-- may read all of a segment in order instead, where the account has no more lines.
--
-- Parameters: $1 bigint account_id
--             $2 bigint lowest sequence, inclusive
--             $3 bigint highest sequence, exclusive; at most the first one that is not indexed
--             $4 bigint, $5 smallint, $6 smallint: only lines below this (sequence, line, side)
--             $7 smallint wanted bucket, -1: every one
--             $8 bigint rows at most
-- Columns:    sequence, line, side, bucket, amount, balance, other_account_id, other_bucket,
--             recorded_at, kind, accounting_date, channel, business_date, serial, body,
--             order_number
-- Index:      posting (debit_account_id, sequence), posting (credit_account_id, sequence),
--             command unique (sequence)
-- Rows:       at most $8
select
    u.sequence, u.line, u.side, u.bucket, u.amount, u.balance, u.other_account_id, u.other_bucket,
    c.recorded_at, c.kind, c.accounting_date, c.channel, c.business_date, c.serial, c.body,
    c.order_number
from (
    (
        select
            p.sequence, p.line, 0::smallint as side, p.debit_bucket as bucket, p.amount,
            p.debit_balance as balance, p.credit_account_id as other_account_id,
            p.credit_bucket as other_bucket
        from vsl.posting p
        where p.debit_account_id = $1 and p.debit_account_id = any (array[$1])
            and p.sequence >= $2 and p.sequence < $3
            and (p.sequence, p.line, 0::smallint) < ($4::bigint, $5::smallint, $6::smallint)
        order by p.sequence desc
        fetch first ($8) rows with ties
    )
    union all
    (
        select
            p.sequence, p.line, 1::smallint as side, p.credit_bucket as bucket, p.amount,
            p.credit_balance as balance, p.debit_account_id as other_account_id,
            p.debit_bucket as other_bucket
        from vsl.posting p
        where p.credit_account_id = $1 and p.credit_account_id = any (array[$1])
            and p.sequence >= $2 and p.sequence < $3
            and (p.sequence, p.line, 1::smallint) < ($4::bigint, $5::smallint, $6::smallint)
        order by p.sequence desc
        fetch first ($8) rows with ties
    )
    order by sequence desc, line desc, side desc
    limit $8
) u
left join lateral (
    select
        c.recorded_at, c.kind, c.accounting_date, c.channel, c.business_date, c.serial, c.body,
        c.order_number
    from vsl.command c
    where c.sequence = u.sequence and c.sequence >= $2 and c.sequence < $3
        and ($7::smallint < 0 or u.bucket = $7::smallint)
    limit 1
) c on true
order by u.sequence desc, u.line desc, u.side desc
