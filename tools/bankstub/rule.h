/* rule.h: how the stand-in for the bank decides about a payout.
 *
 * A rule is a list of clauses with commas between; the first that fits decides, and what none fits
 * is paid:
 *     paid | failed | returned              every payout
 *     every-nth-failed=N                    payouts whose id is a multiple of N
 *     every-nth-returned=N
 *     amount-ends-with=DIGITS:DECISION      by the last digits of the amount in minor units
 *     returned-after=SECONDS                every payout is paid, and comes back later
 * A decision depends on the payout alone, so that a repeat decides the same.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_BANKSTUB_RULE_H
#define VSL_TOOLS_BANKSTUB_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULE_CLAUSES_MAX 16

enum decision { DECISION_PAID, DECISION_FAILED, DECISION_RETURNED };

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

/* "paid", "failed", "returned". */
const char *decision_name(enum decision decision);

#endif
