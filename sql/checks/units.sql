-- units.sql: proves that units of products never meet money; that over each product all positions add up to what its
-- issuer has with a minus sign, and none is below zero; that each position was opened by a Subscribe, one for each
-- account and product; and that each Subscribe and Redeem moved money and units of one product between the right
-- accounts, at the product's last price and by its rounding (of ledgers in CNY, whose minor unit has two digits). Account
-- kinds: 1 a member's, 9 an issuer's, 10 a position. Bucket 0 is available. Rounding 1 is half up, 2 down; rest 2 goes to
-- the holder, who then pays what units cost, rounded up. No row: all is right.
-- SPDX-License-Identifier: Apache-2.0
with product as ( -- as it was opened
    select distinct on (product_id) product_id, ledger_id, account_id, cash_account_id, scale, unit_rounding,
        money_rounding, rest, sequence
    from vsl.product_history
    order by product_id, sequence
), position as (
    select h.*, c.kind as command, c.subject_id, c.ledger_id as ledger_of_command
    from vsl.position_history h
    left join vsl.command c on c.sequence = h.sequence and c.outcome < 100
), account as (
    select account_id, min(kind) as kind, max(kind) as other_kind, min(member_id) as member_id, min(ledger_id) as ledger_id,
        min(sequence) as sequence
    from vsl.account_history
    group by account_id
), unit as ( -- of each account that holds units
    select account_id, product_id from product
    union all
    select account_id, product_id from position
), side as (
    select p.sequence, p.line, p.amount, p.debit_account_id, p.credit_account_id, p.debit_bucket, p.credit_bucket,
        p.debit_balance, p.credit_balance, d.product_id as debit_product, k.product_id as credit_product
    from vsl.posting p
    left join unit d on d.account_id = p.debit_account_id
    left join unit k on k.account_id = p.credit_account_id
), balance as (
    select debit_account_id as account_id, debit_product as product_id, debit_bucket as bucket, sequence, line,
        debit_balance as balance
    from side
    where debit_product is not null
    union all
    select credit_account_id, credit_product, credit_bucket, sequence, line, credit_balance
    from side
    where credit_product is not null
), newest as (
    select distinct on (account_id, bucket) account_id, product_id, bucket, balance
    from balance
    order by account_id, bucket, sequence desc, line desc
), event as ( -- prices of a product, and what was dealt by them
    select product_id, sequence, price_e8::numeric as price, null::bigint as units, null::bigint as money,
        false as is_subscribed
    from vsl.product_history
    where price_id > 0
), deal as (
    select c.sequence, c.ledger_id, c.kind = vsl.kind('Subscribe') as is_subscribed,
        count(*) as postings, count(s.debit_product) as unit_postings,
        sum(s.amount) filter (where s.debit_product is not null) as units,
        sum(s.amount) filter (where s.debit_product is null) as money,
        min(s.debit_product) as product_id,
        min(s.debit_account_id) filter (where s.debit_product is not null) as units_from,
        min(s.credit_account_id) filter (where s.debit_product is not null) as units_to,
        min(s.debit_account_id) filter (where s.debit_product is null) as money_from,
        min(s.credit_account_id) filter (where s.debit_product is null) as money_to,
        max(s.debit_bucket + s.credit_bucket) as buckets
    from vsl.command c
    left join side s on s.sequence = c.sequence and s.debit_account_id <> s.credit_account_id
        and s.line < 2
    where c.outcome < 100 and c.kind in (vsl.kind('Subscribe'), vsl.kind('Redeem'))
    group by c.sequence, c.ledger_id, c.kind
), priced as (
    select product_id, sequence, price, units, money, is_subscribed,
        count(price) over (partition by product_id order by sequence) as number
    from (
        select product_id, sequence, price, units, money, is_subscribed from event
        union all
        select product_id, sequence, null, units, money, is_subscribed from deal
    ) both_kinds
), valued as (
    select p.*, max(price) over (partition by product_id, number) as by_price
    from priced p
), worth as ( -- units, and money, before they are rounded
    select v.sequence, v.product_id, v.units, v.money, v.is_subscribed, d.unit_rounding, d.money_rounding, d.rest,
        v.units * v.by_price * 100 / (100000000 * power(10::numeric, d.scale)) as exact_money,
        v.money * 100000000 * power(10::numeric, d.scale) / (v.by_price * 100) as exact_units
    from valued v
    join product d using (product_id)
    join vsl.command c on c.sequence = v.sequence
    join (select distinct ledger_id, currency from vsl.ledger_history) l on l.ledger_id = c.ledger_id and l.currency = 'CNY'
    where v.price is null
), wrong as materialized (
    select 'units meet money' as wrong, s.sequence, s.line::bigint as id
    from side s
    where s.debit_product is distinct from s.credit_product
    union all
    select 'the issuer has another sum', 0, n.product_id
    from newest n
    group by n.product_id
    having sum(n.balance) <> 0
    union all
    select 'below zero', 0, n.account_id
    from newest n
    join account a using (account_id)
    where case a.kind when 9 then n.balance > 0 or n.bucket <> 0 and n.balance <> 0 else n.balance < 0 end
    union all
    select 'position', p.sequence, p.position_id
    from position p
    left join account a using (account_id)
    left join account o on o.account_id = p.owner_account_id
    left join product d using (product_id)
    where p.command is distinct from vsl.kind('Subscribe') or p.subject_id <> p.position_id
        or p.ledger_of_command <> p.ledger_id or p.opened_sequence <> p.sequence
        or (a.kind, a.other_kind, a.member_id, a.ledger_id, a.sequence)
            is distinct from (10::smallint, 10::smallint, 0::bigint, p.ledger_id, p.sequence)
        or (o.kind, o.ledger_id) is distinct from (1::smallint, p.ledger_id)
        or d.ledger_id is distinct from p.ledger_id or d.sequence > p.sequence or d.cash_account_id = p.owner_account_id
    union all
    select 'two positions', max(sequence), min(position_id)
    from position
    group by owner_account_id, product_id
    having count(*) > 1
    union all
    select 'two positions of an account', max(sequence), min(position_id)
    from position
    group by account_id
    having count(*) > 1
    union all
    select 'an account without a position', a.sequence, a.account_id
    from account a
    where a.kind = 10 and a.account_id not in (select account_id from position)
    union all
    select 'deal', d.sequence, coalesce(d.product_id, 0)
    from deal d
    left join product p using (product_id)
    left join position h on h.product_id = d.product_id
        and h.owner_account_id = case when d.is_subscribed then d.money_from else d.money_to end
    where d.postings <> 2 or d.unit_postings <> 1 or d.buckets <> 0
        or (d.units_from, d.units_to, d.money_from, d.money_to) is distinct from case when d.is_subscribed
            then (p.account_id, h.account_id, h.owner_account_id, p.cash_account_id)
            else (h.account_id, p.account_id, p.cash_account_id, h.owner_account_id) end
    union all
    select 'price', w.sequence, w.product_id
    from worth w
    where not case
        when not w.is_subscribed then
            w.money = case w.money_rounding when 1 then round(w.exact_money, 0) else floor(w.exact_money) end
        when w.rest = 2 then w.money = ceil(w.exact_money)
        else w.units = case w.unit_rounding when 1 then round(w.exact_units, 0) else floor(w.exact_units) end
    end
    union all
    select 'moved by something else', s.sequence, s.debit_product
    from side s
    join vsl.command c using (sequence)
    where s.debit_product is not null and c.kind not in (vsl.kind('Subscribe'), vsl.kind('Redeem'))
)
select * from wrong
order by 1, 2, 3
limit 100
