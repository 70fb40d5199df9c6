-- card_flows.sql: proves what each account got from which card and paid out to it, command by command: what came in is
-- the receipts, less what was reversed; what went out is the payouts, less what failed or came back; what one card hands
-- over another takes, or nobody. And that together all cards of an account are owed no more than what came in less what
-- went out: of accounts all of whose receipts and payouts went by cards, and none of whose receipts was reversed.
-- SPDX-License-Identifier: Apache-2.0
with step as (
    select h.*, lag(h.sequence) over by_flow as sequence_before,
        h.came_in - coalesce(lag(h.came_in) over by_flow, 0) as in_change,
        h.went_out - coalesce(lag(h.went_out) over by_flow, 0) as out_change,
        h.pending - coalesce(lag(h.pending) over by_flow, 0) as pending_change,
        h.moved - coalesce(lag(h.moved) over by_flow, 0) as moved_change,
        lag(h.owed_sequence) over by_flow as owed_before, lag(h.ended_sequence) over by_flow as ended_before,
        lag(h.successor_id) over by_flow as successor_before,
        first_value((h.ledger_id, h.account_id, h.card_id, h.number, h.opened_sequence)) over by_flow as opened_as
    from vsl.card_flow_history h
    window by_flow as (partition by h.card_flow_id order by h.sequence)
), change as (
    select sequence, account_id, max(ledger_id) as ledger_id, max(card_flow_id) as card_flow_id,
        sum(in_change) as in_change, sum(out_change) as out_change, sum(pending_change) as pending_change,
        sum(moved_change) as moved_change
    from step
    group by sequence, account_id
), payout_step as (
    select h.sequence, h.account_id, h.requested_sequence,
        case when h.status in (3, 7) then 0 else h.amount - h.returned end
            - coalesce(case when lag(h.status) over by_payout in (3, 7) then 0
                else lag(h.amount) over by_payout - lag(h.returned) over by_payout end, 0) as out_change,
        case when h.status in (1, 5, 6) then h.amount else 0 end
            - coalesce(case when lag(h.status) over by_payout in (1, 5, 6) then lag(h.amount) over by_payout
                else 0 end, 0) as pending_change
    from vsl.payout_history h
    join vsl.command o on o.sequence = h.requested_sequence -- a claim deducts by no card
        and o.kind not in (vsl.kind('DeductClaim'), vsl.kind('PlaceClaim'))
    window by_payout as (partition by h.payout_id order by h.sequence)
), payout_change as (
    select sequence, account_id, sum(out_change) as out_change, sum(pending_change) as pending_change
    from payout_step
    group by sequence, account_id
), used as materialized (
    select distinct account_id from vsl.card_flow_history
), movement as (
    select p.sequence, p.amount, p.debit_account_id, p.credit_account_id, k.kind
    from (
        select p.* from vsl.own_posting p join used u on u.account_id = p.credit_account_id
        union
        select p.* from vsl.own_posting p join used u on u.account_id = p.debit_account_id
    ) p
    join vsl.command k using (sequence)
), receipt_change as (
    select sequence, account_id, sum(change) as in_change
    from (
        select sequence, credit_account_id as account_id, amount as change
        from movement
        where kind = vsl.kind('BookReceipt')
        union all
        select sequence, debit_account_id, -amount
        from movement
        where kind = vsl.kind('Reverse')
    ) r
    group by sequence, account_id
), newest as (
    select distinct on (card_flow_id) * from vsl.card_flow_history order by card_flow_id, sequence desc
), newest_card as (
    select distinct on (card_id) card_id, ledger_id, member_id, number, status
    from vsl.card_history order by card_id, sequence desc
), newest_account as (
    select distinct on (account_id) account_id, ledger_id, member_id, status
    from vsl.account_history order by account_id, sequence desc
), owed as (
    select n.account_id, max(n.ledger_id) as ledger_id, max(n.card_flow_id) as card_flow_id, max(n.sequence) as sequence,
        sum(n.came_in) as came_in, sum(n.went_out) as went_out,
        sum(greatest(n.came_in - n.went_out + n.moved, 0)) filter (where n.ended_sequence = 0) as owed
    from newest n
    join newest_account a using (account_id)
    where a.status = 1
    group by n.account_id
), credited as (
    select credit_account_id as account_id,
        sum(amount) filter (where kind = vsl.kind('BookReceipt')) as receipts,
        sum(amount) filter (where kind not in (vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout'))) as credits
    from movement
    where credit_account_id <> debit_account_id
    group by credit_account_id
), reversed as (
    select distinct debit_account_id as account_id
    from movement
    where kind = vsl.kind('Reverse')
), paid_out as (
    select account_id, sum(out_change) as payouts
    from payout_change
    group by account_id
), wrong as materialized (
    select 'step' as wrong, s.ledger_id, s.card_flow_id, s.sequence
    from step s
    left join vsl.command c using (sequence)
    where c.sequence is null or c.ledger_id <> s.ledger_id or s.opened_as is distinct from
            (s.ledger_id, s.account_id, s.card_id, s.number, s.opened_sequence)
        or (s.sequence_before is null and s.opened_sequence <> s.sequence)
        or (s.owed_sequence <> 0 and s.owed_sequence <> s.sequence and s.owed_sequence is distinct from s.owed_before)
        or (s.owed_sequence = s.sequence and coalesce(s.owed_before, 0) <> 0)
        or (s.ended_sequence is distinct from coalesce(s.ended_before, 0) and (s.ended_sequence <> s.sequence
            or c.kind not in (vsl.kind('UnbindCard'), vsl.kind('ReplaceCard'))))
        or (s.ended_before <> 0 and s.successor_id <> s.successor_before)
        or not case c.kind
            when vsl.kind('BookReceipt') then s.out_change = 0 and s.moved_change = 0
            when vsl.kind('Reverse') then s.out_change = 0
            when vsl.kind('Withdraw') then s.in_change = 0 and s.moved_change = 0
            when vsl.kind('ConfirmPayout') then s.in_change = 0
            when vsl.kind('InterceptPayout') then s.in_change = 0
            when vsl.kind('UnbindCard') then s.in_change = 0 and s.out_change = 0 and s.moved_change <= 0
            when vsl.kind('ReplaceCard') then s.in_change = 0 and s.out_change = 0
            else false
        end
    union all
    select 'receipts', c.ledger_id, c.card_flow_id, c.sequence
    from change c
    left join receipt_change r using (sequence, account_id)
    where c.in_change <> coalesce(r.in_change, 0)
    union all
    select 'payouts', c.ledger_id, c.card_flow_id, c.sequence
    from change c
    left join payout_change p using (sequence, account_id)
    where c.out_change <> coalesce(p.out_change, 0) or c.pending_change <> coalesce(p.pending_change, 0)
    union all
    select 'handed over', c.ledger_id, c.card_flow_id, c.sequence
    from change c
    join vsl.command k using (sequence)
    where c.moved_change > 0 and k.kind <> vsl.kind('Reverse')
        or (c.moved_change <> 0 and k.kind = vsl.kind('ReplaceCard'))
    union all
    select 'card', n.ledger_id, n.card_flow_id, n.sequence
    from newest n
    left join newest_card k using (card_id)
    left join newest_account a using (account_id)
    where k.number is distinct from n.number or k.ledger_id <> n.ledger_id or a.ledger_id is distinct from n.ledger_id
        or k.member_id is distinct from a.member_id
        or (k.status <> 3 and n.ended_sequence = 0 and a.status = 1) or (k.status = 3 and n.ended_sequence > 0)
    union all
    select 'account twice', ledger_id, max(card_flow_id), max(sequence)
    from newest
    group by ledger_id, account_id, card_id
    having count(*) > 1
    union all
    select 'owed too much', o.ledger_id, o.card_flow_id, o.sequence
    from owed o
    left join credited c using (account_id)
    left join paid_out p using (account_id)
    left join reversed r using (account_id)
    where o.owed > coalesce(c.credits, 0) - o.went_out and o.came_in = coalesce(c.receipts, 0)
        and o.went_out = coalesce(p.payouts, 0) and r.account_id is null
)
select * from wrong
order by 1, 2, 3
limit 100
