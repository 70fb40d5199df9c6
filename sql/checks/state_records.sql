-- state_records.sql: proves that every row of the state tables of ledgers, members and payouts is the newest
-- image that the journal has of it up to the row's sequence number.
-- SPDX-License-Identifier: Apache-2.0
with ledger_image as (
    select distinct on (h.ledger_id) h.*
    from vsl.ledger_history h
    join vsl.ledger s on s.ledger_id = h.ledger_id and h.sequence <= s.sequence
    order by h.ledger_id, h.sequence desc
), member_image as (
    select distinct on (h.member_id) h.*
    from vsl.member_history h
    join vsl.member s on s.member_id = h.member_id and h.sequence <= s.sequence
    order by h.member_id, h.sequence desc
), payout_image as (
    select distinct on (h.payout_id) h.*
    from vsl.payout_history h
    join vsl.payout s on s.payout_id = h.payout_id and h.sequence <= s.sequence
    order by h.payout_id, h.sequence desc
)
select 'ledger' as record, s.ledger_id as id, s.sequence
from vsl.ledger s
left join ledger_image i using (ledger_id)
where (s.status, s.currency, s.platform_name, s.escrow_account_number, s.receiving_prefix,
        s.first_control_account_id, s.key_window_dates, s.accounting_dates) is distinct from
    (i.status, i.currency, i.platform_name, i.escrow_account_number, i.receiving_prefix,
        i.first_control_account_id, i.key_window_dates, i.accounting_dates)
union all
select 'member', s.member_id, s.sequence
from vsl.member s
left join member_image i using (member_id)
where (s.ledger_id, s.kind, s.status, s.platform_member_id) is distinct from
    (i.ledger_id, i.kind, i.status, i.platform_member_id)
union all
select 'payout', s.payout_id, s.sequence
from vsl.payout s
left join payout_image i using (payout_id)
where (s.ledger_id, s.account_id, s.amount, s.fee, s.requested_sequence, s.status) is distinct from
    (i.ledger_id, i.account_id, i.amount, i.fee, i.requested_sequence, i.status)
order by record, id
limit 100
