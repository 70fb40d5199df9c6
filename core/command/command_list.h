/* command_list.h: every kind of command, once; no header of its own, but rows to be expanded.
 *
 * COMMAND(number, NAME, name, Service, Method, answer, roles): define it, include this file, and
 * the row of each kind is expanded by it; it is undefined again at the end.
 *
 *   number   the kind, of proto's CommandKind and of BatchItem's field. Stored in the journal:
 *            never reuse one
 *   NAME     COMMAND_NAME in enum command_kind, COMMAND_KIND_NAME in the protos
 *   name     struct name and its member in struct command, name_table in fields_*.c,
 *            execute_name in the engine, the field of BatchItem and JournalEntry, name_response
 *   Service  vsl.v1.ServiceService/Method is how it is called by itself
 *   answer   the field of its response that takes the id of what it made; `result`: there is none
 *   roles    who may call it, see role_sets.h
 *
 * A kind that has no fields of its own stands in a row of COMMAND_BARE, which is COMMAND unless it
 * is defined, too.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMAND_BARE
#define COMMAND_BARE COMMAND
#endif

/* clang-format off */
COMMAND(1, OPEN_LEDGER, open_ledger, Ledger, OpenLedger, ledger_id, ROLE_OPERATOR)
COMMAND_BARE(2, CLOSE_LEDGER, close_ledger, Ledger, CloseLedger, result, ROLE_OPERATOR)
COMMAND(3, CUT_DAY, cut_day, Ledger, CutDay, result, ROLE_OPERATOR)
COMMAND(4, SET_TERMS, set_terms, Ledger, SetTerms, result, ROLE_OPERATOR)
COMMAND(5, SET_FEE_RULE, set_fee_rule, Fee, SetFeeRule, fee_rule_id, ROLE_OPERATOR)
COMMAND(6, SET_APPROVAL_POLICY, set_approval_policy, Proposal, SetApprovalPolicy, result,
    ROLE_OPERATOR)
COMMAND(10, OPEN_MEMBER, open_member, Member, OpenMember, member_id, ROLE_FRONT)
COMMAND(11, CLOSE_MEMBER, close_member, Member, CloseMember, result, ROLE_FRONT)
COMMAND(12, IDENTIFY_MEMBER, identify_member, Member, IdentifyMember, result, ROLE_FRONT)
COMMAND(13, SET_PROOF_POLICY, set_proof_policy, Proof, SetProofPolicy, result, ROLE_OPERATOR)
COMMAND(14, SET_ACCOUNT_POLICY, set_account_policy, Ledger, SetAccountPolicy, result, ROLE_OPERATOR)
COMMAND(15, BIND_CARD, bind_card, Card, BindCard, card_id, ROLE_FRONT)
COMMAND(16, CHECK_CARD, check_card, Card, CheckCard, result, ROLE_FRONT)
COMMAND(17, CONFIRM_CARD_CHECK, confirm_card_check, Card, ConfirmCardCheck, result, ROLE_ADAPTER)
COMMAND(18, UNBIND_CARD, unbind_card, Card, UnbindCard, result, ROLE_FRONT)
COMMAND(19, REPLACE_CARD, replace_card, Card, ReplaceCard, result, ROLE_FRONT)
COMMAND(20, OPEN_ACCOUNT, open_account, Account, OpenAccount, account_id, ROLE_FRONT)
COMMAND(21, CLOSE_ACCOUNT, close_account, Account, CloseAccount, result, ROLE_FRONT)
COMMAND(22, RESTRICT_ACCOUNT, restrict_account, Account, RestrictAccount, result,
    ROLE_FRONT | ROLE_JUDICIAL)
COMMAND(23, OPEN_FEE_ACCOUNT, open_fee_account, Fee, OpenFeeAccount, account_id, ROLE_OPERATOR)
COMMAND(24, CONFIRM_CARD_AMOUNT, confirm_card_amount, Card, ConfirmCardAmount, result, ROLE_FRONT)
COMMAND(25, GRANT_MANDATE, grant_mandate, Mandate, GrantMandate, mandate_id, ROLE_FRONT)
COMMAND(26, END_MANDATE, end_mandate, Mandate, EndMandate, result, ROLE_FRONT | ROLE_OPERATOR)
COMMAND(27, DECIDE_HIT, decide_hit, Screening, DecideHit, result, ROLE_OPERATOR | ROLE_APPROVER)
COMMAND(28, ADD_DENIED, add_denied, Screening, AddDenied, denied_id, ROLE_OPERATOR)
COMMAND(29, END_DENIED, end_denied, Screening, EndDenied, result, ROLE_OPERATOR)
COMMAND(30, BOOK_RECEIPT, book_receipt, Funds, BookReceipt, account_id, ROLE_ADAPTER)
COMMAND(31, BOOK_INTEREST, book_interest, Funds, BookInterest, result, ROLE_ADAPTER)
COMMAND(32, CHARGE_FEE, charge_fee, Funds, ChargeFee, result, ROLE_FRONT)
COMMAND(33, COLLECT_FEES, collect_fees, Fee, CollectFees, result, ROLE_FRONT)
COMMAND(34, ALLOCATE_SUSPENSE, allocate_suspense, Suspense, AllocateSuspense, result,
    ROLE_FRONT | ROLE_OPERATOR)
COMMAND(35, UNDO_ALLOCATION, undo_allocation, Suspense, UndoAllocation, result,
    ROLE_FRONT | ROLE_OPERATOR)
COMMAND(36, RETURN_SUSPENSE, return_suspense, Suspense, ReturnSuspense, payout_id,
    ROLE_FRONT | ROLE_OPERATOR)
COMMAND(37, OPEN_LUMP, open_lump, Lump, OpenLump, lump_id, ROLE_FRONT | ROLE_OPERATOR)
COMMAND(38, ALLOCATE_LINE, allocate_line, Lump, AllocateLine, account_id,
    ROLE_FRONT | ROLE_OPERATOR)
COMMAND(39, CLOSE_LUMP, close_lump, Lump, CloseLump, result, ROLE_FRONT | ROLE_OPERATOR)
COMMAND(40, PAY, pay, Funds, Pay, result, ROLE_FRONT)
COMMAND(41, REFUND, refund, Funds, Refund, result, ROLE_FRONT)
COMMAND(42, ADOPT_SUSPENSE, adopt_suspense, Suspense, AdoptSuspense, suspense_id, ROLE_OPERATOR)
COMMAND(44, OPEN_ACQUIRER, open_acquirer, Acquirer, OpenAcquirer, acquirer_id, ROLE_OPERATOR)
COMMAND(45, SET_ACQUIRER, set_acquirer, Acquirer, SetAcquirer, result, ROLE_OPERATOR)
COMMAND(46, BOOK_PROMISE, book_promise, Acquirer, BookPromise, promise_id, ROLE_ADAPTER)
COMMAND(47, CANCEL_PROMISE, cancel_promise, Acquirer, CancelPromise, result, ROLE_FRONT)
COMMAND(48, OPEN_SETTLEMENT, open_settlement, Acquirer, OpenSettlement, settlement_id, ROLE_ADAPTER)
COMMAND(49, SETTLE_LINE, settle_line, Acquirer, SettleLine, difference_id, ROLE_ADAPTER)
COMMAND(50, WITHDRAW, withdraw, Funds, Withdraw, payout_id, ROLE_FRONT)
COMMAND(51, CONFIRM_PAYOUT, confirm_payout, Funds, ConfirmPayout, result, ROLE_ADAPTER)
COMMAND(52, INTERCEPT_PAYOUT, intercept_payout, Funds, InterceptPayout, result, ROLE_FRONT)
COMMAND(55, CLOSE_SETTLEMENT, close_settlement, Acquirer, CloseSettlement, result,
    ROLE_ADAPTER | ROLE_OPERATOR)
COMMAND(56, CLOSE_DIFFERENCE, close_difference, Acquirer, CloseDifference, result, ROLE_OPERATOR)
COMMAND(60, PLACE_HOLD, place_hold, Hold, PlaceHold, hold_id, ROLE_FRONT)
COMMAND(61, CONFIRM_HOLD, confirm_hold, Hold, ConfirmHold, result, ROLE_FRONT)
COMMAND(62, CANCEL_HOLD, cancel_hold, Hold, CancelHold, result, ROLE_FRONT)
COMMAND(65, PLACE_FREEZE, place_freeze, Freeze, PlaceFreeze, freeze_id, ROLE_FRONT | ROLE_JUDICIAL)
COMMAND(66, LIFT_FREEZE, lift_freeze, Freeze, LiftFreeze, result, ROLE_FRONT | ROLE_JUDICIAL)
COMMAND(70, EXPIRE, expire, Funds, Expire, result, ROLE_FRONT | ROLE_OPERATOR)
COMMAND(80, REVERSE, reverse, Correction, Reverse, result, ROLE_FRONT | ROLE_OPERATOR)
COMMAND(81, PROPOSE_ADJUSTMENT, propose_adjustment, Correction, ProposeAdjustment, adjustment_id,
    ROLE_FRONT | ROLE_OPERATOR)
COMMAND(82, APPROVE_ADJUSTMENT, approve_adjustment, Correction, ApproveAdjustment, result,
    ROLE_APPROVER)
COMMAND(83, WITHDRAW_ADJUSTMENT, withdraw_adjustment, Correction, WithdrawAdjustment, result,
    ROLE_FRONT | ROLE_OPERATOR)
COMMAND(84, ADJUST, adjust, Correction, Adjust, result, ROLE_FRONT | ROLE_OPERATOR)
COMMAND(85, PROPOSE, propose, Proposal, Propose, proposal_id, ROLES_SENDING)
COMMAND(86, APPROVE, approve, Proposal, Approve, subject_id, ROLE_APPROVER)
COMMAND(87, WITHDRAW_PROPOSAL, withdraw_proposal, Proposal, WithdrawProposal, result, ROLES_SENDING)
COMMAND(90, CREATE_CALLER, create_caller, Caller, CreateCaller, caller_id, ROLE_ADMINISTRATOR)
COMMAND(91, UPDATE_CALLER, update_caller, Caller, UpdateCaller, result, ROLE_ADMINISTRATOR)
COMMAND(95, REVEAL, reveal, Reveal, Reveal, result, ROLES_REVEALING_PROPOSED)
COMMAND(100, PLACE_CLAIM, place_claim, Claim, PlaceClaim, claim_id, ROLE_JUDICIAL)
COMMAND(101, CONTINUE_CLAIM, continue_claim, Claim, ContinueClaim, result, ROLE_JUDICIAL)
COMMAND(102, RELEASE_CLAIM, release_claim, Claim, ReleaseClaim, result, ROLE_JUDICIAL)
COMMAND(103, DEDUCT_CLAIM, deduct_claim, Claim, DeductClaim, payout_id, ROLE_JUDICIAL)
COMMAND(106, OPEN_BANK_STATEMENT, open_bank_statement, BankStatement, OpenBankStatement,
    bank_statement_id, ROLE_ADAPTER | ROLE_OPERATOR)
COMMAND(107, ADD_STATEMENT_LINE, add_statement_line, BankStatement, AddStatementLine,
    statement_line_id, ROLE_ADAPTER | ROLE_OPERATOR)
COMMAND(108, CLOSE_BANK_STATEMENT, close_bank_statement, BankStatement, CloseBankStatement, result,
    ROLE_ADAPTER | ROLE_OPERATOR)
COMMAND(109, MATCH_STATEMENT_LINE, match_statement_line, BankStatement, MatchStatementLine,
    statement_match_id, ROLE_RECONCILIATION | ROLE_OPERATOR)
COMMAND(110, UNDO_MATCH, undo_match, BankStatement, UndoMatch, result,
    ROLE_RECONCILIATION | ROLE_OPERATOR)
COMMAND(120, OPEN_FEEDBACK, open_feedback, Claim, OpenFeedback, feedback_id, ROLE_JUDICIAL)
COMMAND(121, GIVE_FEEDBACK, give_feedback, Claim, GiveFeedback, result, ROLE_JUDICIAL)
COMMAND(122, OPEN_PRODUCT, open_product, Product, OpenProduct, product_id, ROLE_OPERATOR)
COMMAND(123, CLOSE_PRODUCT, close_product, Product, CloseProduct, result, ROLE_OPERATOR)
COMMAND(124, PUBLISH_PRICE, publish_price, Product, PublishPrice, price_id,
    ROLE_ADAPTER | ROLE_OPERATOR)
COMMAND(125, SUBSCRIBE, subscribe, Product, Subscribe, position_id, ROLE_FRONT)
COMMAND(126, REDEEM, redeem, Product, Redeem, result, ROLE_FRONT)
/* clang-format on */

#undef COMMAND
#undef COMMAND_BARE
