/* random_picks.h: what random commands are made of, and those that are made in files of their own.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_RANDOM_PICKS_H
#define VSL_TESTS_ENGINE_RANDOM_PICKS_H

#include "command/command.h"
#include "naive_model.h"
#include "support/random.h"

enum {
    LEDGERS_MOST = 20,
    MEMBERS_MOST = 200,
    ACCOUNTS_MOST = 1000,
    OPEN_ACCOUNTS_MOST = 320,
    LARGE_LEDGER = 2,
    PAYEES_MOST = 5,
};

/* A rule that will be in force long after the history, and a name that no ledger has a rule for. */
#define RULE_OF_LATER "later"
#define RULE_THAT_IS_NOT "none"

/* No more members and accounts are opened then: what comes is refused. */
bool pick_is_full(const struct naive_model *model);

int64_t pick_no_such_id(struct random *random, int last);
/* Where to begin to look among so many, so that one that does not serve is not tried for ever. */
int64_t pick_start(struct random *random, int count);
int64_t pick_ledger(struct random *random, const struct naive_model *model);
int64_t pick_account(struct random *random, const struct naive_model *model, int64_t ledger);
/* One that owes, rather a recent debt's; else any. */
int64_t pick_debtor(struct random *random, const struct naive_model *model, int64_t ledger);
/* An account of the ledger of this kind; of FEE any. */
int64_t pick_account_of_kind(
    struct random *random, const struct naive_model *model, int64_t ledger, enum account_kind kind);
/* One of a member that can be closed, when there is one. */
int64_t pick_empty_account(struct random *random, const struct naive_model *model, int64_t ledger);
int64_t pick_member(struct random *random, const struct naive_model *model, int64_t ledger);
int64_t pick_payout(struct random *random, const struct naive_model *model, int64_t ledger);

int64_t pick_clamp(int64_t amount);
int64_t pick_amount(struct random *random, int64_t ledger);
/* An amount that comes in: at times exactly what the escrow account can still hold, or one more. */
int64_t pick_amount_in(struct random *random, const struct naive_model *model, int64_t ledger);
/* An amount that an account gives: at times exactly what it has, or one more or less. */
int64_t pick_amount_out(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t account);
/* What is left, one more, or a part of it. */
int64_t pick_part(struct random *random, int64_t rest);
int64_t pick_fee(struct random *random, int64_t *amount);

struct text pick_order(struct random *random);
/* Mostly the name of a rule that the ledger has. */
struct text pick_rule(struct random *random, const struct naive_model *model, int64_t ledger);
const char *pick_rule_name(struct random *random);
/* The platform's own account, or at times another. */
struct party pick_party(struct random *random, const struct naive_model *model, int64_t ledger);
struct party pick_some_party(struct random *random);
/* Shares `amount` out among some payees; their count. */
uint32_t pick_payees(struct random *random, const struct naive_model *model, int64_t ledger,
    int64_t payer, int64_t amount, struct payee ret_payees[PAYEES_MOST]);

/* ---- random_identities.c ---- */

struct command random_identify(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us);

/* ---- random_funds.c ---- */

struct command random_receipt(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_set_terms(struct random *random, int64_t ledger);
/* No fee, one that is agreed, or one by a rule. */
void random_set_fee(struct random *random, const struct naive_model *model, int64_t ledger,
    int64_t fee, struct text *rule, int64_t *fee_minor, int32_t *bearer);
struct command random_pay(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_withdraw(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_correction(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_confirm_payout(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_set_rule(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_open_fee_account(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_collect_fees(
    struct random *random, const struct naive_model *model, int64_t ledger);

/* ---- random_holds.c ---- */

struct command random_place_hold(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us);
struct command random_confirm_hold(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_cancel_hold(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_place_freeze(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us);
struct command random_lift_freeze(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_expire(
    struct random *random, const struct naive_model *model, int64_t ledger);

/* ---- random_corrections.c ---- */

struct command random_refund(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_reverse(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_allocate(
    struct random *random, const struct naive_model *model, int64_t ledger);
int64_t pick_item(struct random *random, const struct naive_model *model, int64_t ledger);
int64_t pick_promise(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_return_suspense(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_undo_allocation(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_adjust(
    struct random *random, const struct naive_model *model, int64_t ledger);

/* ---- random_debts.c ---- */

/* When a payee has nothing and PLATFORM_OWN would advance: the refund that makes one more debt.
 * False when there is no such payee. */
bool random_pile_debts(
    struct random *random, const struct naive_model *model, struct command *ret_command);
/* The close of an account that owes and has nothing, and the confirmation of a hold by who owes
 * more than is left; else what brings that about. False when there is nothing to do it with. */
bool random_close_debtor(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command);
bool random_confirm_owed(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command);

/* ---- random_lumps.c ---- */

struct command random_open_statement(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_statement_line(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_close_statement(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_match(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_undo_match(
    struct random *random, const struct naive_model *model, int64_t ledger);
/* A receipt of the ledger that a match has, which may be undone; else 0. */
int64_t pick_matched_receipt(
    struct random *random, const struct naive_model *model, int64_t ledger);
/* One that was accepted, and is of the ledger, mostly. */
int64_t pick_receipt(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_open_lump(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_allocate_line(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_close_lump(
    struct random *random, const struct naive_model *model, int64_t ledger);

/* ---- random_acquirers.c ---- */

/* Its opening, or a change of its terms. */
struct command random_acquirer(
    struct random *random, const struct naive_model *model, int64_t ledger, enum command_kind kind);
struct command random_promise(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_cancel_promise(
    struct random *random, const struct naive_model *model, int64_t ledger);

/* Deny lists and hits. */
int64_t pick_denied(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_add_denied(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us);
struct command random_decide_hit(
    struct random *random, const struct naive_model *model, int64_t ledger);

/* Mostly one that is live; the commands about it. */
int64_t pick_claim(struct random *random, const struct naive_model *model, int64_t ledger);
int64_t pick_product(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_open_product(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_close_product(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_subscribe(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_redeem(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_publish_price(
    struct random *random, const struct naive_model *model, int64_t ledger);
int64_t pick_feedback(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_open_feedback(struct random *random, int64_t ledger, int64_t now_us);
struct command random_give_feedback(
    struct random *random, const struct naive_model *model, int64_t ledger);
/* The command with a paper, at times with a deadline of its own. */
struct command random_deadline(struct random *random, int64_t now_us, struct command command);
struct command random_place_claim(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us);
struct command random_continue_claim(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us);
struct command random_deduct_claim(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_release_claim(
    struct random *random, const struct naive_model *model, int64_t ledger);

/* Mostly one that is bound; the commands about it. */
int64_t pick_card(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_bind_card(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_card(
    struct random *random, const struct naive_model *model, int64_t ledger, enum command_kind kind);

struct command random_open_settlement(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_line(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_close_settlement(
    struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_close_difference(
    struct random *random, const struct naive_model *model, int64_t ledger);

/* Mostly as it is; at times what meets an answer that commands at random seldom meet. */
struct command random_seldom(
    struct random *random, const struct naive_model *model, int64_t now_us, struct command command);
/* One of the last that are active. */
int64_t pick_mandate(struct random *random, const struct naive_model *model, int64_t ledger);
struct command random_grant_mandate(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us);
/* Mostly as it is; a payment or withdrawal at times by a mandate, and as it allows. */
struct command random_by_mandate(
    struct random *random, const struct naive_model *model, struct command command);
/* Mostly none. */
struct command random_set_proof_policy(struct random *random, int64_t ledger);
/* Mostly as it is; at times with a proof that is right, or nearly. */
struct command random_proof(
    struct random *random, const struct naive_model *model, int64_t now_us, struct command command);

/* The channel of a command: of a few, at times this one. */
struct command random_by(struct random *random, const char *channel, struct command command);
/* When something is to end: mostly soon, at times now or never. */
int64_t random_end(struct random *random, int64_t now_us);

/* Of few kinds. */
struct command random_set_policy(struct random *random, int64_t ledger);
struct command random_set_account_policy(struct random *random, int64_t ledger);
/* Of `inside`, or of another one when that cannot be proposed. */
struct command random_proposal(struct random *random, const struct naive_model *model,
    int64_t ledger, int64_t now_us, const struct command *inside);
/* The command that is approved, when it can be. */
struct command random_approval(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us);
struct command random_withdraw_proposal(
    struct random *random, const struct naive_model *model, int64_t ledger);

#endif
