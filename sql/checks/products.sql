-- products.sql: proves that each product was opened by an OpenProduct, with an account of its own for its units, and
-- closed by a CloseProduct, and that what it is never changes; that each price was brought by a PublishPrice as the
-- next version of its date, in the order of dates, and is replaced by the next version and nothing else; and that a
-- product shows the newest version of its last date. Account kind 9 is an issuer's. Statuses: of a product 1 open,
-- 2 closed; of a price 1 the newest of its date, 2 replaced. No row: all is right.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, lag(h.sequence) over by_product as sequence_before, lag(h.status) over by_product as status_before,
        lag((h.price_id, h.price_e8, h.price_date, h.price_version)) over by_product
            is distinct from (h.price_id, h.price_e8, h.price_date, h.price_version) as has_other_price,
        first_value((h.ledger_id, h.account_id, h.cash_account_id, h.code, h.name, h.kind, h.scale, h.unit_rounding,
            h.money_rounding, h.rest, h.at_once)) over by_product as opened_as,
        c.kind as command, c.subject_id, c.ledger_id as ledger_of_command
    from vsl.product_history h
    left join vsl.command c on c.sequence = h.sequence and c.outcome < 100
    window by_product as (partition by h.product_id order by h.sequence)
), price_step as (
    select p.*, lag(p.status) over by_price as status_before, lead(p.sequence) over by_price as sequence_after,
        first_value((p.ledger_id, p.product_id, p.date, p.version, p.price_e8, p.published_sequence)) over by_price
            as published_as, c.kind as command, c.subject_id, c.ledger_id as ledger_of_command
    from vsl.price_history p
    left join vsl.command c on c.sequence = p.sequence and c.outcome < 100
    window by_price as (partition by p.price_id order by p.sequence)
), published as ( -- each version once, with the one before of its date, and the last date before
    select p.*, lag(p.version) over (partition by p.product_id, p.date order by p.sequence) as version_before,
        lead(p.sequence) over (partition by p.product_id, p.date order by p.sequence) as replaced_by,
        max(p.date) over (partition by p.product_id order by p.sequence rows between unbounded preceding and 1 preceding)
            as last_date
    from price_step p
    where p.status_before is null
), event as (
    select product_id, sequence, true as is_step, null::bigint[] as price from step
    union all
    select product_id, sequence, false, array[date - date '1970-01-01', version, price_id, price_e8]::bigint[]
    from published
), shown as ( -- what a product must show with each step: the newest version of the last date until then
    select product_id, sequence, is_step, max(price) over (partition by product_id order by sequence) as price
    from event
), issuer as (
    select account_id, min(ledger_id) as ledger_id, max(ledger_id) as other_ledger_id, min(sequence) as sequence
    from vsl.account_history
    where kind = 9
    group by account_id
), opened as (
    select product_id, ledger_id, account_id, code, sequence from step where sequence_before is null
), replaced as (
    select price_id, sequence from price_step where status = 2
), wrong as materialized (
    select 'product' as wrong, s.ledger_id, s.product_id as id, s.sequence
    from step s
    where s.command is null or s.ledger_of_command <> s.ledger_id
        or (s.ledger_id, s.account_id, s.cash_account_id, s.code, s.name, s.kind, s.scale, s.unit_rounding,
            s.money_rounding, s.rest, s.at_once) is distinct from s.opened_as
        or not case
            when s.sequence_before is null then
                s.command = vsl.kind('OpenProduct') and s.subject_id = s.product_id and s.status = 1
            when s.status_before = 2 then false
            when s.status = 2 then
                s.command = vsl.kind('CloseProduct') and s.subject_id = s.product_id and not s.has_other_price
            else s.command = vsl.kind('PublishPrice') and s.price_id = s.subject_id and s.has_other_price
        end
    union all
    select 'shows another price', s.ledger_id, s.product_id, s.sequence
    from step s
    join shown n on n.product_id = s.product_id and n.sequence = s.sequence and n.is_step
    where case when s.price_id > 0 then
            array[s.price_date - date '1970-01-01', s.price_version, s.price_id, s.price_e8]::bigint[] end
        is distinct from n.price
    union all
    select 'its last price is not shown', p.ledger_id, p.product_id, p.sequence
    from published p
    left join step s using (product_id, sequence)
    where p.date >= coalesce(p.last_date, p.date) and s.sequence is null
    union all
    select 'its account', o.ledger_id, o.product_id, o.sequence
    from opened o
    left join issuer i using (account_id)
    where (i.ledger_id, i.other_ledger_id, i.sequence) is distinct from (o.ledger_id, o.ledger_id, o.sequence)
    union all
    select 'an account of several', min(ledger_id), min(product_id), max(sequence)
    from opened
    group by account_id
    having count(*) > 1
    union all
    select 'a code of several', ledger_id, min(product_id), max(sequence)
    from opened
    group by ledger_id, code
    having count(*) > 1
    union all
    select 'an account without a product', a.ledger_id, a.account_id, a.sequence
    from vsl.account_history a
    where a.kind = 9 and a.account_id not in (select account_id from step)
    union all
    select 'price', p.ledger_id, p.price_id, p.sequence
    from price_step p
    left join opened o using (product_id)
    where p.command is distinct from vsl.kind('PublishPrice') or p.ledger_of_command <> p.ledger_id
        or (p.ledger_id, p.product_id, p.date, p.version, p.price_e8, p.published_sequence)
            is distinct from p.published_as
        or o.ledger_id is distinct from p.ledger_id or o.sequence > p.sequence
        or not case
            when p.status_before is null then
                p.status = 1 and p.subject_id = p.price_id and p.published_sequence = p.sequence
            else p.status_before = 1 and p.status = 2 and p.sequence_after is null
        end
    union all
    select 'version', p.ledger_id, p.price_id, p.sequence
    from published p
    left join replaced r using (price_id)
    where p.version <> coalesce(p.version_before, 0) + 1 or (p.version = 1 and p.date <= p.last_date)
        or p.replaced_by is distinct from r.sequence
    union all
    select 'made nothing', c.ledger_id, c.subject_id, c.sequence
    from vsl.command c
    where c.outcome < 100
        and case c.kind
            when vsl.kind('PublishPrice') then c.sequence not in (select p.sequence from published p)
            when vsl.kind('OpenProduct') then c.sequence not in (select s.sequence from step s)
            when vsl.kind('CloseProduct') then c.sequence not in (select s.sequence from step s)
            else false
        end
)
select * from wrong
order by 1, 2, 3, 4
limit 100
