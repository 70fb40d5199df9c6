/* rule.h: how the stand-in for the bank decides about a payout.
 *
 * A rule is a list of clauses with commas between; the first that fits decides, and what none fits
 * is paid:
 *     DECISION                              every payout
 *     every-nth-DECISION=N                  payouts whose id is a multiple of N
 *     amount-ends-with=DIGITS:DECISION      by the last digits of the asked amount in minor units
 *     returned-after=SECONDS                every payout is paid, and comes back later
 * A DECISION is one of
 *     paid              it leaves
 *     failed            it never leaves
 *     returned          it leaves and comes back
 *     partly-returned   it leaves and one half comes back, rounded down
 *     returned-twice    it leaves and comes back in two parts
 *     unknown           it leaves, but the answer is lost: asked for later
 *     unknown-failed    it never leaves, and the answer is lost: asked for later
 * A decision depends on the payout alone, so that a repeat decides the same.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_BANKSTUB_RULE_H
#define VSL_TOOLS_BANKSTUB_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULE_CLAUSES_MAX 16

/* The help of every tool that takes a rule. */
#define RULE_DECISIONS                                                                             \
    "paid, failed, returned, partly-returned, returned-twice, unknown or unknown-failed"

enum decision {
    DECISION_PAID,
    DECISION_FAILED,
    DECISION_RETURNED,
    DECISION_PARTLY_RETURNED,
    DECISION_RETURNED_TWICE,
    DECISION_UNKNOWN,
    DECISION_UNKNOWN_FAILED,
};

struct rule_clause {
    int64_t id_multiple;    /* 0: any id */
    int64_t amount_modulus; /* 0: any amount; else 10 to the number of digits */
    int64_t amount_ending;
    enum decision decision;
    int64_t return_after_us; /* of DECISION_RETURNED */
};

struct rule {
    size_t count;
    struct rule_clause clauses[RULE_CLAUSES_MAX];
};

/* Reads a rule; false with a sentence when it is none. */
bool rule_parse(const char *text, struct rule *ret_rule, char *ret_error, size_t error_bytes);

/* What becomes of the payout; `ret_return_after_us` is set for DECISION_RETURNED. */
enum decision rule_decide(
    const struct rule *rule, int64_t payout_id, int64_t amount_minor, int64_t *ret_return_after_us);

/* "paid", "partly-returned" and so on. */
const char *decision_name(enum decision decision);

/* Whether the money leaves the bank at first. */
bool decision_is_paid(enum decision decision);

/* Whether the bank's first answer is lost. */
bool decision_is_unknown(enum decision decision);

/* In how many parts it comes back, 0 to 2, when `amount_minor` has left. */
int decision_return_parts(enum decision decision, int64_t amount_minor);

/* How much comes back with part 0 or 1; 0: all that did not come back before. */
int64_t decision_return_minor(enum decision decision, int part, int64_t amount_minor);

/* The next part when so much of what left came back already; decision_return_parts: none. */
int decision_next_part(enum decision decision, int64_t amount_minor, int64_t returned_minor);

#endif
