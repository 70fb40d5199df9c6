/* naive.h: what the files of the naive model share; internal to it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_NAIVE_H
#define VSL_TESTS_NAIVE_H

#include "naive_model.h"

/* Wide enough for any sum of balances. */
__extension__ typedef __int128 wide;

#define NAIVE_OUTCOMES_MAX 800

/* One decision under way: the broken rules found yet, and what is known about the ledger. */
struct decision {
    struct naive_model *model;
    const struct command *command;
    int64_t now_us;
    int64_t sequence;
    int ledger; /* 0: there is none */
    int worst;  /* the refusal that comes first; 0: none yet */
    /* The number that each refusal over an amount would be decided by, the least; by outcome. */
    int64_t limits[NAIVE_OUTCOMES_MAX];
    bool has_limit[NAIVE_OUTCOMES_MAX];
    bool unallocated; /* money found no owner */
    int meant_for;    /* its owner who is gone; 0: not known */
    bool meant_for_several;
    int why_unallocated; /* of a receipt or refund */
    bool is_full;        /* who paid has as much as the account policy lets him */
    int64_t put_back;    /* into items that were there before; below 0: taken out of them */
    int lifted;          /* an account that may give again; 0: none */
    int lifted_member;   /* all of whose accounts may; 0: none */
    int of_debtors[SETTLE_OTHERS_MAX]; /* accounts of those who owe since now */
    int of_debtor_count;
    int64_t fee; /* what the command charged */
    int fee_version;
    enum outcome said;      /* what it is answered when it is accepted; 0: just that */
    const char *order;      /* of what the command changed; NULL: none */
    struct naive_past past; /* what will be remembered of it */
};

/* ---- looking ---- */

/* The one of the six. */
int naive_control_account(const struct naive_model *model, int ledger, enum account_kind kind);
/* The account with this id when it belongs to the ledger, else 0. */
int naive_account_of(const struct naive_model *model, int ledger, int64_t id);
/* The ledger's accounting date. */
int32_t naive_date_of(const struct naive_model *model, int ledger);
int64_t *naive_available_of(struct naive_model *model, int account);
bool naive_same_text(const char *a, struct text b);
struct text naive_channel_of(const struct command *command);

/* ---- deciding ---- */

void naive_broken(struct decision *d, enum outcome rule);
void naive_need(struct decision *d, bool holds, enum outcome rule);
/* The same about an amount: `limit` is what it would have had to keep to. */
void naive_need_at(struct decision *d, bool holds, enum outcome rule, int64_t limit);
/* An open account of a member of the ledger; its id, or 0 when it cannot even be found. */
int naive_need_member_account(struct decision *d, int64_t id);
void naive_need_not_restricted(struct decision *d, int account);
void naive_need_available(struct decision *d, int account, int64_t amount);
/* More money that somebody owns: all that is owned in the ledger must still be an int64. */
void naive_need_room_in_escrow(struct decision *d, int64_t amount);
/* Whether a reversal took the command back. */
bool naive_is_reversed(const struct naive_model *model, int64_t sequence);
/* What a fee account cannot give of so much, because the platform collected it; and the platform
 * gives that back to it. */
int64_t naive_collected_of(const struct decision *d, int fee, int64_t amount);
void naive_book_collected_back(struct decision *d, int fee, int64_t collected);
/* The same of all fee accounts, before so much of a fee comes back. */
void naive_fill_fee(struct decision *d, int rule, int64_t fee, int64_t before, int64_t back);
/* What the fee accounts lack to give so much of a fee back, beyond what they lack already. */
int64_t naive_fee_lacking(const struct naive_model *model, int ledger, int rule, int64_t fee,
    int64_t before, int64_t back);
/* It was proposed by one person and is approved by another. */
void naive_need_two_persons(struct decision *d);
/* The other side of PLATFORM_OWN's money. */
/* naive_fold.c: whether a payer who writes the one means the other. */
#define NAIVE_FACT_BYTES_MAX 1024
/* Writes the text as it counts, without these signs. */
void naive_rewrite(struct text text, const char *left_out, char ret_plain[NAIVE_FACT_BYTES_MAX]);
bool naive_same_number(struct text a, struct text b);
bool naive_same_name(struct text a, struct text b);
bool naive_same_reference(const char *written, struct text other);

void naive_need_own_account(struct decision *d, const struct party *party);

/* The accepted command that is named; NULL when there is none. */
const struct naive_past *naive_need_original(struct decision *d, int64_t sequence);

/* ---- changing ---- */

/* Books, and notes the posting. Nothing happens when the amount is 0. */
void naive_book(struct decision *d, int from, enum bucket from_bucket, int to,
    enum bucket to_bucket, int64_t amount);
/* So much of what the account got may be withdrawn from the next date on. */
void naive_make_later(struct decision *d, int account, int64_t amount);
int naive_add_account(struct naive_model *model, int ledger, int member, enum account_kind kind);
void naive_copy_text(char *to, struct text from);
/* Who takes money that goes back to the account: nobody is found when it was closed. */
int naive_taker(struct decision *d, int account);
/* New money of a member. */
void naive_credit(
    struct decision *d, int from, enum bucket from_bucket, int to, int64_t amount, bool next_date);
/* What the account owes, and what of its available it may give away. */
int64_t naive_owed(const struct naive_model *model, int account);
/* Whoever has the account owes since now: what it has elsewhere repays when the command ends. */
void naive_note_debtor(struct decision *d, int account);
int64_t naive_spendable(const struct naive_model *model, int account);
/* Ends an accepted command: everybody who owes and whose available it credited, or whom it allowed
 * to give again, repays, in the order of the accounts. */
void naive_settle(struct decision *d);

/* So much more of the command (account 0), or of its line for a payee, was given back. */
void naive_note_refunded(
    struct decision *d, int64_t original, int account, int64_t amount, int64_t fee);
/* What of its fee was given back, of the whole (account 0) or of a payee. */
int64_t naive_fee_back_yet(struct naive_model *model, int64_t original, int account);
/* So much more of the payout, and of its fee, was given by the platform for who could not; below 0:
 * it has that back. */
void naive_note_stand_in(struct decision *d, int payout, int64_t amount, int64_t fee);
/* What is open of the items that the command brought, or, with 0, of those of the payout; and takes
 * it out of them, the oldest first. */
int64_t naive_items_of(const struct naive_model *model, int64_t origin, int payout);
void naive_take_items(struct decision *d, int64_t origin, int payout, int64_t amount);
/* The first lump that has an item of the payout with something open; 0: none has. */
int naive_lump_of_payout(const struct naive_model *model, int payout);
/* Ends an accepted command: what it brought to UNALLOCATED and into no item makes one. */
void naive_open_item(struct decision *d);

/* What a proof that is given says is what the command says, and it was never used. */
void naive_need_proof(struct decision *d);
int64_t naive_set_proof_policy(struct decision *d);
/* naive_mandates.c: what is allowed beforehand. */
void naive_need_mandate(struct decision *d);
/* The command is remembered: what is used of each mandate by now. */
void naive_count_mandates(struct decision *d);
int64_t naive_grant_mandate(struct decision *d);
int64_t naive_end_mandate(struct decision *d);

/* ---- who members are ---- */

/* The ledger's member with this id, 0 when it has none; notes also when it is closed. */
int naive_need_member(struct decision *d, int64_t id);
int64_t naive_identify_member(struct decision *d);
int64_t naive_expire_identity(struct decision *d, int64_t id);
/* Its member is closed. */
void naive_close_identity(struct decision *d, int member);

/* ---- screening ---- */

int64_t naive_add_denied(struct decision *d);
int64_t naive_end_denied(struct decision *d);
int64_t naive_decide_hit(struct decision *d);
int64_t naive_expire_denied(struct decision *d, int64_t id);
/* Whether the party is listed; its hits, when it is a payer's. */
bool naive_is_denied(const struct decision *d, const struct party *party);
void naive_note_payer(struct decision *d, const struct party *payer);
/* Who the member is, or its new card, is looked for. */
void naive_screen_member(struct decision *d, int member);
void naive_screen_card(struct decision *d, int card);
/* Whether the item came of a payer with a hit that stands. */
bool naive_is_kept(const struct naive_model *model, int item);
bool naive_takes_none(const struct naive_model *model, int account);
bool naive_gives_none(const struct naive_model *model, int account);

/* ---- fees ---- */

/* floor(a * b / c) */
int64_t naive_share_of(int64_t a, int64_t b, int64_t c);
/* The version of the rule that is in force; 0 when the name is empty or a rule is broken. */
int naive_need_rule(struct decision *d, struct text name);
/* What each fee account gets of a fee, or gives back of it; their count. */
int naive_fee_legs(const struct naive_model *model, int ledger, int rule, int64_t fee,
    struct naive_line ret_legs[FEE_SHARES_MAX]);
/* From the account's bucket to the fee accounts. */
void naive_book_fee(struct decision *d, int rule, int from, enum bucket from_bucket, int64_t fee);
/* What comes back of a fee when `before` of it had come back: the first of the parts out of the
 * first fee accounts, to the account of each; or, not `back`, it is charged to them again. */
void naive_book_fee_parts(struct decision *d, int rule, int64_t fee, int64_t before,
    const struct naive_line *parts, int part_count, bool back);
/* The legs of what comes back of a fee when so much had come back before. */
int naive_fee_legs_back(const struct naive_model *model, int ledger, int rule, int64_t fee,
    int64_t before, int64_t back, struct naive_line ret_legs[FEE_SHARES_MAX]);

/* ---- the commands: each gives its subject, which means nothing when a rule is broken ---- */

int64_t naive_set_fee_rule(struct decision *d);
int64_t naive_open_fee_account(struct decision *d);
int64_t naive_collect_fees(struct decision *d);
int64_t naive_create_caller(struct decision *d);
int64_t naive_update_caller(struct decision *d);
int64_t naive_reveal(struct decision *d);
int64_t naive_book_receipt(struct decision *d);
int64_t naive_book_interest(struct decision *d);
int64_t naive_charge_fee(struct decision *d);
int64_t naive_pay(struct decision *d);
int64_t naive_place_hold(struct decision *d);
int64_t naive_confirm_hold(struct decision *d);
int64_t naive_cancel_hold(struct decision *d);
int64_t naive_place_freeze(struct decision *d);
int64_t naive_lift_freeze(struct decision *d);
int64_t naive_expire(struct decision *d);
int64_t naive_withdraw(struct decision *d);
int64_t naive_confirm_payout(struct decision *d);
int64_t naive_intercept_payout(struct decision *d);
int64_t naive_refund(struct decision *d);
int64_t naive_reverse(struct decision *d);
int64_t naive_propose(struct decision *d);
int64_t naive_approve(struct decision *d);
int64_t naive_withdraw_proposal(struct decision *d);
int64_t naive_expire_proposal(struct decision *d, int64_t id);
int64_t naive_set_approval_policy(struct decision *d);
/* One person may send it alone, or it was proposed by one and is approved by another. */
void naive_need_persons(struct decision *d);
/* The caller who proposed it, or sends it. */
int64_t naive_person_of(const struct command *command);
/* It is accepted, by approval. */
void naive_approved(struct decision *d);
int64_t naive_adjust(struct decision *d);
/* The fee that a payee bears out of so much that it is allocated, by the rule; 0 is none. It is
 * added to the command's. */
int64_t naive_need_payee_fee(struct decision *d, int rule, int64_t amount);
/* UNALLOCATED -> the fee accounts, the command's fee. */
void naive_book_allocation_fee(struct decision *d, int rule);
int64_t naive_allocate_suspense(struct decision *d);
int64_t naive_undo_allocation(struct decision *d);
int64_t naive_open_lump(struct decision *d);
/* naive_statements.c: the bank's statements. */
int64_t naive_open_bank_statement(struct decision *d);
int64_t naive_add_statement_line(struct decision *d);
int64_t naive_close_bank_statement(struct decision *d);
int64_t naive_match_statement_line(struct decision *d);
int64_t naive_undo_match(struct decision *d);
/* What matches that stand have of a booking (enum booking_kind). */
int64_t naive_matched(const struct naive_model *model, int of, int64_t booking);
int64_t naive_allocate_line(struct decision *d);
int64_t naive_close_lump(struct decision *d);
int naive_need_item(struct decision *d, int64_t wish);
/* No lump is open of the item; and the lump that is meant is there. */
void naive_need_free_item(struct decision *d, int item);
int naive_need_lump(struct decision *d, int64_t wish);
/* The member's account that has the number; 0: none. */
int naive_account_by_number(const struct naive_model *model, int ledger, struct text number);
int64_t naive_adopt_suspense(struct decision *d);
int64_t naive_return_suspense(struct decision *d);
void naive_set_age(struct decision *d, int64_t age_s);
int64_t naive_expire_item(struct decision *d, int64_t id);
int64_t naive_expire_promise(struct decision *d, int64_t id);
/* A ledger whose old items are gone is not flagged any more. */
void naive_clear_overdue(struct decision *d);
int64_t naive_bind_card(struct decision *d);
int64_t naive_check_card(struct decision *d);
int64_t naive_confirm_card_check(struct decision *d);
int64_t naive_confirm_card_amount(struct decision *d);
int64_t naive_unbind_card(struct decision *d);
int64_t naive_replace_card(struct decision *d);
int64_t naive_expire_card(struct decision *d, int64_t id);
/* The member is closed. */
void naive_end_cards(struct decision *d, int member);
int naive_need_member(struct decision *d, int64_t id);
/* 0: nobody has checked who the member is, 1: somebody has, 2: and a card of its. */
int naive_level_of(const struct naive_model *model, int member, int64_t now_us);
int64_t naive_set_account_policy(struct decision *d);
/* Of the new ledger, as it is opened. */
void naive_open_account_policy(struct decision *d);
void naive_begin_date(struct decision *d, int32_t from, int32_t to);
/* Whether the ledger's policy is asked about such a command. */
bool naive_may_be_forbidden(const struct naive_model *model, const struct command *command);
/* What the accepted command moved, which is booked, is allowed. */
void naive_need_policy(struct decision *d);
/* Whether so much may come in for the account. */
bool naive_policy_takes(const struct decision *d, int account, int64_t amount);
/* Whether so much of the account may leave by a withdrawal. */
bool naive_policy_lets_go(const struct decision *d, int account, int64_t amount);
/* Whether a refund of so much may stand in the account. */
bool naive_takes_back(const struct decision *d, int account, int64_t amount);
int64_t naive_source_of(const struct decision *d);
/* The command is remembered: what members used by then. */
void naive_note_usage(struct decision *d);
int64_t naive_place_claim(struct decision *d);
int64_t naive_continue_claim(struct decision *d);
int64_t naive_release_claim(struct decision *d);
int64_t naive_deduct_claim(struct decision *d);
/* The payout was changed: so is the claim that it deducts. */
void naive_deduction_changed(struct decision *d, int payout, const struct naive_payout *before);
/* All that a live claim covers, as far as a payout takes it. */
int64_t naive_deducts_at_once(const struct naive_model *model, int id);
/* What the claim that it deducts covers of its account; so much covers less of an account. */
int64_t naive_deductible(const struct naive_model *model, int payout);
void naive_uncover(struct decision *d, int account, int64_t amount);
int64_t naive_expire_claim(struct decision *d, int64_t wish);
/* naive_products.c: products and their prices. */
int64_t naive_open_product(struct decision *d);
int64_t naive_close_product(struct decision *d);
int64_t naive_publish_price(struct decision *d);
/* naive_positions.c: units that accounts hold. */
int64_t naive_subscribe(struct decision *d);
int64_t naive_redeem(struct decision *d);
bool naive_holds_units(const struct naive_model *model, int owner);
/* What is held of the product in all. */
wide naive_held(const struct naive_model *model, int product);
bool naive_is_cash_account(const struct naive_model *model, int account);

int64_t naive_open_feedback(struct decision *d);
int64_t naive_give_feedback(struct decision *d);
int64_t naive_expire_feedback(struct decision *d, int64_t wish);
/* The organ's paper about the claim came. */
void naive_ask(struct decision *d, int claim, int64_t answer_by_us);
/* What was deducted of it came back and is not claimed again. */
void naive_tell(struct decision *d, int claim);
enum { NAIVE_CLAIMS_MOST = 1000, NAIVE_DATED_BY_A_CREDIT = 8 };
/* The member's live claims in legal order; how many. */
int naive_claim_queue(
    const struct naive_model *model, int member, int ret_ids[NAIVE_CLAIMS_MOST + 1]);
/* What the claim covers of each account; the sum. */
int64_t naive_cover_parts(const struct naive_model *model, int id, int64_t *ret_parts);
/* Covers the member's claims anew and books it; so many are dated by the command. */
void naive_cover_anew(struct decision *d, int member, int dated_most);
/* Ends an accepted command: claims cover what became available. */
void naive_settle_claims(struct decision *d);
/* Whether claims let the member have one more account. */
bool naive_may_have_account(const struct naive_model *model, int member);
int64_t naive_open_acquirer(struct decision *d);
int64_t naive_set_acquirer(struct decision *d);
int64_t naive_book_promise(struct decision *d);
int64_t naive_cancel_promise(struct decision *d);
/* The acquirer does not owe so much of it any more. */
void naive_give_up(struct decision *d, int promise, int64_t amount);
int64_t naive_open_settlement(struct decision *d);
int64_t naive_settle_line(struct decision *d);
int64_t naive_close_settlement(struct decision *d);
int64_t naive_close_difference(struct decision *d);
/* Whether each acquirer of the ledger has available what has no line, or was too much. */
bool naive_acquired_is_explained(const struct naive_model *model, int ledger);
/* Whether each account of the ledger has pending in what the promises say. */
bool naive_pending_is_promised(const struct naive_model *model, int ledger);
/* What a payout's status says already, so that nothing else can become of it; 0: it is under
 * way. */
enum outcome naive_final_word(int status);
/* What comes back of its fee with this result, when `returned` is what came back of the amount. */
int64_t naive_payout_fee_back(const struct naive_model *model, const struct naive_payout *payout,
    int result, int64_t returned);
/* So much of its amount, or of its fee, comes back to who gave it. */
void naive_give_back(struct decision *d, int payout, int64_t amount);
void naive_give_fee_back(struct decision *d, int payout, int64_t amount);
/* Two persons set a wrong word of the bank right. */
int64_t naive_correct_payout(struct decision *d, int payout);
/* The bank said of the payout that it left, or that it did not: it may be the return of an item. */
void naive_note_return(struct decision *d, int payout, bool has_left);

/* ---- naive_card_flows.c ---- */

bool naive_is_user(const struct naive_model *model, int account);
/* The card that a receipt for the account counts for; `ret_why`: why it does not take it, or 0. */
int naive_source_card(struct decision *d, int account, struct text number, int *ret_why);
void naive_count_receipt(struct decision *d, int account, int card);
void naive_uncount_receipt(struct decision *d, int flow, int64_t amount);
/* By which card a withdrawal goes. */
struct naive_choice {
    int card;
    bool any;     /* the model chooses */
    bool limited; /* by what came by the card */
};
struct naive_choice naive_choose(struct decision *d, int account);
void naive_need_by_card(
    struct decision *d, int account, struct naive_choice choice, int64_t leaves);
/* Lines of cards instead of accounts. */
int naive_share_by_card(const struct naive_model *model, int account, struct naive_choice choice,
    int64_t leaves, struct naive_line ret_parts[CARDS_PER_MEMBER_MAX]);
void naive_count_payout(struct decision *d, int payout);
void naive_need_withdrawal(struct decision *d, int payout);
void naive_payout_changed(struct decision *d, int payout, const struct naive_payout *before);
bool naive_has_payout_by(const struct naive_model *model, int card);
void naive_need_takeover(struct decision *d, int card, int next);
void naive_end_flows(struct decision *d, int card, int next);

#endif
