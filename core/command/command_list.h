/* command_list.h: every kind of command, once; no header of its own, but rows to be expanded.
 *
 * COMMAND(number, NAME, name, Service, Method, answer): define it, include this file, and the row
 * of each kind is expanded by it; it is undefined again at the end.
 *
 *   number   the kind, of proto's CommandKind and of BatchItem's field. Stored in the journal:
 *            never reuse one
 *   NAME     COMMAND_NAME in enum command_kind, COMMAND_KIND_NAME in the protos
 *   name     struct name and its member in struct command, name_fields in fields.c, execute_name in
 *            the engine, the field of BatchItem and JournalEntry, name_response
 *   Service  vsl.v1.ServiceService/Method is how it is called by itself
 *   answer   the field of its response that takes the id of what it made; `result`: there is none
 *
 * A kind that has no fields of its own stands in a row of COMMAND_BARE, which is COMMAND unless it
 * is defined, too.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMAND_BARE
#define COMMAND_BARE COMMAND
#endif

/* clang-format off */
COMMAND(1, OPEN_LEDGER, open_ledger, Ledger, OpenLedger, ledger_id)
COMMAND_BARE(2, CLOSE_LEDGER, close_ledger, Ledger, CloseLedger, result)
COMMAND(3, CUT_DAY, cut_day, Ledger, CutDay, result)
COMMAND(4, SET_TERMS, set_terms, Ledger, SetTerms, result)
COMMAND(5, SET_FEE_RULE, set_fee_rule, Fee, SetFeeRule, fee_rule_id)
COMMAND(10, OPEN_MEMBER, open_member, Member, OpenMember, member_id)
COMMAND(11, CLOSE_MEMBER, close_member, Member, CloseMember, result)
COMMAND(20, OPEN_ACCOUNT, open_account, Account, OpenAccount, account_id)
COMMAND(21, CLOSE_ACCOUNT, close_account, Account, CloseAccount, result)
COMMAND(22, RESTRICT_ACCOUNT, restrict_account, Account, RestrictAccount, result)
COMMAND(23, OPEN_FEE_ACCOUNT, open_fee_account, Fee, OpenFeeAccount, account_id)
COMMAND(30, BOOK_RECEIPT, book_receipt, Funds, BookReceipt, account_id)
COMMAND(31, BOOK_INTEREST, book_interest, Funds, BookInterest, result)
COMMAND(32, CHARGE_FEE, charge_fee, Funds, ChargeFee, result)
COMMAND(33, COLLECT_FEES, collect_fees, Fee, CollectFees, result)
COMMAND(40, PAY, pay, Funds, Pay, result)
COMMAND(41, REFUND, refund, Funds, Refund, result)
COMMAND(50, WITHDRAW, withdraw, Funds, Withdraw, payout_id)
COMMAND(51, CONFIRM_PAYOUT, confirm_payout, Funds, ConfirmPayout, result)
COMMAND(52, INTERCEPT_PAYOUT, intercept_payout, Funds, InterceptPayout, result)
COMMAND(60, PLACE_HOLD, place_hold, Hold, PlaceHold, hold_id)
COMMAND(61, CONFIRM_HOLD, confirm_hold, Hold, ConfirmHold, result)
COMMAND(62, CANCEL_HOLD, cancel_hold, Hold, CancelHold, result)
COMMAND(65, PLACE_FREEZE, place_freeze, Freeze, PlaceFreeze, freeze_id)
COMMAND(66, LIFT_FREEZE, lift_freeze, Freeze, LiftFreeze, result)
COMMAND(70, EXPIRE, expire, Funds, Expire, result)
COMMAND(80, REVERSE, reverse, Correction, Reverse, result)
COMMAND(81, PROPOSE_ADJUSTMENT, propose_adjustment, Correction, ProposeAdjustment, adjustment_id)
COMMAND(82, APPROVE_ADJUSTMENT, approve_adjustment, Correction, ApproveAdjustment, result)
COMMAND(83, WITHDRAW_ADJUSTMENT, withdraw_adjustment, Correction, WithdrawAdjustment, result)
COMMAND(90, CREATE_CALLER, create_caller, Caller, CreateCaller, caller_id)
COMMAND(91, UPDATE_CALLER, update_caller, Caller, UpdateCaller, result)
/* clang-format on */

#undef COMMAND
#undef COMMAND_BARE
