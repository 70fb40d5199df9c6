-- proofs.sql: proves that each proof of a customer's instruction was used once in its ledger, that none was accepted
-- whose check was wrong, and that what a ledger's policy asks for at any amount came with a proof that it takes, by the
-- bodies of accepted commands. 17 is a proof's kind, of which 1 is 2 there, 18 its result.
-- SPDX-License-Identifier: Apache-2.0
with proved as materialized (
    select c.ledger_id, c.sequence, c.kind, vsl.booked_reference(c.kind, c.body) as reference,
        position('\x120213' in c.body) = 0 as is_wrong,
        get_byte(c.body, greatest(position('\x120213' in c.body), position('\x120413' in c.body)) - 2) / 2 as proof_kind
    from vsl.command c
    where c.outcome < 100 and c.kind in (15, 18, 19, 25, 40, 50, 60)
        and (position('\x120213' in c.body) > 0 or position('\x120413' in c.body) > 0)
        and vsl.booked_reference(c.kind, c.body) is not null
), policy as (
    select ledger_id, sequence, rules, lead(sequence) over (partition by ledger_id order by sequence) as sequence_after
    from vsl.proof_policy_history
), rule as (
    select *, generate_series(0, length(rules) - 24, 24) as place from policy
), always as ( -- what needs a proof whatever its amount
    select ledger_id, sequence, sequence_after, get_byte(rules, place + 7) as kind,
        get_byte(rules, place + 23) as takes
    from rule
    where substr(rules, place + 9, 8) = '\x0000000000000000'
), wrong as (
    select 'used twice' as wrong, ledger_id, max(sequence) as sequence
    from proved
    group by ledger_id, reference
    having count(*) > 1
    union all
    select 'wrong', ledger_id, sequence
    from proved
    where is_wrong
    union all
    select 'needed', a.ledger_id, c.sequence
    from always a
    join vsl.command c on c.ledger_id = a.ledger_id and c.kind = a.kind and c.outcome < 100
        and c.sequence > a.sequence and (a.sequence_after is null or c.sequence < a.sequence_after)
    left join proved p on p.sequence = c.sequence
    where (p.sequence is null or a.takes & (1 << p.proof_kind) = 0)
        and not exists ( -- a mandate stands in its place
            select from vsl.mandate_history m where m.sequence = c.sequence and m.granted_sequence < c.sequence)
        and not exists ( -- what leaves PLATFORM_OWN is no customer's
            select from vsl.payout_history o
            join vsl.account_history h on h.account_id = o.account_id and h.kind = 5
            where o.sequence = c.sequence and o.requested_sequence = c.sequence)
)
select * from wrong
order by 1, 2, 3
limit 100
