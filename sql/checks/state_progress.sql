-- state_progress.sql: proves that the state tables hold everything that happened before the redo point, and
-- nothing that the journal does not have: a restart redoes from that point only.
-- SPDX-License-Identifier: Apache-2.0
with redo as (
    select redo_sequence from vsl.state_progress
), journal_end as (
    select coalesce(max(last_sequence), 0) as sequence from vsl.batch
), last_change as (
    select 'ledger' as record, ledger_id as id, max(sequence) as sequence
    from vsl.ledger_history
    where sequence < (select redo_sequence from redo)
    group by ledger_id
    union all
    select 'member', member_id, max(sequence)
    from vsl.member_history
    where sequence < (select redo_sequence from redo)
    group by member_id
    union all
    select 'payout', payout_id, max(sequence)
    from vsl.payout_history
    where sequence < (select redo_sequence from redo)
    group by payout_id
    union all
    select 'fee_rule', fee_rule_id, max(sequence)
    from vsl.fee_rule_history
    where sequence < (select redo_sequence from redo)
    group by fee_rule_id
    union all
    select 'hold', hold_id, max(sequence)
    from vsl.hold_history
    where sequence < (select redo_sequence from redo)
    group by hold_id
    union all
    select 'freeze', freeze_id, max(sequence)
    from vsl.freeze_history
    where sequence < (select redo_sequence from redo)
    group by freeze_id
    union all
    select 'refunded', refunded_id, max(sequence)
    from vsl.refunded_history
    where sequence < (select redo_sequence from redo)
    group by refunded_id
    union all
    select 'debt', debt_id, max(sequence)
    from vsl.debt_history
    where sequence < (select redo_sequence from redo)
    group by debt_id
    union all
    select 'adjustment', adjustment_id, max(sequence)
    from vsl.adjustment_history
    where sequence < (select redo_sequence from redo)
    group by adjustment_id
    union all
    select 'restriction', restriction_id, max(sequence)
    from vsl.restriction_history
    where sequence < (select redo_sequence from redo)
    group by restriction_id
    union all
    select 'caller', caller_id, max(sequence)
    from vsl.caller_history
    where sequence < (select redo_sequence from redo)
    group by caller_id
    union all
    select 'proposal', proposal_id, max(sequence)
    from vsl.proposal_history
    where sequence < (select redo_sequence from redo)
    group by proposal_id
    union all
    select 'approval_policy', approval_policy_id, max(sequence)
    from vsl.approval_policy_history
    where sequence < (select redo_sequence from redo)
    group by approval_policy_id
    union all
    select 'suspense', suspense_id, max(sequence)
    from vsl.suspense_history
    where sequence < (select redo_sequence from redo)
    group by suspense_id
    union all
    select 'lump', lump_id, max(sequence)
    from vsl.lump_history
    where sequence < (select redo_sequence from redo)
    group by lump_id
    union all
    select 'acquirer', acquirer_id, max(sequence)
    from vsl.acquirer_history
    where sequence < (select redo_sequence from redo)
    group by acquirer_id
    union all
    select 'promise', promise_id, max(sequence)
    from vsl.promise_history
    where sequence < (select redo_sequence from redo)
    group by promise_id
    union all
    select 'settlement', settlement_id, max(sequence)
    from vsl.settlement_history
    where sequence < (select redo_sequence from redo)
    group by settlement_id
    union all
    select 'difference', difference_id, max(sequence)
    from vsl.difference_history
    where sequence < (select redo_sequence from redo)
    group by difference_id
    union all
    select 'watch', watch_id, max(sequence)
    from vsl.watch_history
    where sequence < (select redo_sequence from redo)
    group by watch_id
    union all
    select 'identity', identity_id, max(sequence)
    from vsl.identity_history
    where sequence < (select redo_sequence from redo)
    group by identity_id
    union all
    select 'card', card_id, max(sequence)
    from vsl.card_history
    where sequence < (select redo_sequence from redo)
    group by card_id
    union all
    select 'account_policy', account_policy_id, max(sequence)
    from vsl.account_policy_history
    where sequence < (select redo_sequence from redo)
    group by account_policy_id
    union all
    select 'usage', usage_id, max(sequence)
    from vsl.usage_history
    where sequence < (select redo_sequence from redo)
    group by usage_id
    union all
    select 'card_flow', card_flow_id, max(sequence)
    from vsl.card_flow_history
    where sequence < (select redo_sequence from redo)
    group by card_flow_id
    union all
    select 'proof_policy', proof_policy_id, max(sequence)
    from vsl.proof_policy_history
    where sequence < (select redo_sequence from redo)
    group by proof_policy_id
    union all
    select 'denied', denied_id, max(sequence)
    from vsl.denied_history
    where sequence < (select redo_sequence from redo)
    group by denied_id
    union all
    select 'hit', hit_id, max(sequence)
    from vsl.hit_history
    where sequence < (select redo_sequence from redo)
    group by hit_id
    union all
    select 'cover', cover_id, max(sequence)
    from vsl.cover_history
    where sequence < (select redo_sequence from redo)
    group by cover_id
    union all
    select 'product', product_id, max(sequence)
    from vsl.product_history
    where sequence < (select redo_sequence from redo)
    group by product_id
    union all
    select 'position', position_id, max(sequence)
    from vsl.position_history
    where sequence < (select redo_sequence from redo)
    group by position_id
    union all
    select 'price', price_id, max(sequence)
    from vsl.price_history
    where sequence < (select redo_sequence from redo)
    group by price_id
    union all
    select 'feedback', feedback_id, max(sequence)
    from vsl.feedback_history
    where sequence < (select redo_sequence from redo)
    group by feedback_id
    union all
    select 'claim', claim_id, max(sequence)
    from vsl.claim_history
    where sequence < (select redo_sequence from redo)
    group by claim_id
    union all
    select 'mandate', mandate_id, max(sequence)
    from vsl.mandate_history
    where sequence < (select redo_sequence from redo)
    group by mandate_id
    union all
    select 'bank_statement', bank_statement_id, max(sequence)
    from vsl.bank_statement_history
    where sequence < (select redo_sequence from redo)
    group by bank_statement_id
    union all
    select 'statement_line', statement_line_id, max(sequence)
    from vsl.statement_line_history
    where sequence < (select redo_sequence from redo)
    group by statement_line_id
    union all
    select 'statement_match', statement_match_id, max(sequence)
    from vsl.statement_match_history
    where sequence < (select redo_sequence from redo)
    group by statement_match_id
    union all
    select 'matched_booking', matched_booking_id, max(sequence)
    from vsl.matched_booking_history
    where sequence < (select redo_sequence from redo)
    group by matched_booking_id
    union all
    select 'account', account_id, max(sequence)
    from (
        select account_id, sequence from vsl.account_history
        union all
        select debit_account_id, sequence from vsl.posting
        union all
        select credit_account_id, sequence from vsl.posting
    ) change
    where sequence < (select redo_sequence from redo)
    group by account_id
), state as (
    select 'ledger' as record, ledger_id as id, sequence from vsl.ledger
    union all
    select 'member', member_id, sequence from vsl.member
    union all
    select 'payout', payout_id, sequence from vsl.payout
    union all
    select 'fee_rule', fee_rule_id, sequence from vsl.fee_rule
    union all
    select 'hold', hold_id, sequence from vsl.hold
    union all
    select 'freeze', freeze_id, sequence from vsl.freeze
    union all
    select 'refunded', refunded_id, sequence from vsl.refunded
    union all
    select 'debt', debt_id, sequence from vsl.debt
    union all
    select 'adjustment', adjustment_id, sequence from vsl.adjustment
    union all
    select 'restriction', restriction_id, sequence from vsl.restriction
    union all
    select 'caller', caller_id, sequence from vsl.caller
    union all
    select 'proposal', proposal_id, sequence from vsl.proposal
    union all
    select 'approval_policy', approval_policy_id, sequence from vsl.approval_policy
    union all
    select 'suspense', suspense_id, sequence from vsl.suspense
    union all
    select 'lump', lump_id, sequence from vsl.lump
    union all
    select 'acquirer', acquirer_id, sequence from vsl.acquirer
    union all
    select 'promise', promise_id, sequence from vsl.promise
    union all
    select 'settlement', settlement_id, sequence from vsl.settlement
    union all
    select 'difference', difference_id, sequence from vsl.difference
    union all
    select 'watch', watch_id, sequence from vsl.watch
    union all
    select 'identity', identity_id, sequence from vsl.identity
    union all
    select 'card', card_id, sequence from vsl.card
    union all
    select 'account_policy', account_policy_id, sequence from vsl.account_policy
    union all
    select 'usage', usage_id, sequence from vsl.usage
    union all
    select 'card_flow', card_flow_id, sequence from vsl.card_flow
    union all
    select 'proof_policy', proof_policy_id, sequence from vsl.proof_policy
    union all
    select 'denied', denied_id, sequence from vsl.denied
    union all
    select 'hit', hit_id, sequence from vsl.hit
    union all
    select 'cover', cover_id, sequence from vsl.cover
    union all
    select 'claim', claim_id, sequence from vsl.claim
    union all
    select 'product', product_id, sequence from vsl.product
    union all
    select 'position', position_id, sequence from vsl.position
    union all
    select 'price', price_id, sequence from vsl.price
    union all
    select 'feedback', feedback_id, sequence from vsl.feedback
    union all
    select 'mandate', mandate_id, sequence from vsl.mandate
    union all
    select 'bank_statement', bank_statement_id, sequence from vsl.bank_statement
    union all
    select 'statement_line', statement_line_id, sequence from vsl.statement_line
    union all
    select 'statement_match', statement_match_id, sequence from vsl.statement_match
    union all
    select 'matched_booking', matched_booking_id, sequence from vsl.matched_booking
    union all
    select 'account', account_id, sequence from vsl.account
), wrong as materialized (
    select record, id, c.sequence as changed_at, s.sequence as state_as_of
    from last_change c
    left join state s using (record, id)
    where s.sequence is null or s.sequence < c.sequence
    union all
    select record, id, (select sequence from journal_end), sequence
    from state
    where sequence > (select sequence from journal_end)
    union all
    select 'state_progress', redo_sequence, (select sequence from journal_end), redo_sequence
    from redo
    where redo_sequence > (select sequence from journal_end) + 1
)
select * from wrong
order by 1, 2
limit 100
