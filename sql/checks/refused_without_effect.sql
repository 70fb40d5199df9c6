-- refused_without_effect.sql: proves that only accepted commands (outcome below 100) have postings or changed a
-- record, that no effect is without its command, and that a command's posting lines are numbered from 0.
-- SPDX-License-Identifier: Apache-2.0
with effect as (
    select sequence, 'posting' as effect, count(*) as rows, count(distinct line) as lines,
        min(line)::int as first_line, max(line)::int as last_line
    from vsl.posting
    group by sequence
    union all
    select sequence, 'ledger', 1, 1, 0, 0 from vsl.ledger_history
    union all
    select sequence, 'member', 1, 1, 0, 0 from vsl.member_history
    union all
    select sequence, 'account', 1, 1, 0, 0 from vsl.account_history
    union all
    select sequence, 'payout', 1, 1, 0, 0 from vsl.payout_history
    union all
    select sequence, 'fee_rule', 1, 1, 0, 0 from vsl.fee_rule_history
    union all
    select sequence, 'hold', 1, 1, 0, 0 from vsl.hold_history
    union all
    select sequence, 'freeze', 1, 1, 0, 0 from vsl.freeze_history
    union all
    select sequence, 'refunded', 1, 1, 0, 0 from vsl.refunded_history
    union all
    select sequence, 'debt', 1, 1, 0, 0 from vsl.debt_history
    union all
    select sequence, 'adjustment', 1, 1, 0, 0 from vsl.adjustment_history
    union all
    select sequence, 'restriction', 1, 1, 0, 0 from vsl.restriction_history
    union all
    select sequence, 'caller', 1, 1, 0, 0 from vsl.caller_history
    union all
    select sequence, 'proposal', 1, 1, 0, 0 from vsl.proposal_history
    union all
    select sequence, 'approval_policy', 1, 1, 0, 0 from vsl.approval_policy_history
    union all
    select sequence, 'suspense', 1, 1, 0, 0 from vsl.suspense_history
    union all
    select sequence, 'lump', 1, 1, 0, 0 from vsl.lump_history
    union all
    select sequence, 'acquirer', 1, 1, 0, 0 from vsl.acquirer_history
    union all
    select sequence, 'promise', 1, 1, 0, 0 from vsl.promise_history
    union all
    select sequence, 'settlement', 1, 1, 0, 0 from vsl.settlement_history
    union all
    select sequence, 'difference', 1, 1, 0, 0 from vsl.difference_history
    union all
    select sequence, 'watch', 1, 1, 0, 0 from vsl.watch_history
    union all
    select sequence, 'identity', 1, 1, 0, 0 from vsl.identity_history
    union all
    select sequence, 'card', 1, 1, 0, 0 from vsl.card_history
    union all
    select sequence, 'account_policy', 1, 1, 0, 0 from vsl.account_policy_history
    union all
    select sequence, 'usage', 1, 1, 0, 0 from vsl.usage_history
    union all
    select sequence, 'card_flow', 1, 1, 0, 0 from vsl.card_flow_history
    union all
    select sequence, 'proof_policy', 1, 1, 0, 0 from vsl.proof_policy_history
    union all
    select sequence, 'denied', 1, 1, 0, 0 from vsl.denied_history
    union all
    select sequence, 'hit', 1, 1, 0, 0 from vsl.hit_history
    union all
    select sequence, 'cover', 1, 1, 0, 0 from vsl.cover_history
    union all
    select sequence, 'claim', 1, 1, 0, 0 from vsl.claim_history
    union all
    select sequence, 'mandate', 1, 1, 0, 0 from vsl.mandate_history
    union all
    select sequence, 'bank_statement', 1, 1, 0, 0 from vsl.bank_statement_history
    union all
    select sequence, 'statement_line', 1, 1, 0, 0 from vsl.statement_line_history
    union all
    select sequence, 'statement_match', 1, 1, 0, 0 from vsl.statement_match_history
    union all
    select sequence, 'matched_booking', 1, 1, 0, 0 from vsl.matched_booking_history
    union all
    select sequence, 'feedback', 1, 1, 0, 0 from vsl.feedback_history
    union all
    select sequence, 'product', 1, 1, 0, 0 from vsl.product_history
    union all
    select sequence, 'position', 1, 1, 0, 0 from vsl.position_history
    union all
    select sequence, 'price', 1, 1, 0, 0 from vsl.price_history
), wrong as materialized (
    select e.sequence, e.effect, c.outcome
    from effect e
    left join vsl.command c using (sequence)
    where c.outcome is null or c.outcome < 1 or c.outcome >= 100
        or e.lines <> e.rows or e.first_line <> 0 or e.last_line <> e.rows - 1
)
select * from wrong
order by sequence
limit 100
