-- payouts.sql: payouts that were asked for or changed on the accounting date, or were under way at its end, as they
-- were then. What became of one later stands in the file of a later date.
--
-- What leaves is below 0, what came back above. Whom one pays is told to who may see it: vslctl reveal, by the
-- command that asked for it.
--
-- Parameters: $1 bigint the ledger, $2 bigint the last command before the date, $3 bigint the last one of the date,
-- $4 date the accounting date, $5 boolean whether it is for the bank
-- Status 1 requested, 2 paid, 3 failed, 4 returned, 5 sent, 6 unknown, 7 cancelled.
-- SPDX-License-Identifier: Apache-2.0
with image as (
    select distinct on (h.payout_id) h.*
    from vsl.payout_history h
    where h.ledger_id = $1::bigint and h.sequence <= $3::bigint
    order by h.payout_id, h.sequence desc
), listed as (
    select i.*
    from image i
    where i.sequence > $2::bigint or i.status in (1, 5, 6)
), owner as (
    select a.account_id, min(a.member_id) as member_id
    from vsl.account_history a
    where a.ledger_id = $1::bigint and a.sequence <= $3::bigint
    group by a.account_id
), member as (
    select m.member_id, min(m.platform_member_id) as platform_member_id
    from vsl.member_history m
    where m.ledger_id = $1::bigint and m.sequence <= $3::bigint
    group by m.member_id
)
select p.payout_id, p.account_id, m.platform_member_id,
    (array['requested', 'paid', 'failed', 'returned', 'sent', 'unknown', 'cancelled'])[p.status] as status,
    -p.amount as amount_minor, -p.fee as fee_minor, p.returned as returned_minor, p.fee_returned as fee_returned_minor,
    p.requested_sequence, c.accounting_date as requested_date, p.sequence as changed_sequence,
    nullif(p.evidence_sequence, 0) as evidence_sequence, p.return_until, nullif(p.order_number, '') as order_number,
    c.sequence is null or c.accounting_date > $4::date or $5::boolean is null as is_wrong
from listed p
left join vsl.command c on c.sequence = p.requested_sequence and c.sequence <= $3::bigint
left join owner o on o.account_id = p.account_id
left join member m on m.member_id = o.member_id
order by p.payout_id
