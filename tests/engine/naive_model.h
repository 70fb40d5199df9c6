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
#include "model/outcome.h"
#include "model/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAIVE_LEDGERS_MAX = 64,
    NAIVE_DATES_MAX = 1024,
    NAIVE_MEMBERS_MAX = 1024,
    NAIVE_ACCOUNTS_MAX = 1024,
    NAIVE_PAYOUTS_MAX = 16384,
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
};

struct naive_member {
    int ledger;
    int kind;
    bool closed;
    char platform_id[PLATFORM_MEMBER_ID_BYTES_MAX + 1];
};

struct naive_account {
    int64_t balance[BUCKET_COUNT];
    int ledger;
    int member; /* 0: control account */
    int kind;
    bool closed;
    bool no_in;
    bool no_out;
};

struct naive_payout {
    int64_t amount;
    int64_t fee;
    int ledger;
    int account;
    int status;
};

/* The record with id n stands at [n]; [0] is unused. */
struct naive_model {
    int ledger_count, member_count, account_count, payout_count;
    struct naive_ledger ledgers[NAIVE_LEDGERS_MAX + 1];
    struct naive_member members[NAIVE_MEMBERS_MAX + 1];
    struct naive_account accounts[NAIVE_ACCOUNTS_MAX + 1];
    struct naive_payout payouts[NAIVE_PAYOUTS_MAX + 1];
};

struct naive_answer {
    enum outcome outcome;
    int64_t subject_id;
    int32_t accounting_date;
};

struct naive_model *naive_create(void);
void naive_destroy(struct naive_model *model);

/* `to` becomes what `from` is: to go back to it later. */
void naive_copy(struct naive_model *to, const struct naive_model *from);

/* Decides a command and books it. */
struct naive_answer naive_execute(struct naive_model *model, const struct command *command);

/* The sum of the payouts of an account that wait for the bank. */
int64_t naive_requested_payouts(const struct naive_model *model, int account);

int naive_open_members(const struct naive_model *model, int ledger);
int naive_open_payouts(const struct naive_model *model, int ledger);

/* The first rule of the design's section 2 that does not hold in the ledger, as a sentence; NULL
 * when all hold. */
const char *naive_broken_invariant(const struct naive_model *model, int ledger);

#endif
