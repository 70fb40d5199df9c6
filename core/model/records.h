/* records.h: the kinds of what the subledger remembers, and an image of one.
 *
 * Plain data, and only what is recorded, but for a few sums that the engine keeps in the record:
 * the comments call them derived. The engine holds the live records; their images go to the history
 * tables and the state tables; redo sets them again. Numbers of enums are stored in the database:
 * never reuse one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_H
#define VSL_MODEL_RECORDS_H

#include "model/records/account_policy.h"
#include "model/records/accounts.h"
#include "model/records/acquirers.h"
#include "model/records/adjustments.h"
#include "model/records/callers.h"
#include "model/records/cards.h"
#include "model/records/claims.h"
#include "model/records/debts.h"
#include "model/records/fee_rules.h"
#include "model/records/freezes.h"
#include "model/records/holds.h"
#include "model/records/identities.h"
#include "model/records/ledgers.h"
#include "model/records/lump.h"
#include "model/records/mandates.h"
#include "model/records/members.h"
#include "model/records/payouts.h"
#include "model/records/postings.h"
#include "model/records/products.h"
#include "model/records/proofs.h"
#include "model/records/proposals.h"
#include "model/records/refunds.h"
#include "model/records/restrictions.h"
#include "model/records/screening.h"
#include "model/records/statements.h"
#include "model/records/suspense.h"
#include "model/records/watch.h"

#include <assert.h>
#include <stdint.h>

/* What each kind consists of stands in record_table.c. */
enum record_kind {
    RECORD_LEDGER = 1,
    RECORD_MEMBER = 2,
    RECORD_ACCOUNT = 3,
    RECORD_PAYOUT = 4,
    RECORD_FEE_RULE = 5,
    RECORD_HOLD = 6,
    RECORD_FREEZE = 7,
    RECORD_REFUNDED = 8,
    RECORD_DEBT = 9,
    RECORD_ADJUSTMENT = 10,
    RECORD_RESTRICTION = 11,
    RECORD_CALLER = 12,
    RECORD_PROPOSAL = 13,
    RECORD_APPROVAL_POLICY = 14,
    RECORD_SUSPENSE = 15,
    RECORD_LUMP = 16,
    RECORD_ACQUIRER = 17,
    RECORD_PROMISE = 18,
    RECORD_SETTLEMENT = 19,
    RECORD_DIFFERENCE = 20,
    RECORD_WATCH = 21,
    RECORD_IDENTITY = 22,
    RECORD_CARD = 23,
    RECORD_ACCOUNT_POLICY = 24,
    RECORD_USAGE = 25,
    RECORD_CARD_FLOW = 26,
    RECORD_PROOF_POLICY = 27,
    RECORD_DENIED = 28,
    RECORD_HIT = 29,
    RECORD_COVER = 30,
    RECORD_CLAIM = 31,
    RECORD_MANDATE = 32,
    RECORD_BANK_STATEMENT = 33,
    RECORD_STATEMENT_LINE = 34,
    RECORD_STATEMENT_MATCH = 35,
    RECORD_MATCHED_BOOKING = 36,
    RECORD_FEEDBACK = 37,
    RECORD_PRODUCT = 38,
    RECORD_PRICE = 39,
    RECORD_POSITION = 40,
};
#define RECORD_KINDS 40 /* the last one; the kinds are numbered without gaps */

/* What Expire calls the kinds whose records have an end in time. */
enum expiry_kind {
    EXPIRY_HOLD = 1,
    EXPIRY_FREEZE = 2,
    EXPIRY_ADJUSTMENT = 3,
    EXPIRY_PROPOSAL = 4,
    EXPIRY_SUSPENSE = 5,
    EXPIRY_PROMISE = 6,
    EXPIRY_IDENTITY = 7,
    EXPIRY_CARD = 8,
    EXPIRY_DENIED = 9,
    EXPIRY_CLAIM = 10,
    EXPIRY_FEEDBACK = 11,
};

/* Memory holds millions of each, so they are kept small: what nobody decides by stays in the
 * command, by its sequence number. Ledgers, fee rules and callers are few. */
#define RECORD_BYTES_MAX 256
static_assert(sizeof(struct member) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct account) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct payout) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct hold) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct freeze) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct refunded) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct debt) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct adjustment) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct proposal) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct restriction) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct suspense) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct lump) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct acquirer) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct promise) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct settlement) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct difference) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct watch) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct identity) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct card) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct usage) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct card_flow) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct proof_policy) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct denied) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct hit) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct cover) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct claim) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct mandate) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct bank_statement) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct statement_line) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct statement_match) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct matched_booking) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct feedback) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct product) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct position) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct price) <= RECORD_BYTES_MAX, "a small record");
static_assert(sizeof(struct ledger) <= 1152 && sizeof(struct fee_rule) <= 1152 &&
                  sizeof(struct caller) <= 1152 && sizeof(struct approval_policy) <= 1152 &&
                  sizeof(struct account_policy) <= 1152,
    "a command's images");

/* A changed record as it is after a command; derived fields are not recorded. */
struct image {
    enum record_kind kind;
    union { /* all begin at the same place, see image_record in record_table.h */
        struct ledger ledger;
        struct member member;
        struct account account; /* balances included, though postings tell them too */
        struct payout payout;
        struct fee_rule fee_rule;
        struct hold hold;
        struct freeze freeze;
        struct refunded refunded;
        struct debt debt;
        struct adjustment adjustment;
        struct restriction restriction;
        struct caller caller;
        struct proposal proposal;
        struct approval_policy approval_policy;
        struct suspense suspense;
        struct lump lump;
        struct acquirer acquirer;
        struct promise promise;
        struct settlement settlement;
        struct difference difference;
        struct watch watch;
        struct identity identity;
        struct card card;
        struct account_policy account_policy;
        struct usage usage;
        struct card_flow card_flow;
        struct proof_policy proof_policy;
        struct denied denied;
        struct hit hit;
        struct cover cover;
        struct claim claim;
        struct mandate mandate;
        struct bank_statement bank_statement;
        struct statement_line statement_line;
        struct statement_match statement_match;
        struct matched_booking matched_booking;
        struct feedback feedback;
        struct product product;
        struct price price;
        struct position position;
    };
};

#endif
