/* certificate.h: what a certificate of ownership says, and how it is written.
 *
 * Everything in it follows from the journal up to one command: no time of making, no version of a
 * program, no key and nothing of the database's own. So it is the same bytes whenever and from
 * whichever copy of the database it is made.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_CERTIFICATE_H
#define VSL_TOOLS_VSLCTL_DATABASE_CERTIFICATE_H

#include "model/records/accounts.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CERTIFICATE_KINDS_MAX 32
#define CERTIFICATE_TEXT_BYTES_MAX 2048

/* Sums of an account or of several, in minor units. */
struct certificate_sums {
    int64_t balance_minor[4]; /* by enum bucket */
};

/* The accounts of one kind. */
struct certificate_kind {
    int32_t kind; /* enum account_kind */
    int64_t count;
    int64_t open_count;
    struct certificate_sums sums;
};

struct certificate_account {
    int64_t account_id;
    int32_t kind;
    bool is_open;
    int64_t member_id; /* 0: none */
    const char *platform_member_id;
    struct certificate_sums sums;
};

struct certificate {
    int64_t ledger_id;
    int64_t as_of_sequence;
    char recorded_at[40]; /* of that command */
    char date[16];        /* the accounting date: the one that it ended, or the one in force */
    bool is_end_of_date;
    char currency[4];
    char receiving_prefix[32];
    char platform_name[CERTIFICATE_TEXT_BYTES_MAX]; /* masked, unless it was named by the caller */
    char escrow_account_number[CERTIFICATE_TEXT_BYTES_MAX];
    char journal[40];      /* identity of the journal's first life */
    char journal_life[40]; /* of the life that the command belongs to */
    int64_t batch_number;
    int64_t batch_first_sequence;
    int64_t batch_last_sequence;
    char digest[65];
    char previous_digest[65]; /* zeros before the first batch */
    struct certificate_kind kinds[CERTIFICATE_KINDS_MAX];
    int kind_count;
    bool has_accounts;
};

/* What the escrow account holds of it: available, frozen and on its way to the bank. What is
 * pending in has not arrived. */
int64_t certificate_held(const struct certificate_sums *sums);

/* What the escrow account must hold by the books: ESCROW's balance with its sign turned. */
int64_t certificate_escrow(const struct certificate *certificate);

/* The sums of all kinds but ESCROW. */
struct certificate_sums certificate_total(const struct certificate *certificate);

/* Writes everything before the accounts, one account, everything behind them. */
struct certificate_form {
    void (*begin)(FILE *out, const struct certificate *certificate);
    void (*account)(FILE *out, const struct certificate *certificate,
        const struct certificate_account *account, bool is_first);
    void (*end)(FILE *out, const struct certificate *certificate);
};

extern const struct certificate_form certificate_json;
extern const struct certificate_form certificate_html;

#endif
