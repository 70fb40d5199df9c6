/* commands.h: commands as one line of a test each.
 *
 * Texts must outlive the command; string constants do. Every command has a key of its own date
 * TEST_DATE, see command_on for others.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_COMMANDS_H
#define VSL_TESTS_ENGINE_COMMANDS_H

#include "command/command.h"
#include "model/records.h"

/* What a reference that nothing frees begins with: that of a proof. */
#define PROOF_MARK '\2'

/* 2026-11-22 in days. */
#define TEST_DATE 20779

/* An unchecked one. */
struct command make_open_ledger(const char *receiving_prefix, int32_t first_date, int32_t window);
struct command make_close_ledger(int64_t ledger_id);
struct command make_cut_day(int64_t ledger_id, int32_t date);
struct command make_open_member(int64_t ledger_id, const char *platform_member_id);
struct command make_close_member(int64_t ledger_id, int64_t member_id);
struct command make_open_account(int64_t ledger_id, int64_t member_id);
struct command make_close_account(int64_t ledger_id, int64_t account_id);
struct command make_restrict(int64_t ledger_id, int64_t account_id, bool no_in, bool no_out);
/* What stays of another owner's restriction. */
struct command make_lift_of(
    int64_t ledger_id, int64_t account_id, const char *owner, bool no_in, bool no_out);
struct command make_receipt(int64_t ledger_id, int64_t account_id, int64_t amount);
/* A receipt with the bank's reference of the movement. */
struct command with_reference(const char *reference, struct command receipt);
struct command make_receipt_by_number(int64_t ledger_id, const char *number, int64_t amount);
struct command make_interest(int64_t ledger_id, int64_t account_id, int64_t amount);
struct command make_fee(int64_t ledger_id, int64_t account_id, int64_t amount);
struct command make_pay(
    int64_t ledger_id, int64_t payer, int64_t payee, int64_t amount, int64_t fee);
/* One payer, many payees, which are copied. The copies, and the payee of make_pay, are valid until
 * some thousand more are made. */
struct command make_split(int64_t ledger_id, int64_t payer, const struct payee *payees,
    uint32_t payee_count, int64_t fee);
/* fee_mode: enum fee_mode, 0 without a fee. */
struct command make_withdraw(
    int64_t ledger_id, int64_t account_id, int64_t amount, int64_t fee, int32_t fee_mode);
/* result: enum payout_result. */
struct command make_confirm(int64_t ledger_id, int64_t payout_id, int32_t result);

/* proofs.c: where the proof of its customer's instruction stands; NULL: its kind has none. */
struct instruction_proof *proof_in(struct command *command);
/* With a right one, by a code, that is valid at any time. What it is bound to is as the command is
 * now. */
struct command with_proof(const char *reference, struct command command); /* no fee by a rule */

/* Of a payee's account, or, where that is 0, of a card; from now on, five times. */
struct command make_mandate(int64_t ledger_id, int64_t account, int64_t payee, int64_t card,
    int64_t each, int64_t total, int64_t expires_at_us);
struct command make_end_mandate(int64_t ledger_id, int64_t mandate_id);
/* A payment or withdrawal by a mandate. */
struct command by_mandate(int64_t mandate_id, struct command command);
/* From this place of a file whose SHA-256 is made of the reference; "" is none. */
struct command make_open_statement(int64_t ledger_id, const char *reference, int32_t position,
    int64_t opening, int64_t closing, int32_t count);
struct command make_statement_line(
    int64_t ledger_id, int64_t statement_id, const char *key, int32_t ordinal, int64_t amount);
struct command make_close_statement(int64_t ledger_id, int64_t statement_id);
struct command make_cancel_statement(int64_t ledger_id, int64_t statement_id);
struct command make_take_statement(int64_t ledger_id, int64_t statement_id); /* as it stands */
/* By MANUAL; one of payout and receipt is 0. */
struct command make_match(
    int64_t ledger_id, int64_t line_id, int64_t payout_id, int64_t receipt, int64_t amount);
struct command make_undo_match(int64_t ledger_id, int64_t match_id);

struct command make_proof_policy(
    int64_t ledger_id, const struct proof_rule_asked *rules, uint32_t rule_count);

struct command make_set_terms(
    int64_t ledger_id, struct party own_account, bool advance_refunds, int32_t payout_return_days);
/* Who a member is: a person by a citizen's card, a company by its code, with the same person for
 * it; valid since before TEST_DATE and until `until`, days; 0: without end. */
struct command make_identify(
    int64_t ledger_id, int64_t member_id, const char *name, const char *number, int32_t until);
struct command make_identify_company(
    int64_t ledger_id, int64_t member_id, const char *name, const char *number);
struct command make_open_merchant(int64_t ledger_id, const char *platform_member_id);
/* Whether a person may have several members of a kind; no other term. */
struct command make_one_membership(int64_t ledger_id, bool one_membership);
struct command make_same_card(int64_t ledger_id, bool same_card);
/* By the card, 0: as the server chooses; no destination. */
struct command make_withdraw_by_card(
    int64_t ledger_id, int64_t account_id, int64_t amount, int64_t card_id);
struct command make_suspense_age(int64_t ledger_id, int32_t age_s); /* and no other term */
/* No account for an empty name. */
struct party party_of(const char *name, const char *account_number);
/* Rounds half up; fees of refunds come back in proportion, of payouts that failed wholly, of those
 * that returned not. Shares and other manners are set by the caller. Tiers must outlive it. */
struct command make_fee_rule(int64_t ledger_id, const char *name, int32_t effective_date,
    const struct fee_tier *tiers, uint32_t tier_count);
struct command make_open_fee_account(int64_t ledger_id);
struct command make_collect_fees(
    int64_t ledger_id, int64_t account_id, int64_t amount, const char *fee_rule);
/* Money from the payer with this name and number. */
struct command make_receipt_from(
    int64_t ledger_id, int64_t account_id, int64_t amount, struct party payer);

/* Everything that is left, or what each payee gives; the payees are copied as by make_split. */
struct command make_refund(int64_t ledger_id, int64_t original_sequence, const char *order_number,
    const struct payee *payees, uint32_t payee_count);
struct command make_reverse(int64_t ledger_id, int64_t original_sequence);

/* Its list is valid until 63 more were made. */
struct command make_reveal(
    int64_t ledger_id, const int64_t *sequences, uint32_t count, const char *field);
struct command make_place_hold(int64_t ledger_id, int64_t payer, int64_t amount,
    const char *order_number, int64_t expires_at_us);
struct command make_confirm_hold(int64_t ledger_id, int64_t payer, const char *order_number,
    int64_t hold_id, const struct payee *payees, uint32_t payee_count);
struct command make_cancel_hold(
    int64_t ledger_id, int64_t payer, const char *order_number, int64_t hold_id, int64_t amount);
struct command make_place_freeze(int64_t ledger_id, int64_t account_id, int64_t amount,
    const char *purpose, int64_t expires_at_us);
struct command make_lift_freeze(int64_t ledger_id, int64_t freeze_id, int64_t amount);
struct command make_expire(int64_t ledger_id, enum expiry_kind kind, int64_t id);

struct command make_return(int64_t ledger_id, int64_t payout_id, int64_t amount);
/* Sets a wrong word of the bank right. */
struct command make_correction(
    int64_t ledger_id, int64_t payout_id, int32_t result, int64_t back_minor);
struct command make_intercept(int64_t ledger_id, int64_t payout_id);

/* Alone it is refused: see by_approval, stage_by_two. */
struct command make_allocate(
    int64_t ledger_id, int64_t suspense_id, const struct payee *payees, uint32_t payee_count);
struct command make_undo_allocation(int64_t ledger_id, int64_t suspense_id,
    int64_t original_sequence, const struct payee *payees, uint32_t payee_count);
struct command make_bind_card(
    int64_t ledger_id, int64_t member_id, enum card_kind kind, const char *number);
/* By a small amount: 17 is to be paid. */
struct command make_check_card(int64_t ledger_id, int64_t card_id, enum card_check_way way);
struct command make_confirm_card(
    int64_t ledger_id, int64_t card_id, int64_t check, enum card_check_result result);
struct command make_card_amount(int64_t ledger_id, int64_t card_id, int64_t amount);
struct command make_unbind_card(int64_t ledger_id, int64_t card_id);
struct command make_replace_card(int64_t ledger_id, int64_t card_id, int64_t new_card_id);

/* What is listed is a name, a citizen's number, or an account's. */
struct command make_deny_name(int64_t ledger_id, const char *name, int64_t expires_at_us);
struct command make_deny_document(int64_t ledger_id, const char *number, int64_t expires_at_us);
struct command make_deny_account(int64_t ledger_id, const char *number, int64_t expires_at_us);
struct command make_end_denied(int64_t ledger_id, int64_t denied_id);
struct command make_decide_hit(int64_t ledger_id, int64_t hit_id, enum hit_decision decision);

/* Of one account, or with account 0 of the member's all; amount 0: the account itself. By the court
 * "C-1" for a year but a day; whom it names is the caller's. */
struct command make_place_claim(
    int64_t ledger_id, int64_t account_id, int64_t member_id, int64_t amount);
/* The same of another organ. `ends`: days. */
struct command claim_by(enum claim_authority authority, enum claim_ground ground, const char *organ,
    int32_t ends, struct command place);
struct command make_continue_claim(
    int64_t ledger_id, int64_t claim_id, const char *organ, int32_t ends);
/* To the organ; to a victim; and a claim that deducts what it covers. */
struct command make_deduct_claim(
    int64_t ledger_id, int64_t claim_id, const char *organ, int64_t amount);
struct command make_return_to_victim(
    int64_t ledger_id, int64_t claim_id, const char *organ, int64_t amount);
struct command and_deduct(struct command place);
struct command make_release_claim(
    int64_t ledger_id, int64_t claim_id, const char *organ, int64_t amount);
/* A request that claims nothing, to be answered by then, 0: as usual; and that it was answered. */
struct command make_open_feedback(int64_t ledger_id, const char *organ, int64_t answer_by_us);
struct command make_give_feedback(int64_t ledger_id, int64_t feedback_id, const char *organ);
/* The command with a paper, to be answered by then. */
struct command answered_by(struct command command, int64_t answer_by_us);
struct command make_open_lump(int64_t ledger_id, int64_t suspense_id, int64_t count, int64_t total);
struct command make_line(
    int64_t ledger_id, int64_t lump_id, const char *source_order, int64_t account, int64_t amount);
struct command make_close_lump(int64_t ledger_id, int64_t lump_id);
struct command make_cancel_lump(int64_t ledger_id, int64_t lump_id);
struct command make_close_as_it_stands(int64_t ledger_id, int64_t lump_id);
struct command make_undo_line(
    int64_t ledger_id, int64_t suspense_id, int64_t lump_id, int64_t original_sequence);
struct command make_return_suspense(
    int64_t ledger_id, int64_t suspense_id, int64_t original_sequence, int64_t amount);
struct command make_adopt(int64_t ledger_id, int64_t amount, int64_t original_sequence);
/* Of two decimals, half up both ways, what is left stays with the issuer, confirmed. */
struct command make_open_product(int64_t ledger_id, const char *code, int64_t cash_account_id);
/* The same, settled at once. */
struct command at_once(int32_t unit_rounding, int32_t rest, struct command open);
struct command make_subscribe(
    int64_t ledger_id, int64_t account_id, int64_t product_id, int64_t amount);
struct command make_redeem(
    int64_t ledger_id, int64_t account_id, int64_t product_id, int64_t units);
struct command make_close_product(int64_t ledger_id, int64_t product_id);
struct command make_price(int64_t ledger_id, int64_t product_id, int32_t date, int64_t price_e8,
    int64_t corrects_price_id);
struct command make_open_acquirer(
    int64_t ledger_id, const char *name, int32_t days, const char *fee_rule, int64_t ceiling);
struct command make_set_acquirer(
    int64_t ledger_id, int64_t acquirer_id, int32_t days, const char *fee_rule, int64_t ceiling);
struct command make_promise(int64_t ledger_id, int64_t acquirer_id, int64_t account_id,
    int64_t amount, const char *reference);
struct command make_cancel_promise(int64_t ledger_id, int64_t promise_id, int64_t amount);
struct command make_open_settlement(
    int64_t ledger_id, int64_t acquirer_id, int64_t suspense_id, int32_t lines, int64_t total);
struct command make_settle_line(
    int64_t ledger_id, int64_t settlement_id, int64_t promise_id, int64_t gross, int64_t fee);
/* Of a line: by the reference of its promise; and one after which more will come. */
struct command line_of_reference(const char *reference, struct command line);
struct command partial_line(struct command line);
struct command make_close_settlement(int64_t ledger_id, int64_t settlement_id);
struct command make_abandon(int64_t ledger_id, int64_t settlement_id, int64_t suspense_id);
/* `named`: the promise, or the item, of the ends that name one. */
struct command make_close_difference(
    int64_t ledger_id, int64_t difference_id, enum difference_end end, int64_t named);
struct command make_adjust(int64_t ledger_id, int64_t debit, int64_t credit, int64_t amount);
/* The same adjustment with a paper that allows it in spite of restrictions. */
struct command with_paper(struct command command);
/* Of a kind that only journals of before 0.3.0 have accepted. */
struct command make_of_before(enum command_kind kind, int64_t ledger_id);
/* The command, which has no key and ledger of its own then, for another one to approve; copied as
 * the payees of make_split are. */
struct command make_proposal(
    int64_t ledger_id, const struct command *command, int64_t expires_at_us);
struct command make_approval(int64_t ledger_id, int64_t proposal_id);
struct command make_withdraw_proposal(int64_t ledger_id, int64_t proposal_id);
/* The account policy; a custom one has levels. */
struct command make_account_policy(int64_t ledger_id, enum account_policy_preset preset);
struct command make_custom_policy(int64_t ledger_id, const struct account_level_asked *merchants,
    uint32_t merchant_count, const struct account_level_asked *users, uint32_t user_count);
struct command make_policy(
    int64_t ledger_id, const struct approval_rule_asked *rules, uint32_t rule_count);
/* The same command as it is decided when another one approves that proposal. */
struct command by_approval(int64_t proposal_id, struct command command);
/* The same command sent by that caller. */
struct command command_of_caller(int64_t caller_id, struct command command);
/* An administrator of all ledgers, on any channel. */
struct command make_create_caller(const char *name);
struct command make_update_caller(int64_t caller_id, enum caller_status status);

/* The same command for an order: of a kind that has an order number. */
struct command command_of_order(const char *order_number, struct command command);
/* The same command under a key of another channel. */
struct command command_by(const char *channel, struct command command);
/* The same command under a key of another business date. */
struct command command_on(int32_t business_date, struct command command);

#endif
