/* naive_model.h: the rules of the subledger once more, as simply as they can be said.
 *
 * Written from the design and not from core/engine: plain arrays, linear search, sums made anew.
 * Each rule that a command breaks is noted; the answer is the broken rule that comes first by
 * precedence. Slow on purpose. Random histories are executed by both, and a difference is a bug in
 * one of them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_NAIVE_MODEL_H
#define VSL_TESTS_NAIVE_MODEL_H

#include "command/command.h"
#include "model/document.h"
#include "model/outcome.h"
#include "model/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAIVE_LEDGERS_MAX = 64,
    NAIVE_DATES_MAX = 1024,
    NAIVE_MEMBERS_MAX = 4096,
    NAIVE_ACCOUNTS_MAX = 1024,
    NAIVE_PAYOUTS_MAX = 16384,
    NAIVE_RULES_MAX = 4096,
    NAIVE_HOLDS_MAX = 16384,
    NAIVE_FREEZES_MAX = 8192,
    NAIVE_REFUNDED_MAX = 32768,
    NAIVE_DEBTS_MAX = 16384,
    NAIVE_SUSPENSE_MAX = 32768,
    NAIVE_LUMPS_MAX = 16384,
    NAIVE_STATEMENTS_MAX = 16384,
    NAIVE_STATEMENT_LINES_MAX = 16384,
    NAIVE_MATCHES_MAX = 16384,
    NAIVE_ACQUIRERS_MAX = 1024,
    NAIVE_PROMISES_MAX = 32768,
    NAIVE_SETTLEMENTS_MAX = 8192,
    NAIVE_DIFFERENCES_MAX = 16384,
    NAIVE_CARDS_MAX = 16384,
    NAIVE_MANDATES_MAX = 16384,
    NAIVE_FLOWS_MAX = 4096,
    NAIVE_DENIED_MAX = 8192,
    NAIVE_HITS_MAX = 16384,
    NAIVE_CLAIMS_MAX = 16384,
    NAIVE_FEEDBACK_MAX = 32768,
    NAIVE_PRODUCTS_MAX = 1024,
    NAIVE_PRICES_MAX = 16384,
    NAIVE_POSITIONS_MAX = 4096,
    NAIVE_CALLERS_MAX = 4096,
    NAIVE_PROPOSALS_MAX = 4096,
    NAIVE_INSIDE_BYTES_MAX = 256,
    NAIVE_PAST_MAX = 262144,
    NAIVE_MOVES_MAX = 1048576,
    NAIVE_LINES_MAX = 524288,
    NAIVE_REFERENCE_BYTES_MAX = 40,
    NAIVE_IDENTITIES_MAX = 16384,
    NAIVE_NAME_BYTES_MAX = 64,
    NAIVE_NUMBER_BYTES_MAX = 33,
};

/* Texts are NUL-ended here. */
struct naive_party {
    char name[OWN_NAME_BYTES_MAX + 1];
    char account_number[ACCOUNT_NUMBER_BYTES_MAX + 1];
    char bank_code[BANK_CODE_BYTES_MAX + 1];
};

struct naive_ledger {
    char platform_name[PLATFORM_NAME_BYTES_MAX + 1];
    char escrow_account_number[ACCOUNT_NUMBER_BYTES_MAX + 1];
    char currency[4];
    char receiving_prefix[RECEIVING_PREFIX_DIGITS_MAX + 1];
    int32_t dates[NAIVE_DATES_MAX]; /* every accounting date that it ever had, oldest first */
    int date_count;
    int window;        /* accounting dates whose keys are taken */
    int first_account; /* id of ESCROW */
    bool closed;
    struct naive_party own; /* no number: none is set */
    bool advances;
    int return_days;
    int64_t age_s;       /* so long may money be in UNALLOCATED; 0: ever so long */
    int64_t overdue_us;  /* when the ledger was flagged; 0: it is not */
    int overdue_item;    /* the oldest one then */
    bool one_membership; /* a person has one open member of each kind */
    bool same_card;      /* money leaves by the card that it came by */
    int watch;           /* id of the record of these; 0: none was ever named */
    int64_t watch_changed;
    int policy; /* its id; 0: none was ever set */
    int policy_count;
    int64_t policy_changed;
    int policy_kinds[APPROVAL_RULES_MAX];
    int64_t policy_above[APPROVAL_RULES_MAX];
    int account_policy; /* its id; 0: none was ever set */
    int preset;
    bool has_levels; /* it asks for something */
    int64_t account_policy_changed;
    int64_t levels[2][3][8]; /* by kind of member less one, and level: struct account_level */
    /* Commands after these count, by kind of member less one; 0: none does. */
    int64_t counted_since[2], began_date[2], began_year[2];
    int proof_policy; /* its id; 0: none was ever set */
    int proof_count;
    int64_t proof_changed;
    struct proof_rule_asked proof_rules[PROOF_RULES_MAX];
};

struct naive_member {
    int ledger;
    int kind;
    bool closed;
    int usage; /* its id; 0: nothing was ever counted */
    int64_t usage_changed;
    int32_t usage_date;
    int64_t used[4]; /* then: in and out of the date, in and out of the year */
    char platform_id[PLATFORM_MEMBER_ID_BYTES_MAX + 1];
};

/* One person at one member. */
struct naive_identity {
    int ledger, member, person;
    int subject, document, level, status;
    int64_t checked, changed; /* sequences */
    int32_t until, recheck;   /* days; 0: none */
    bool noticed;
    char number[DOCUMENT_NUMBER_BYTES_MAX + 1];
    char name[NAIVE_NAME_BYTES_MAX], representative[NAIVE_NAME_BYTES_MAX];
    char handler[NAIVE_NAME_BYTES_MAX];
    int representative_document, handler_document;
    char representative_number[DOCUMENT_NUMBER_BYTES_MAX + 1];
    char handler_number[DOCUMENT_NUMBER_BYTES_MAX + 1];
};

/* Of one owner; free when it restricts nothing. */
struct naive_restriction {
    char owner[CHANNEL_BYTES_MAX + 1];
    int64_t caller;
    bool no_in;
    bool no_out;
    int64_t placed, changed; /* sequences */
};

struct naive_account {
    int64_t balance[BUCKET_COUNT];
    int64_t cover;           /* by claims, a part of frozen */
    int64_t deducting;       /* a part of pending out */
    int deductions, stops;   /* ever */
    int64_t next_date_minor; /* came in on next_date, to be withdrawn from the date after it on */
    int32_t next_date;
    int ledger;
    int member; /* 0: no member's */
    int kind;
    bool closed;
    bool no_in;
    bool no_out;
    struct naive_restriction restrictions[RESTRICTIONS_PER_ACCOUNT_MAX];
};

struct naive_payout {
    int64_t amount, fee, returned, fee_returned;
    int64_t own, own_fee; /* given by the platform for who could not, and not had back */
    int64_t requested, evidence, changed; /* sequences */
    int ledger;
    int account;
    int bearer; /* account; 0: no fee */
    int rule;   /* 0: none */
    int item;   /* that it returns to its sender; 0: it is a withdrawal */
    int card;   /* that it is counted for; 0: none */
    int claim;  /* that it deducts; 0: none */
    int status;
    int32_t return_until;
    char order[ORDER_NUMBER_BYTES_MAX + 1];
};

struct naive_rule {
    int ledger;
    int version;
    int32_t date;
    int rounding, refund, on_failed, on_returned;
    int tier_count, share_count;
    struct fee_tier tiers[FEE_TIERS_MAX];
    struct fee_share shares[FEE_SHARES_MAX];
    int64_t changed;
    char name[FEE_RULE_NAME_BYTES_MAX + 1];
};

struct naive_hold {
    int64_t amount, confirmed, cancelled;
    int64_t expires_us;
    int64_t placed, changed; /* sequences */
    int ledger;
    int payer;
    int status;
    char order[ORDER_NUMBER_BYTES_MAX + 1];
};

struct naive_freeze {
    int64_t amount, lifted;
    int64_t expires_us; /* 0: never */
    int64_t placed, changed;
    int64_t person; /* the caller who wanted it; 0: not known */
    int ledger;
    int account;
    int status;
    char purpose[PURPOSE_BYTES_MAX + 1];
    char owner[CHANNEL_BYTES_MAX + 1];
};

struct naive_refunded {
    int64_t original; /* sequence */
    int64_t amount, fee;
    int64_t reversed; /* sequence; 0: not */
    int64_t changed;
    int ledger;
    int account; /* 0: the whole */
};

struct naive_debt {
    int64_t amount, recovered;
    int64_t refund, changed; /* sequences */
    int ledger;
    int account;
    int status;
};

/* Money in UNALLOCATED. */
struct naive_suspense {
    int64_t amount, allocated, reversed, returning, returned;
    int64_t opened_us;
    int64_t origin, changed; /* sequences */
    int ledger;
    int account; /* that it was meant for; 0: none, or several */
    int payout;
    int return_payout; /* the last one back to the sender */
    int reason;
    int32_t date;
};

/* A sum for many. */
struct naive_statement {
    int ledger;
    int64_t number, missing;
    int64_t opening, closing, sum;
    int64_t opened, closed, changed;
    int64_t first_line, last_line;
    int from, to, date;
    int count, lines, last, position;
    int status; /* enum bank_statement_status */
    bool gap;
    char reference[STATEMENT_REFERENCE_BYTES_MAX + 1], sha256[FILE_SHA256_BYTES + 1];
};

struct naive_statement_line {
    int ledger, statement;
    int64_t amount, added, changed;
    int64_t matched; /* without sign */
    int ordinal, booked, valued;
};

struct naive_match {
    int ledger, line;
    int of; /* enum booking_kind */
    int64_t booking, amount, made, undone;
};

struct naive_lump {
    int64_t count, total;    /* that were promised */
    int64_t got_count, got;  /* and are there */
    int64_t opened, changed; /* sequences */
    int ledger, item, status;
    bool whole; /* all or nothing */
    int32_t date;
};

struct naive_acquirer {
    int64_t ceiling, changed;
    int ledger, account;
    int days;
    char name[ACQUIRER_NAME_BYTES_MAX + 1], rule[FEE_RULE_NAME_BYTES_MAX + 1];
    bool keeps_fee, next_date, stopped;
};

struct naive_promise {
    int64_t amount, kept, fee, settled, cancelled;
    int64_t booked, changed; /* sequences */
    int64_t told_late;       /* us; 0: not yet */
    int ledger, acquirer, account;
    int rule;
    int32_t due; /* date */
    bool disputed;
    char reference[PROMISE_REFERENCE_BYTES_MAX + 1], order[ORDER_NUMBER_BYTES_MAX + 1];
};

struct naive_settlement {
    int64_t total, settled, returned;
    int64_t opened, changed; /* sequences */
    int ledger, acquirer, item;
    int lines, lines_done;
    int32_t date;
    bool closed, abandoned;
};

struct naive_difference {
    int64_t amount;
    int64_t line, closed, changed; /* sequences; closed 0: it is open */
    int ledger, acquirer, settlement, item, promise, account;
    int kind, end;
    int32_t date;
    bool missing;
    char reference[PROMISE_REFERENCE_BYTES_MAX + 1], order[ORDER_NUMBER_BYTES_MAX + 1];
};

/* A bank card, or a company's account. */
struct naive_card {
    int64_t bound, check, checked, changed; /* sequences */
    int64_t check_ends_us;
    int amount; /* that was paid for the check under way */
    int ledger, member;
    int kind, status, way, reason;
    int successor;      /* the card that took its place */
    int checks, wrong;  /* on `date`; in a row */
    int32_t date, lock; /* dates */
    bool main;
    char number[NAIVE_NUMBER_BYTES_MAX], bank[BANK_CODE_BYTES_MAX + 1];
};

/* What an account did with a card. */
struct naive_flow {
    int64_t in, out, pending, moved;
    int64_t since;                  /* something is owed; 0: nothing is */
    int64_t opened, ended, changed; /* sequences */
    int ledger, account, card;
    int successor; /* the flow that took over */
};

/* What is listed: one of the three. */
struct naive_denied {
    int ledger, document, source, status;
    int64_t ends_us, listed, changed, caller;
    char channel[CHANNEL_BYTES_MAX + 1];
    char name[NAIVE_NAME_BYTES_MAX], number[DOCUMENT_NUMBER_BYTES_MAX + 1];
    char account[NAIVE_NUMBER_BYTES_MAX];
};

/* Who was found: a member, or a receipt's payer. */
struct naive_hit {
    int ledger, denied, member, card, status;
    int64_t found, decided, changed, caller;
    char channel[CHANNEL_BYTES_MAX + 1];
};

/* A court's, or another organ's. */
struct naive_claim {
    int64_t limit, released, deducted, deducting;
    int64_t ends_us;                          /* 0: never */
    int64_t placed, told, effective, changed; /* sequences */
    int ledger, member, account;              /* account 0: all */
    int authority, ground, status, continued;
    int32_t day;
    bool whole, fruits, secret, noticed;
    char organ[AUTHORITY_CODE_BYTES_MAX + 1];
};

/* A product of which accounts hold units, and a version of its price. */
struct naive_product {
    int64_t changed;
    int ledger, account, cash, kind, scale;
    bool units_down, money_down, rest_back, at_once, closed;
    char code[PRODUCT_CODE_BYTES_MAX + 1];
};

struct naive_price {
    int64_t price, published, changed;
    int product, version;
    int32_t date;
    bool replaced;
};

/* What an account holds of a product: its units are those of `account`. */
struct naive_position {
    int64_t opened;
    int owner, product, account;
};

/* What an organ is told of a request. */
struct naive_feedback {
    int64_t due_us, asked, given, changed;
    int ledger, claim; /* claim 0: of none */
    bool noticed;
    char organ[AUTHORITY_CODE_BYTES_MAX + 1];
};

struct naive_proposal {
    int ledger;
    int kind;
    int64_t amount;
    int64_t expires_us, proposed_us, decided_us;
    int64_t proposed, decided, changed;
    int64_t maker, approver; /* callers */
    char maker_channel[CHANNEL_BYTES_MAX + 1], approver_channel[CHANNEL_BYTES_MAX + 1];
    int status;
    int inside_length; /* of what is proposed, as in struct propose */
    unsigned char inside[NAIVE_INSIDE_BYTES_MAX];
};

struct naive_caller {
    char name[CALLER_NAME_BYTES_MAX + 1];
    bool front, adapter, reconciliation, judicial, operator_, approver, platform, auditor;
    bool administrator;
    bool all_ledgers, any_channel;
    int ledger_count, channel_count;
    int64_t ledgers[CALLER_LEDGERS_MAX];
    char channels[CALLER_CHANNELS_MAX][CHANNEL_BYTES_MAX + 1];
    bool suspended;
    int64_t changed; /* sequence */
};

/* One posting. */
struct naive_move {
    int64_t amount;
    int from, to;
    enum bucket from_bucket, to_bucket;
    int64_t later; /* of the amount, what became the receiver's to withdraw from the next date on */
};

/* What a payment had for one payee: the amount before the fee that he bore. */
struct naive_line {
    int64_t amount;
    int64_t fee;
    int account;
};

struct naive_mandate {
    int ledger, account, payee;
    int64_t card;
    int64_t each, total, used;
    int64_t starts_us, expires_us;
    int64_t granted, ended, changed;
    int count, used_count;
    int status; /* enum mandate_status */
};

/* What is remembered of an accepted command, for refunds and reversals. */
struct naive_past {
    int kind; /* 0: there is no accepted command with this sequence */
    int ledger;
    int payer; /* of a payment or a confirm */
    int rule;
    int item;    /* of an allocation */
    int lump;    /* of a line of one */
    int payout;  /* of a return */
    int flow;    /* that counted a receipt */
    int mandate; /* by which it was, 0: none; what its account lost then */
    int64_t lost;
    bool has_sender; /* a receipt from an account */
    int first_move, move_count;
    int64_t source; /* the command that moved it first: itself, or what it takes back */
    int first_line, line_count;
    int32_t date;
    bool payees_bear; /* the fee */
    int64_t fee;
    char order[ORDER_NUMBER_BYTES_MAX + 1];
    char reference[NAIVE_REFERENCE_BYTES_MAX]; /* of a receipt or line, as written */
    char proof[NAIVE_REFERENCE_BYTES_MAX];     /* that it was accepted with; empty: none */
};

/* The record with id n stands at [n]; [0] is unused. The past stands at its sequence. */
struct naive_model {
    int ledger_count, member_count, account_count, payout_count, rule_count, hold_count;
    int freeze_count, refunded_count, debt_count, caller_count;
    int proposal_count, policy_count, proof_policy_count, suspense_count, lump_count, watch_count;
    int account_policy_count, usage_count;
    int acquirer_count, promise_count, settlement_count, difference_count;
    int identity_count;
    int card_count, denied_count, hit_count, mandate_count;
    int flow_count;
    int claim_count;
    int feedback_count;
    int product_count, price_count, position_count;
    int statement_count, statement_line_count, match_count;
    int past_count, move_count, line_count;
    /* Commands from this sequence on are not in the journal yet, so that nobody can name them as an
     * original; 0: all are. */
    int64_t hidden_from;
    struct naive_ledger ledgers[NAIVE_LEDGERS_MAX + 1];
    struct naive_member members[NAIVE_MEMBERS_MAX + 1];
    struct naive_account accounts[NAIVE_ACCOUNTS_MAX + 1];
    struct naive_payout payouts[NAIVE_PAYOUTS_MAX + 1];
    struct naive_rule rules[NAIVE_RULES_MAX + 1];
    struct naive_hold holds[NAIVE_HOLDS_MAX + 1];
    struct naive_freeze freezes[NAIVE_FREEZES_MAX + 1];
    struct naive_refunded refunded[NAIVE_REFUNDED_MAX + 1];
    struct naive_debt debts[NAIVE_DEBTS_MAX + 1];
    struct naive_caller callers[NAIVE_CALLERS_MAX + 1];
    struct naive_proposal proposals[NAIVE_PROPOSALS_MAX + 1];
    struct naive_suspense suspense[NAIVE_SUSPENSE_MAX + 1];
    struct naive_lump lumps[NAIVE_LUMPS_MAX + 1];
    struct naive_statement statements[NAIVE_STATEMENTS_MAX + 1];
    struct naive_statement_line statement_lines[NAIVE_STATEMENT_LINES_MAX + 1];
    struct naive_match matches[NAIVE_MATCHES_MAX + 1];
    struct naive_acquirer acquirers[NAIVE_ACQUIRERS_MAX + 1];
    struct naive_promise promises[NAIVE_PROMISES_MAX + 1];
    struct naive_settlement settlements[NAIVE_SETTLEMENTS_MAX + 1];
    struct naive_difference differences[NAIVE_DIFFERENCES_MAX + 1];
    struct naive_identity identities[NAIVE_IDENTITIES_MAX + 1];
    struct naive_card cards[NAIVE_CARDS_MAX + 1];
    struct naive_mandate mandates[NAIVE_MANDATES_MAX + 1];
    struct naive_flow flows[NAIVE_FLOWS_MAX + 1];
    struct naive_denied denied[NAIVE_DENIED_MAX + 1];
    struct naive_hit hits[NAIVE_HITS_MAX + 1];
    struct naive_claim claims[NAIVE_CLAIMS_MAX + 1];
    struct naive_feedback feedback[NAIVE_FEEDBACK_MAX + 1];
    struct naive_product products[NAIVE_PRODUCTS_MAX + 1];
    struct naive_price prices[NAIVE_PRICES_MAX + 1];
    struct naive_position positions[NAIVE_POSITIONS_MAX + 1];
    struct naive_past past[NAIVE_PAST_MAX + 1];
    struct naive_move moves[NAIVE_MOVES_MAX + 1];
    struct naive_line lines[NAIVE_LINES_MAX + 1];
};

struct naive_answer {
    enum outcome outcome;
    int64_t subject_id;
    int32_t accounting_date;
    int32_t fee_rule_version;
    int64_t fee_minor;
    int64_t limit_minor;      /* of a refusal over an amount */
    struct text order_number; /* in the command's memory or the model's */
    const struct naive_move *moves;
    int move_count;
};

struct naive_due {
    int64_t expires_us;
    int kind; /* enum expiry_kind; 0: nothing is due */
    int id;
    int ledger;
};

struct naive_model *naive_create(void);
void naive_destroy(struct naive_model *model);

/* To go back to what `from` is now: `to` is good for that only, as the past is not in it. What
 * is past is only ever added to, so the model has it still when it goes back. */
void naive_keep(struct naive_model *to, const struct naive_model *from);
void naive_go_back(struct naive_model *model, const struct naive_model *kept);

/* Decides a command and books it. */
struct naive_answer naive_execute(
    struct naive_model *model, int64_t now_us, int64_t sequence, const struct command *command);

/* Whether the proposal can be approved by who sends the command; else why not. */
enum outcome naive_check_approval(const struct naive_model *model, int64_t now_us,
    const struct command *command, int64_t proposal_id);

/* What is due first in any open ledger. */
struct naive_due naive_next_due(const struct naive_model *model, int64_t now_us);

/* The member's identity that is valid or expired; 0: none. */
int naive_identity_of(const struct naive_model *model, int member);
/* When something becomes of it by itself; 0: never. */
/* When it is told or over of itself; 0: never. */
int64_t naive_claim_due(const struct naive_claim *claim);
/* The newest version of the last date; 0: none yet. */
int naive_last_price(const struct naive_model *model, int product);
int64_t naive_feedback_due(const struct naive_feedback *one);
int64_t naive_identity_due(const struct naive_identity *identity);
/* Whether it stands and its last day is not over. */
bool naive_is_valid(const struct naive_identity *identity, int64_t now_us);

/* The sum of the live freezes of an account. */
int64_t naive_frozen(const struct naive_model *model, int account);

/* What became of an order's money by the records and the commands that are remembered. */
struct naive_order {
    int64_t paid, refunded, held, withdrawn;
};
struct naive_order naive_order_of(
    const struct naive_model *model, int ledger, struct text order_number);
/* Its live holds alone, which is quick. */
int64_t naive_held_of_order(const struct naive_model *model, int ledger, struct text order_number);

/* What is open of an item, and of all of a ledger. */
int64_t naive_open_of(const struct naive_suspense *item);
/* The first item of the ledger with something open, 0: none; and the same if it waits for longer
 * than the ledger takes. */
int naive_oldest_item(const struct naive_model *model, int ledger);
int naive_overdue_item(const struct naive_model *model, int ledger, int64_t now_us);
int64_t naive_open_items(const struct naive_model *model, int ledger);
/* The open lump of an item; 0: none. Open ones of a ledger. */
int naive_lump_of(const struct naive_model *model, int item);
int naive_open_lumps(const struct naive_model *model, int ledger);
/* Whether a settlement of the ledger is open. */
bool naive_is_settling(const struct naive_model *model, int ledger);

int naive_open_members(const struct naive_model *model, int ledger);
int naive_open_payouts(const struct naive_model *model, int ledger);
bool naive_payout_is_open(const struct naive_payout *payout);

/* Whether the party is listed, though its time may be over. */
bool naive_lists(const struct naive_model *model, int ledger, const struct party *party);

/* Whether the card is bound, and how it stands on the ledger's date, CARD_LOCKED too. */
bool naive_is_bound(const struct naive_card *card);
int naive_card_status(const struct naive_model *model, int id);

/* What the account did with the card, 0: nothing; what the card is owed by it, and what may leave
 * by it now. */
int naive_flow_of(const struct naive_model *model, int account, int64_t card);
int64_t naive_flow_owed(const struct naive_flow *flow);
int64_t naive_by_card(const struct naive_model *model, int account, int card);
bool naive_same_card(const struct naive_model *model, int ledger);
/* Whether a live claim reaches the account. */
bool naive_is_claimed(const struct naive_model *model, int account);
/* What each claim of the member covers, and of each account, made from nothing; by ids. */
void naive_cover(
    const struct naive_model *model, int member, int64_t *ret_claims, int64_t *ret_accounts);

/* The fee of an amount by a version of a rule; the version that is in force, 0: none. */
int64_t naive_fee(const struct naive_rule *rule, int64_t amount);
int naive_rule_in_force(const struct naive_model *model, int ledger, struct text name);
/* What a proof of the command says: all that its account loses. */
int64_t naive_confirmed(const struct naive_model *model, const struct command *command);
/* What is open of a promise, and what of that is FEE's; what an acquirer owes in all. */
int64_t naive_promise_open(const struct naive_promise *promise);
/* Whether something of it is open after the date on which it was due. */
bool naive_is_late(const struct naive_model *model, int id);
int64_t naive_promise_open_fee(const struct naive_promise *promise);
int64_t naive_owed_by(const struct naive_model *model, int acquirer);
/* The part of available that may be withdrawn on this accounting date. */
int64_t naive_withdrawable(const struct naive_model *model, int account);
/* Whether a withdrawal of an open ledger would be accepted. */
bool naive_may_withdraw(struct naive_model *model, int64_t now_us, const struct command *command);
/* How much of a command (account 0), or of its line for a payee, was given back. */
int64_t naive_refunded_sum(const struct naive_model *model, int64_t original, int account);

/* The first rule of the design's section 2 that does not hold in the ledger, as a sentence; NULL
 * when all hold. */
const char *naive_broken_invariant(const struct naive_model *model, int ledger);

#endif
