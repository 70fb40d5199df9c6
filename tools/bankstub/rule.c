/* rule.c: how the stand-in for the bank decides about a payout.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/rule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAUSE_BYTES_MAX 128
#define ENDING_DIGITS_MAX 9
#define RETURN_SECONDS_MAX 86400

static const char *const names[] = {
    [DECISION_PAID] = "paid",
    [DECISION_FAILED] = "failed",
    [DECISION_RETURNED] = "returned",
    [DECISION_PARTLY_RETURNED] = "partly-returned",
    [DECISION_RETURNED_TWICE] = "returned-twice",
    [DECISION_UNKNOWN] = "unknown",
    [DECISION_UNKNOWN_FAILED] = "unknown-failed",
};

const char *decision_name(enum decision decision)
{
    return names[decision];
}

bool decision_is_paid(enum decision decision)
{
    return decision != DECISION_FAILED && decision != DECISION_UNKNOWN_FAILED;
}

bool decision_is_unknown(enum decision decision)
{
    return decision == DECISION_UNKNOWN || decision == DECISION_UNKNOWN_FAILED;
}

int decision_return_parts(enum decision decision, int64_t amount_minor)
{
    switch (decision) {
    case DECISION_RETURNED:
    case DECISION_PARTLY_RETURNED:
        return 1;
    case DECISION_RETURNED_TWICE:
        /* One minor unit cannot be divided. */
        return amount_minor > 1 ? 2 : 1;
    default:
        return 0;
    }
}

int64_t decision_return_minor(enum decision decision, int part, int64_t amount_minor)
{
    if (decision == DECISION_RETURNED || part > 0)
        return 0;
    return amount_minor / 2;
}

int decision_next_part(enum decision decision, int64_t amount_minor, int64_t returned_minor)
{
    int parts = decision_return_parts(decision, amount_minor);
    if (returned_minor == 0)
        return 0;
    return returned_minor < amount_minor && parts == 2 ? 1 : parts;
}

static bool try_decision(const char *text, enum decision *ret_decision)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret_decision = (enum decision)i;
            return true;
        }
    }
    return false;
}

static bool try_number(const char *text, int64_t low, int64_t high, int64_t *ret_number)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || *end != '\0' || number < low || number > high)
        return false;
    *ret_number = number;
    return true;
}

/* "failed=10" */
static bool try_nth(const char *text, struct rule_clause *clause)
{
    char decision[CLAUSE_BYTES_MAX];
    const char *equals = strchr(text, '=');
    if (!equals)
        return false;
    snprintf(decision, sizeof decision, "%.*s", (int)(equals - text), text);
    return try_decision(decision, &clause->decision) &&
           try_number(equals + 1, 1, INT64_MAX, &clause->id_multiple);
}

/* "34:failed" */
static bool try_ending(const char *text, struct rule_clause *clause)
{
    const char *colon = strchr(text, ':');
    char digits[ENDING_DIGITS_MAX + 1];
    if (!colon || colon == text || colon - text > ENDING_DIGITS_MAX)
        return false;
    size_t length = (size_t)(colon - text);
    memcpy(digits, text, length);
    digits[length] = '\0';
    clause->amount_modulus = 1;
    for (size_t i = 0; i < length; i++)
        clause->amount_modulus *= 10;
    return strspn(digits, "0123456789") == length &&
           try_number(digits, 0, INT64_MAX, &clause->amount_ending) &&
           try_decision(colon + 1, &clause->decision);
}

static bool try_clause(const char *text, struct rule_clause *ret_clause)
{
    static const char nth[] = "every-nth-";
    static const char ending[] = "amount-ends-with=";
    static const char later[] = "returned-after=";
    struct rule_clause clause = {0};
    bool is_right;
    int64_t seconds = 0;
    if (strncmp(text, nth, strlen(nth)) == 0) {
        is_right = try_nth(text + strlen(nth), &clause);
    } else if (strncmp(text, ending, strlen(ending)) == 0) {
        is_right = try_ending(text + strlen(ending), &clause);
    } else if (strncmp(text, later, strlen(later)) == 0) {
        clause.decision = DECISION_RETURNED;
        is_right = try_number(text + strlen(later), 0, RETURN_SECONDS_MAX, &seconds);
        clause.return_after_us = seconds * 1000000;
    } else {
        is_right = try_decision(text, &clause.decision);
    }
    if (is_right)
        *ret_clause = clause;
    return is_right;
}

bool rule_parse(const char *text, struct rule *ret_rule, char *ret_error, size_t error_bytes)
{
    struct rule rule = {0};
    while (*text) {
        char clause[CLAUSE_BYTES_MAX];
        size_t length = strcspn(text, ",");
        snprintf(clause, sizeof clause, "%.*s", (int)length, text);
        if (rule.count == RULE_CLAUSES_MAX) {
            snprintf(ret_error, error_bytes, "a rule takes at most %d clauses", RULE_CLAUSES_MAX);
            return false;
        }
        if (length >= sizeof clause || !try_clause(clause, &rule.clauses[rule.count])) {
            snprintf(ret_error, error_bytes,
                "'%s' is no rule: write DECISION, every-nth-DECISION=N, "
                "amount-ends-with=DIGITS:DECISION or returned-after=SECONDS, where DECISION "
                "is " RULE_DECISIONS,
                clause);
            return false;
        }
        rule.count++;
        text += length;
        if (*text == ',')
            text++;
    }
    *ret_rule = rule;
    return true;
}

enum decision rule_decide(
    const struct rule *rule, int64_t payout_id, int64_t amount_minor, int64_t *ret_return_after_us)
{
    for (size_t i = 0; i < rule->count; i++) {
        const struct rule_clause *clause = &rule->clauses[i];
        if (clause->id_multiple > 0 && payout_id % clause->id_multiple != 0)
            continue;
        if (clause->amount_modulus > 0 &&
            amount_minor % clause->amount_modulus != clause->amount_ending)
            continue;
        if (clause->decision == DECISION_RETURNED)
            *ret_return_after_us = clause->return_after_us;
        return clause->decision;
    }
    return DECISION_PAID;
}
