-- order_holds.sql: proves that what was held, confirmed and given back under an order number is what the
-- postings of the order's commands moved into and out of the payer's frozen money; so under every order
-- number what was put in by holds is confirmed, or back with the payer, or held: paid = confirmed +
-- refunded + held. Shows no order numbers, they are the platforms'.
-- Bucket 3 is frozen.
-- SPDX-License-Identifier: Apache-2.0
with moved as (
    select c.ledger_id, c.order_number,
        case when p.credit_bucket = 3 then p.credit_account_id else p.debit_account_id end
            as payer_account_id,
        sum(p.amount) filter (where p.credit_bucket = 3 and c.kind = vsl.kind('PlaceHold')) as placed,
        sum(p.amount) filter (where p.debit_bucket = 3 and c.kind = vsl.kind('ConfirmHold')) as confirmed,
        sum(p.amount) filter (where p.debit_bucket = 3
            and c.kind in (vsl.kind('CancelHold'), vsl.kind('Expire'))) as cancelled,
        min(c.sequence) as first_sequence
    from vsl.command c
    join vsl.own_posting p on p.sequence = c.sequence
    where c.order_number is not null and (p.debit_bucket = 3 or p.credit_bucket = 3)
    group by 1, 2, 3
), newest as (
    select distinct on (hold_id) hold_id, ledger_id, order_number, payer_account_id, amount, confirmed,
        cancelled
    from vsl.hold_history
    order by hold_id, sequence desc
), held as (
    select ledger_id, order_number, payer_account_id, sum(amount) as placed,
        sum(confirmed) as confirmed, sum(cancelled) as cancelled, min(hold_id) as first_hold_id
    from newest
    group by 1, 2, 3
), wrong as materialized (
    select ledger_id, payer_account_id, h.first_hold_id, m.first_sequence, h.placed,
        m.placed as placed_by_postings, h.confirmed, m.confirmed as confirmed_by_postings, h.cancelled,
        m.cancelled as cancelled_by_postings
    from held h
    full join moved m using (ledger_id, order_number, payer_account_id)
    where (coalesce(h.placed, 0), coalesce(h.confirmed, 0), coalesce(h.cancelled, 0)) is distinct from
        (coalesce(m.placed, 0), coalesce(m.confirmed, 0), coalesce(m.cancelled, 0))
)
select * from wrong
order by ledger_id, payer_account_id
limit 100
