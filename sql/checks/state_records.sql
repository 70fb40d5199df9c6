-- state_records.sql: proves that every row of the state tables, but that of accounts (state_accounts.sql),
-- is the newest image that the journal has of it up to the row's sequence number.
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
), fee_rule_image as (
    select distinct on (h.fee_rule_id) h.*
    from vsl.fee_rule_history h
    join vsl.fee_rule s on s.fee_rule_id = h.fee_rule_id and h.sequence <= s.sequence
    order by h.fee_rule_id, h.sequence desc
), hold_image as (
    select distinct on (h.hold_id) h.*
    from vsl.hold_history h
    join vsl.hold s on s.hold_id = h.hold_id and h.sequence <= s.sequence
    order by h.hold_id, h.sequence desc
), freeze_image as (
    select distinct on (h.freeze_id) h.*
    from vsl.freeze_history h
    join vsl.freeze s on s.freeze_id = h.freeze_id and h.sequence <= s.sequence
    order by h.freeze_id, h.sequence desc
), refunded_image as (
    select distinct on (h.refunded_id) h.*
    from vsl.refunded_history h
    join vsl.refunded s on s.refunded_id = h.refunded_id and h.sequence <= s.sequence
    order by h.refunded_id, h.sequence desc
), debt_image as (
    select distinct on (h.debt_id) h.*
    from vsl.debt_history h
    join vsl.debt s on s.debt_id = h.debt_id and h.sequence <= s.sequence
    order by h.debt_id, h.sequence desc
), adjustment_image as (
    select distinct on (h.adjustment_id) h.*
    from vsl.adjustment_history h
    join vsl.adjustment s on s.adjustment_id = h.adjustment_id and h.sequence <= s.sequence
    order by h.adjustment_id, h.sequence desc
), restriction_image as (
    select distinct on (h.restriction_id) h.*
    from vsl.restriction_history h
    join vsl.restriction s on s.restriction_id = h.restriction_id and h.sequence <= s.sequence
    order by h.restriction_id, h.sequence desc
), caller_image as (
    select distinct on (h.caller_id) h.*
    from vsl.caller_history h
    join vsl.caller s on s.caller_id = h.caller_id and h.sequence <= s.sequence
    order by h.caller_id, h.sequence desc
), proposal_image as (
    select distinct on (h.proposal_id) h.*
    from vsl.proposal_history h
    join vsl.proposal s on s.proposal_id = h.proposal_id and h.sequence <= s.sequence
    order by h.proposal_id, h.sequence desc
), approval_policy_image as (
    select distinct on (h.approval_policy_id) h.*
    from vsl.approval_policy_history h
    join vsl.approval_policy s on s.approval_policy_id = h.approval_policy_id and h.sequence <= s.sequence
    order by h.approval_policy_id, h.sequence desc
), suspense_image as (
    select distinct on (h.suspense_id) h.*
    from vsl.suspense_history h
    join vsl.suspense s on s.suspense_id = h.suspense_id and h.sequence <= s.sequence
    order by h.suspense_id, h.sequence desc
), lump_image as (
    select distinct on (h.lump_id) h.*
    from vsl.lump_history h
    join vsl.lump s on s.lump_id = h.lump_id and h.sequence <= s.sequence
    order by h.lump_id, h.sequence desc
), acquirer_image as (
    select distinct on (h.acquirer_id) h.*
    from vsl.acquirer_history h
    join vsl.acquirer s on s.acquirer_id = h.acquirer_id and h.sequence <= s.sequence
    order by h.acquirer_id, h.sequence desc
), promise_image as (
    select distinct on (h.promise_id) h.*
    from vsl.promise_history h
    join vsl.promise s on s.promise_id = h.promise_id and h.sequence <= s.sequence
    order by h.promise_id, h.sequence desc
), settlement_image as (
    select distinct on (h.settlement_id) h.*
    from vsl.settlement_history h
    join vsl.settlement s on s.settlement_id = h.settlement_id and h.sequence <= s.sequence
    order by h.settlement_id, h.sequence desc
), difference_image as (
    select distinct on (h.difference_id) h.*
    from vsl.difference_history h
    join vsl.difference s on s.difference_id = h.difference_id and h.sequence <= s.sequence
    order by h.difference_id, h.sequence desc
), watch_image as (
    select distinct on (h.watch_id) h.*
    from vsl.watch_history h
    join vsl.watch s on s.watch_id = h.watch_id and h.sequence <= s.sequence
    order by h.watch_id, h.sequence desc
), identity_image as (
    select distinct on (h.identity_id) h.*
    from vsl.identity_history h
    join vsl.identity s on s.identity_id = h.identity_id and h.sequence <= s.sequence
    order by h.identity_id, h.sequence desc
), card_image as (
    select distinct on (h.card_id) h.*
    from vsl.card_history h
    join vsl.card s on s.card_id = h.card_id and h.sequence <= s.sequence
    order by h.card_id, h.sequence desc
), account_policy_image as (
    select distinct on (h.account_policy_id) h.*
    from vsl.account_policy_history h
    join vsl.account_policy s on s.account_policy_id = h.account_policy_id and h.sequence <= s.sequence
    order by h.account_policy_id, h.sequence desc
), card_flow_image as (
    select distinct on (h.card_flow_id) h.*
    from vsl.card_flow_history h
    join vsl.card_flow s on s.card_flow_id = h.card_flow_id and h.sequence <= s.sequence
    order by h.card_flow_id, h.sequence desc
), proof_policy_image as (
    select distinct on (h.proof_policy_id) h.*
    from vsl.proof_policy_history h
    join vsl.proof_policy s on s.proof_policy_id = h.proof_policy_id and h.sequence <= s.sequence
    order by h.proof_policy_id, h.sequence desc
), denied_image as (
    select distinct on (h.denied_id) h.*
    from vsl.denied_history h
    join vsl.denied s on s.denied_id = h.denied_id and h.sequence <= s.sequence
    order by h.denied_id, h.sequence desc
), hit_image as (
    select distinct on (h.hit_id) h.*
    from vsl.hit_history h
    join vsl.hit s on s.hit_id = h.hit_id and h.sequence <= s.sequence
    order by h.hit_id, h.sequence desc
), cover_image as (
    select distinct on (h.cover_id) h.*
    from vsl.cover_history h
    join vsl.cover s on s.cover_id = h.cover_id and h.sequence <= s.sequence
    order by h.cover_id, h.sequence desc
), mandate_image as (
    select distinct on (h.mandate_id) h.*
    from vsl.mandate_history h
    join vsl.mandate s on s.mandate_id = h.mandate_id and h.sequence <= s.sequence
    order by h.mandate_id, h.sequence desc
), bank_statement_image as (
    select distinct on (h.bank_statement_id) h.*
    from vsl.bank_statement_history h
    join vsl.bank_statement s on s.bank_statement_id = h.bank_statement_id and h.sequence <= s.sequence
    order by h.bank_statement_id, h.sequence desc
), statement_line_image as (
    select distinct on (h.statement_line_id) h.*
    from vsl.statement_line_history h
    join vsl.statement_line s on s.statement_line_id = h.statement_line_id and h.sequence <= s.sequence
    order by h.statement_line_id, h.sequence desc
), statement_match_image as (
    select distinct on (h.statement_match_id) h.*
    from vsl.statement_match_history h
    join vsl.statement_match s on s.statement_match_id = h.statement_match_id and h.sequence <= s.sequence
    order by h.statement_match_id, h.sequence desc
), matched_booking_image as (
    select distinct on (h.matched_booking_id) h.*
    from vsl.matched_booking_history h
    join vsl.matched_booking s on s.matched_booking_id = h.matched_booking_id and h.sequence <= s.sequence
    order by h.matched_booking_id, h.sequence desc
), product_image as (
    select distinct on (h.product_id) h.*
    from vsl.product_history h
    join vsl.product s on s.product_id = h.product_id and h.sequence <= s.sequence
    order by h.product_id, h.sequence desc
), position_image as (
    select distinct on (h.position_id) h.*
    from vsl.position_history h
    join vsl.position s on s.position_id = h.position_id and h.sequence <= s.sequence
    order by h.position_id, h.sequence desc
), price_image as (
    select distinct on (h.price_id) h.*
    from vsl.price_history h
    join vsl.price s on s.price_id = h.price_id and h.sequence <= s.sequence
    order by h.price_id, h.sequence desc
), feedback_image as (
    select distinct on (h.feedback_id) h.*
    from vsl.feedback_history h
    join vsl.feedback s on s.feedback_id = h.feedback_id and h.sequence <= s.sequence
    order by h.feedback_id, h.sequence desc
), claim_image as (
    select distinct on (h.claim_id) h.*
    from vsl.claim_history h
    join vsl.claim s on s.claim_id = h.claim_id and h.sequence <= s.sequence
    order by h.claim_id, h.sequence desc
), wrong as materialized (
    select 'ledger' as record, s.ledger_id as id, s.sequence
    from vsl.ledger s
    left join ledger_image i using (ledger_id)
    where (s.status, s.currency, s.platform_name, s.escrow_account_number, s.receiving_prefix,
            s.first_control_account_id, s.key_window_dates, s.accounting_dates, s.own_account_name,
            s.own_account_number, s.own_bank_code, s.advance_refunds, s.payout_return_days) is distinct from
        (i.status, i.currency, i.platform_name, i.escrow_account_number, i.receiving_prefix,
            i.first_control_account_id, i.key_window_dates, i.accounting_dates, i.own_account_name,
            i.own_account_number, i.own_bank_code, i.advance_refunds, i.payout_return_days)
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
    where (s.ledger_id, s.account_id, s.amount, s.fee, s.requested_sequence, s.status, s.fee_account_id,
            s.fee_rule_id, s.returned, s.fee_returned, s.evidence_sequence, s.return_until,
            s.order_number) is distinct from
        (i.ledger_id, i.account_id, i.amount, i.fee, i.requested_sequence, i.status, i.fee_account_id,
            i.fee_rule_id, i.returned, i.fee_returned, i.evidence_sequence, i.return_until,
            i.order_number)
    union all
    select 'fee_rule', s.fee_rule_id, s.sequence
    from vsl.fee_rule s
    left join fee_rule_image i using (fee_rule_id)
    where (s.ledger_id, s.previous_id, s.name, s.version, s.effective_date, s.rounding, s.refund,
            s.on_payout_failed, s.on_payout_returned, s.tiers, s.shares) is distinct from
        (i.ledger_id, i.previous_id, i.name, i.version, i.effective_date, i.rounding, i.refund,
            i.on_payout_failed, i.on_payout_returned, i.tiers, i.shares)
    union all
    select 'hold', s.hold_id, s.sequence
    from vsl.hold s
    left join hold_image i using (hold_id)
    where (s.ledger_id, s.payer_account_id, s.order_number, s.amount, s.confirmed, s.cancelled,
            s.expires_at, s.status, s.placed_sequence) is distinct from
        (i.ledger_id, i.payer_account_id, i.order_number, i.amount, i.confirmed, i.cancelled,
            i.expires_at, i.status, i.placed_sequence)
    union all
    select 'freeze', s.freeze_id, s.sequence
    from vsl.freeze s
    left join freeze_image i using (freeze_id)
    where (s.ledger_id, s.account_id, s.purpose, s.owner, s.amount, s.lifted, s.expires_at, s.status,
            s.placed_sequence) is distinct from
        (i.ledger_id, i.account_id, i.purpose, i.owner, i.amount, i.lifted, i.expires_at, i.status,
            i.placed_sequence)
    union all
    select 'refunded', s.refunded_id, s.sequence
    from vsl.refunded s
    left join refunded_image i using (refunded_id)
    where (s.ledger_id, s.original_sequence, s.account_id, s.amount, s.fee, s.reversed_sequence) is distinct from
        (i.ledger_id, i.original_sequence, i.account_id, i.amount, i.fee, i.reversed_sequence)
    union all
    select 'debt', s.debt_id, s.sequence
    from vsl.debt s
    left join debt_image i using (debt_id)
    where (s.ledger_id, s.account_id, s.amount, s.recovered, s.refund_sequence, s.status) is distinct from
        (i.ledger_id, i.account_id, i.amount, i.recovered, i.refund_sequence, i.status)
    union all
    select 'adjustment', s.adjustment_id, s.sequence
    from vsl.adjustment s
    left join adjustment_image i using (adjustment_id)
    where (s.ledger_id, s.debit_account_id, s.credit_account_id, s.amount, s.expires_at, s.status,
            s.maker, s.checker, s.proposed_sequence) is distinct from
        (i.ledger_id, i.debit_account_id, i.credit_account_id, i.amount, i.expires_at, i.status,
            i.maker, i.checker, i.proposed_sequence)
    union all
    select 'restriction', s.restriction_id, s.sequence
    from vsl.restriction s
    left join restriction_image i using (restriction_id)
    where (s.ledger_id, s.account_id, s.owner, s.no_in, s.no_out, s.placed_sequence, s.caller_id) is distinct from
        (i.ledger_id, i.account_id, i.owner, i.no_in, i.no_out, i.placed_sequence, i.caller_id)
    union all
    select 'caller', s.caller_id, s.sequence
    from vsl.caller s
    left join caller_image i using (caller_id)
    where (s.name, s.roles, s.ledgers, s.all_ledgers, s.channels, s.any_channel, s.status) is distinct from
        (i.name, i.roles, i.ledgers, i.all_ledgers, i.channels, i.any_channel, i.status)
    union all
    select 'proposal', s.proposal_id, s.sequence
    from vsl.proposal s
    left join proposal_image i using (proposal_id)
    where (s.ledger_id, s.kind, s.amount, s.expires_at, s.status, s.maker_caller_id, s.maker_channel,
            s.proposed_at, s.proposed_sequence, s.approver_caller_id, s.approver_channel, s.decided_at,
            s.decided_sequence) is distinct from
        (i.ledger_id, i.kind, i.amount, i.expires_at, i.status, i.maker_caller_id, i.maker_channel,
            i.proposed_at, i.proposed_sequence, i.approver_caller_id, i.approver_channel, i.decided_at,
            i.decided_sequence)
    union all
    select 'approval_policy', s.approval_policy_id, s.sequence
    from vsl.approval_policy s
    left join approval_policy_image i using (approval_policy_id)
    where (s.ledger_id, s.rules) is distinct from (i.ledger_id, i.rules)
    union all
    select 'suspense', s.suspense_id, s.sequence
    from vsl.suspense s
    left join suspense_image i using (suspense_id)
    where (s.ledger_id, s.origin_sequence, s.account_id, s.payout_id, s.amount, s.allocated, s.reversed,
            s.going_back, s.gone_back, s.return_payout_id, s.opened_at, s.opened_date, s.reason, s.status)
        is distinct from
        (i.ledger_id, i.origin_sequence, i.account_id, i.payout_id, i.amount, i.allocated, i.reversed,
            i.going_back, i.gone_back, i.return_payout_id, i.opened_at, i.opened_date, i.reason, i.status)
    union all
    select 'lump', s.lump_id, s.sequence
    from vsl.lump s
    left join lump_image i using (lump_id)
    where (s.ledger_id, s.suspense_id, s.control_count, s.control_amount, s.allocated_count, s.allocated_amount,
            s.opened_sequence, s.opened_date, s.all_or_none, s.status)
        is distinct from
        (i.ledger_id, i.suspense_id, i.control_count, i.control_amount, i.allocated_count, i.allocated_amount,
            i.opened_sequence, i.opened_date, i.all_or_none, i.status)
    union all
    select 'acquirer', s.acquirer_id, s.sequence
    from vsl.acquirer s
    left join acquirer_image i using (acquirer_id)
    where (s.ledger_id, s.account_id, s.name, s.settlement_days, s.fee_rule, s.keeps_fee, s.next_date, s.ceiling,
            s.status)
        is distinct from
        (i.ledger_id, i.account_id, i.name, i.settlement_days, i.fee_rule, i.keeps_fee, i.next_date, i.ceiling,
            i.status)
    union all
    select 'promise', s.promise_id, s.sequence
    from vsl.promise s
    left join promise_image i using (promise_id)
    where (s.ledger_id, s.acquirer_id, s.account_id, s.amount, s.kept, s.fee, s.settled, s.cancelled, s.fee_rule_id,
            s.booked_sequence, s.due_date, s.late_at, s.status, s.reference, s.order_number)
        is distinct from
        (i.ledger_id, i.acquirer_id, i.account_id, i.amount, i.kept, i.fee, i.settled, i.cancelled, i.fee_rule_id,
            i.booked_sequence, i.due_date, i.late_at, i.status, i.reference, i.order_number)
    union all
    select 'settlement', s.settlement_id, s.sequence
    from vsl.settlement s
    left join settlement_image i using (settlement_id)
    where (s.ledger_id, s.acquirer_id, s.suspense_id, s.total, s.settled, s.gone_back, s.opened_sequence,
            s.line_count, s.lines_booked, s.opened_date, s.status)
        is distinct from
        (i.ledger_id, i.acquirer_id, i.suspense_id, i.total, i.settled, i.gone_back, i.opened_sequence,
            i.line_count, i.lines_booked, i.opened_date, i.status)
    union all
    select 'difference', s.difference_id, s.sequence
    from vsl.difference s
    left join difference_image i using (difference_id)
    where (s.ledger_id, s.acquirer_id, s.settlement_id, s.suspense_id, s.promise_id, s.account_id, s.amount,
            s.line_sequence, s.closed_sequence, s.opened_date, s.kind, s.status, s.ended_by, s.is_missing, s.reference,
            s.order_number)
        is distinct from
        (i.ledger_id, i.acquirer_id, i.settlement_id, i.suspense_id, i.promise_id, i.account_id, i.amount,
            i.line_sequence, i.closed_sequence, i.opened_date, i.kind, i.status, i.ended_by, i.is_missing, i.reference,
            i.order_number)
    union all
    select 'watch', s.watch_id, s.sequence
    from vsl.watch s
    left join watch_image i using (watch_id)
    where (s.ledger_id, s.suspense_age, s.overdue_at, s.suspense_id, s.one_membership, s.same_card)
        is distinct from
        (i.ledger_id, i.suspense_age, i.overdue_at, i.suspense_id, i.one_membership, i.same_card)
    union all
    select 'identity', s.identity_id, s.sequence
    from vsl.identity s
    left join identity_image i using (identity_id)
    where (s.ledger_id, s.member_id, s.person_id, s.checked_sequence, s.valid_until_date, s.recheck_date, s.number,
            s.name, s.representative, s.representative_number, s.handler, s.handler_number, s.subject, s.document_kind,
            s.representative_document, s.handler_document, s.level, s.status, s.noticed)
        is distinct from (i.ledger_id, i.member_id, i.person_id, i.checked_sequence, i.valid_until_date, i.recheck_date,
            i.number, i.name, i.representative, i.representative_number, i.handler, i.handler_number, i.subject,
            i.document_kind, i.representative_document, i.handler_document, i.level, i.status, i.noticed)
    union all
    select 'card', s.card_id, s.sequence
    from vsl.card s
    left join card_image i using (card_id)
    where (s.ledger_id, s.member_id, s.number, s.bank_code, s.kind, s.status, s.main_card, s.way, s.amount,
            s.checks, s.wrong_in_row, s.checks_date, s.locked_date, s.check_sequence, s.check_expires_at,
            s.checked_sequence, s.end_reason, s.replaced_by, s.bound_sequence)
        is distinct from
        (i.ledger_id, i.member_id, i.number, i.bank_code, i.kind, i.status, i.main_card, i.way, i.amount,
            i.checks, i.wrong_in_row, i.checks_date, i.locked_date, i.check_sequence, i.check_expires_at,
            i.checked_sequence, i.end_reason, i.replaced_by, i.bound_sequence)
    union all
    select 'account_policy', s.account_policy_id, s.sequence
    from vsl.account_policy s
    left join account_policy_image i using (account_policy_id)
    where (s.ledger_id, s.preset, s.levels, s.merchant_date_began, s.merchant_year_began, s.user_date_began,
            s.user_year_began)
        is distinct from
        (i.ledger_id, i.preset, i.levels, i.merchant_date_began, i.merchant_year_began, i.user_date_began,
            i.user_year_began)
    union all
    select 'card_flow', s.card_flow_id, s.sequence
    from vsl.card_flow s
    left join card_flow_image i using (card_flow_id)
    where (s.ledger_id, s.account_id, s.card_id, s.came_in, s.went_out, s.pending, s.moved, s.owed_sequence,
            s.opened_sequence, s.ended_sequence, s.successor_id, s.number)
        is distinct from
        (i.ledger_id, i.account_id, i.card_id, i.came_in, i.went_out, i.pending, i.moved, i.owed_sequence,
            i.opened_sequence, i.ended_sequence, i.successor_id, i.number)
    union all
    select 'proof_policy', s.proof_policy_id, s.sequence
    from vsl.proof_policy s
    left join proof_policy_image i using (proof_policy_id)
    where (s.ledger_id, s.rules) is distinct from (i.ledger_id, i.rules)
    union all
    select 'denied', s.denied_id, s.sequence
    from vsl.denied s
    left join denied_image i using (denied_id)
    where (s.ledger_id, s.value, s.kind, s.document_kind, s.source, s.status, s.expires_at, s.listed_sequence,
            s.caller_id, s.channel)
        is distinct from (i.ledger_id, i.value, i.kind, i.document_kind, i.source, i.status, i.expires_at,
            i.listed_sequence, i.caller_id, i.channel)
    union all
    select 'hit', s.hit_id, s.sequence
    from vsl.hit s
    left join hit_image i using (hit_id)
    where (s.ledger_id, s.denied_id, s.member_id, s.card_id, s.status, s.found_sequence, s.caller_id, s.channel,
            s.decided_sequence)
        is distinct from (i.ledger_id, i.denied_id, i.member_id, i.card_id, i.status, i.found_sequence, i.caller_id,
            i.channel, i.decided_sequence)
    union all
    select 'cover', s.cover_id, s.sequence
    from vsl.cover s
    left join cover_image i using (cover_id)
    where (s.ledger_id, s.account_id, s.amount, s.deducting, s.deductions, s.stops)
        is distinct from (i.ledger_id, i.account_id, i.amount, i.deducting, i.deductions, i.stops)
    union all
    select 'mandate', s.mandate_id, s.sequence
    from vsl.mandate s
    left join mandate_image i using (mandate_id)
    where (s.ledger_id, s.account_id, s.payee_account_id, s.card_id, s.ceiling_each, s.ceiling_total, s.uses, s.used,
            s.used_count, s.starts_at, s.expires_at, s.status, s.granted_sequence, s.ended_sequence)
        is distinct from (i.ledger_id, i.account_id, i.payee_account_id, i.card_id, i.ceiling_each, i.ceiling_total,
            i.uses, i.used, i.used_count, i.starts_at, i.expires_at, i.status, i.granted_sequence, i.ended_sequence)
    union all
    select 'bank_statement', s.bank_statement_id, s.sequence
    from vsl.bank_statement s
    left join bank_statement_image i using (bank_statement_id)
    where (s.ledger_id, s.number, s.missing_before, s.opening, s.closing, s.line_sum, s.opened_sequence,
            s.closed_sequence, s.from_date, s.to_date, s.control_count, s.line_count, s.last_ordinal, s.first_line_id,
            s.last_line_id, s.file_position, s.opened_date, s.status, s.has_gap, s.reference, s.file_sha256)
        is distinct from (i.ledger_id, i.number, i.missing_before, i.opening, i.closing, i.line_sum, i.opened_sequence,
            i.closed_sequence, i.from_date, i.to_date, i.control_count, i.line_count, i.last_ordinal, i.first_line_id,
            i.last_line_id, i.file_position, i.opened_date, i.status, i.has_gap, i.reference, i.file_sha256)
    union all
    select 'statement_line', s.statement_line_id, s.sequence
    from vsl.statement_line s
    left join statement_line_image i using (statement_line_id)
    where (s.ledger_id, s.bank_statement_id, s.amount, s.matched, s.added_sequence, s.ordinal, s.booking_date,
            s.value_date, s.status)
        is distinct from (i.ledger_id, i.bank_statement_id, i.amount, i.matched, i.added_sequence, i.ordinal,
            i.booking_date, i.value_date, i.status)
    union all
    select 'statement_match', s.statement_match_id, s.sequence
    from vsl.statement_match s
    left join statement_match_image i using (statement_match_id)
    where (s.ledger_id, s.bank_statement_id, s.statement_line_id, s.booking_id, s.amount, s.made_sequence,
            s.undone_sequence, s.booking_kind, s.status)
        is distinct from (i.ledger_id, i.bank_statement_id, i.statement_line_id, i.booking_id, i.amount,
            i.made_sequence, i.undone_sequence, i.booking_kind, i.status)
    union all
    select 'matched_booking', s.matched_booking_id, s.sequence
    from vsl.matched_booking s
    left join matched_booking_image i using (matched_booking_id)
    where (s.ledger_id, s.booking_id, s.matched, s.booking_kind)
        is distinct from (i.ledger_id, i.booking_id, i.matched, i.booking_kind)
    union all
    select 'product', s.product_id, s.sequence
    from vsl.product s
    left join product_image i using (product_id)
    where (s.ledger_id, s.account_id, s.cash_account_id, s.code, s.name, s.kind, s.status, s.scale,
            s.unit_rounding, s.money_rounding, s.rest, s.at_once, s.price_id, s.price_e8, s.price_date,
            s.price_version)
        is distinct from
        (i.ledger_id, i.account_id, i.cash_account_id, i.code, i.name, i.kind, i.status, i.scale,
            i.unit_rounding, i.money_rounding, i.rest, i.at_once, i.price_id, i.price_e8, i.price_date,
            i.price_version)
    union all
    select 'position', s.position_id, s.sequence
    from vsl.position s
    left join position_image i using (position_id)
    where (s.ledger_id, s.account_id, s.owner_account_id, s.product_id, s.opened_sequence)
        is distinct from (i.ledger_id, i.account_id, i.owner_account_id, i.product_id, i.opened_sequence)
    union all
    select 'price', s.price_id, s.sequence
    from vsl.price s
    left join price_image i using (price_id)
    where (s.ledger_id, s.product_id, s.date, s.version, s.price_e8, s.published_sequence, s.status)
        is distinct from
        (i.ledger_id, i.product_id, i.date, i.version, i.price_e8, i.published_sequence, i.status)
    union all
    select 'feedback', s.feedback_id, s.sequence
    from vsl.feedback s
    left join feedback_image i using (feedback_id)
    where (s.ledger_id, s.claim_id, s.organ, s.status, s.due_at, s.noticed, s.asked_sequence, s.given_sequence)
        is distinct from
        (i.ledger_id, i.claim_id, i.organ, i.status, i.due_at, i.noticed, i.asked_sequence, i.given_sequence)
    union all
    select 'claim', s.claim_id, s.sequence
    from vsl.claim s
    left join claim_image i using (claim_id)
    where (s.ledger_id, s.member_id, s.account_id, s.authority, s.ground, s.organ, s.status, s.limit_amount, s.released,
            s.deducted, s.deducting, s.whole, s.fruits, s.secret, s.continued, s.placed_date, s.ends_at, s.noticed, s.placed_sequence, s.told_sequence,
            s.effective_sequence)
        is distinct from
        (i.ledger_id, i.member_id, i.account_id, i.authority, i.ground, i.organ, i.status, i.limit_amount, i.released,
            i.deducted, i.deducting, i.whole, i.fruits, i.secret, i.continued, i.placed_date, i.ends_at, i.noticed, i.placed_sequence, i.told_sequence,
            i.effective_sequence)
)
select * from wrong
order by record, id
limit 100
