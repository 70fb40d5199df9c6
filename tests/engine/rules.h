/* rules.h: the rules of the commands as tables.
 *
 * A row is one command on the stage, what it must be answered, and what it must book. Limits and
 * the value just past the limit stand first in each table.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_RULES_H
#define VSL_TESTS_ENGINE_RULES_H

#include "stage.h"

enum { MOVES_MAX = 12 };

/* One posting: `amount` from one bucket to another; amount 0: no more. */
struct move {
    int64_t from;
    enum bucket from_bucket;
    int64_t to;
    enum bucket to_bucket;
    int64_t amount;
};

struct rule {
    const char *name;
    struct command command;
    enum outcome outcome;
    int64_t subject; /* 0 when refused */
    struct move moves[MOVES_MAX];
    /* Of an accepted command; the fee that the command itself gives is not said again. */
    int64_t fee_minor;
    int32_t fee_rule_version;
    /* Of a refusal over an amount, where the row says it. */
    bool has_limit;
    int64_t limit_minor;
    /* That of what it changed; NULL: the command's own, or none. */
    const char *order;
    /* Images beyond those of the command's kind. */
    uint32_t more[RECORD_KINDS + 1];
};

/* Rows of the tables. */
#define REFUSED(text, of, answer)                                                                  \
    {                                                                                              \
        .name = (text), .command = (of), .outcome = (answer)                                       \
    }
#define REFUSED_AT(text, of, answer, limit)                                                        \
    {                                                                                              \
        .name = (text), .command = (of), .outcome = (answer), .has_limit = true,                   \
        .limit_minor = (limit)                                                                     \
    }
#define ACCEPTED(text, of, made)                                                                   \
    {                                                                                              \
        .name = (text), .command = (of), .outcome = OUTCOME_ACCEPTED, .subject = (made)            \
    }
#define ANSWERS(text, of, answer, made, ...)                                                       \
    {                                                                                              \
        .name = (text), .command = (of), .outcome = (answer), .subject = (made), .moves = {        \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define BOOKS(text, of, made, ...) ANSWERS(text, of, OUTCOME_ACCEPTED, made, __VA_ARGS__)
/* The same with fields of struct rule instead of moves only. */
#define BOOKS_WITH(text, of, made, ...)                                                            \
    {                                                                                              \
        .name = (text), .command = (of), .outcome = OUTCOME_ACCEPTED, .subject = (made),           \
        __VA_ARGS__                                                                                \
    }

/* ---- moves ---- */

static inline struct move move(int64_t from, int64_t to, int64_t amount)
{
    return (struct move){from, BUCKET_AVAILABLE, to, BUCKET_AVAILABLE, amount};
}

/* Within an account. */
static inline struct move shifts(int64_t account, enum bucket from, enum bucket to, int64_t amount)
{
    return (struct move){account, from, account, to, amount};
}

/* What an acquirer promises, and takes back. */
static inline struct move promises(int64_t acquirer, int64_t account, int64_t amount)
{
    return (struct move){acquirer, BUCKET_PENDING_IN, account, BUCKET_PENDING_IN, amount};
}

/* The account's own money on its way out. */
static inline struct move sends(int64_t account, int64_t amount)
{
    return shifts(account, BUCKET_AVAILABLE, BUCKET_PENDING_OUT, amount);
}

static inline struct move leaves(int64_t account, int64_t escrow, int64_t amount)
{
    return (struct move){account, BUCKET_PENDING_OUT, escrow, BUCKET_AVAILABLE, amount};
}

static inline struct move stays(int64_t account, int64_t amount)
{
    return shifts(account, BUCKET_PENDING_OUT, BUCKET_AVAILABLE, amount);
}

/* The account's own money held or frozen, and given free. */
static inline struct move freezes(int64_t account, int64_t amount)
{
    return shifts(account, BUCKET_AVAILABLE, BUCKET_FROZEN, amount);
}

static inline struct move frees(int64_t account, int64_t amount)
{
    return shifts(account, BUCKET_FROZEN, BUCKET_AVAILABLE, amount);
}

/* Out of a hold. */
static inline struct move draws(int64_t from, int64_t to, int64_t amount)
{
    return (struct move){from, BUCKET_FROZEN, to, BUCKET_AVAILABLE, amount};
}

typedef void (*on_rule)(void *context, const struct rule *rule);

#define EACH_RULE(rules, on, context)                                                              \
    do {                                                                                           \
        for (size_t rule_index = 0; rule_index < sizeof(rules) / sizeof *(rules); rule_index++)    \
            on(context, &(rules)[rule_index]);                                                     \
    } while (0)

/* All of them, with what they are about. */
struct rule_table {
    const char *topic;
    void (*each_row)(on_rule on, void *context);
};
extern const struct rule_table rule_tables[];
extern const size_t rule_table_count;

/* Each calls `on` for every row of its tables. */
void rules_ledgers(on_rule on, void *context);
void rules_dates(on_rule on, void *context);
void rules_members(on_rule on, void *context);
void rules_identities(on_rule on, void *context);
void rules_accounts(on_rule on, void *context);
void rules_money_in(on_rule on, void *context);
void rules_receipt_once(on_rule on, void *context);
void rules_fees(on_rule on, void *context);
void rules_pay(on_rule on, void *context);
void rules_withdraw(on_rule on, void *context);
void rules_confirm(on_rule on, void *context);
void rules_terms(on_rule on, void *context);
void rules_proposals(on_rule on, void *context);
void rules_callers(on_rule on, void *context);
void rules_reveals(on_rule on, void *context);
void rules_fee_rules(on_rule on, void *context);
void rules_own_money(on_rule on, void *context);
void rules_split(on_rule on, void *context);
void rules_credit(on_rule on, void *context);
void rules_holds(on_rule on, void *context);
void rules_refunds(on_rule on, void *context);
void rules_freezes(on_rule on, void *context);
void rules_reversals(on_rule on, void *context);
void rules_suspense(on_rule on, void *context);
void rules_lumps(on_rule on, void *context);
void rules_mandates(on_rule on, void *context);
void rules_statements(on_rule on, void *context);
void rules_proofs(on_rule on, void *context);
void rules_screening(on_rule on, void *context);
void rules_cards(on_rule on, void *context);
void rules_acquirers(on_rule on, void *context);
void rules_promises(on_rule on, void *context);
void rules_settlements(on_rule on, void *context);
void rules_differences(on_rule on, void *context);
void rules_adjustments(on_rule on, void *context);
void rules_payout_states(on_rule on, void *context);
void rules_payout_fees(on_rule on, void *context);
void rules_pairs(on_rule on, void *context);

#endif
