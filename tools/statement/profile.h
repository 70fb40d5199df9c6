/* profile.h: how the tables of one bank or wallet read: which column is what, signs, days, totals.
 *
 * Profiles are data: an INI file, a section for each, described in README.md. Those that are built
 * in are profiles.ini.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_PROFILE_H
#define VSL_TOOLS_STATEMENT_PROFILE_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROFILE_NAME_BYTES 32
#define PROFILE_WORDS_BYTES 256
#define PROFILE_COLUMN_BYTES 96
#define PROFILES_MAX 64

/* Columns that a profile names by their head. */
enum profile_column {
    COLUMN_DATE,
    COLUMN_TIME,
    COLUMN_VALUE_DATE,
    COLUMN_AMOUNT, /* signed, or with COLUMN_DIRECTION */
    COLUMN_IN,
    COLUMN_OUT,
    COLUMN_DIRECTION,
    COLUMN_STATUS,
    COLUMN_CURRENCY,
    COLUMN_BALANCE,
    COLUMN_ACCOUNT,
    COLUMN_KIND,
    COLUMN_BANK_REFERENCE,
    COLUMN_REFERENCE,
    COLUMN_END_TO_END,
    COLUMN_COUNTERPARTY,
    COLUMN_COUNTERPARTY_ACCOUNT,
    COLUMN_TEXT,
    PROFILE_COLUMNS,
};

struct profile {
    char name[PROFILE_NAME_BYTES];
    char title[PROFILE_COLUMN_BYTES]; /* for people */
    char encoding[16];                /* for iconv; "": found by itself */
    char delimiter;                   /* 0: found by itself */
    char head[PROFILE_WORDS_BYTES];   /* names that the head has, with commas between */
    char columns[PROFILE_COLUMNS][PROFILE_COLUMN_BYTES]; /* "": there is none */
    char date_format[PROFILE_COLUMN_BYTES];              /* of date and value date */
    char year[PROFILE_COLUMN_BYTES];    /* above the head: year and month, for days without one */
    char account[PROFILE_COLUMN_BYTES]; /* above the head: the account */
    char currency[4];                   /* of all rows, or of those that say none */
    bool is_inverted;                   /* money out is written without a sign */
    bool has_signed_out;                /* COLUMN_OUT has the sign of the entry */
    bool ignores_brackets;              /* "8.00(CN)" is 8.00 */
    char decimal_point;                 /* '.' */
    char thousands;                     /* ',' */
    char credit[PROFILE_WORDS_BYTES];   /* words of COLUMN_DIRECTION */
    char debit[PROFILE_WORDS_BYTES];
    char neutral[PROFILE_WORDS_BYTES];     /* money that only changed pockets */
    char void_status[PROFILE_WORDS_BYTES]; /* words of COLUMN_STATUS: nothing has moved */
    char pending_status[PROFILE_WORDS_BYTES];
    char total[PROFILE_WORDS_BYTES];  /* what the row of totals begins with */
    char end[PROFILE_WORDS_BYTES];    /* what the first row behind the table begins with */
    char count[PROFILE_COLUMN_BYTES]; /* above or below the rows: their number */
    char credit_count[PROFILE_COLUMN_BYTES];
    char debit_count[PROFILE_COLUMN_BYTES];
    char credit_sum[PROFILE_COLUMN_BYTES]; /* what credits add up to */
    char debit_sum[PROFILE_COLUMN_BYTES];
};

struct profile_set {
    size_t count;
    struct profile profiles[PROFILES_MAX];
};

/* The profiles that are built in. */
const struct profile_set *profiles_built_in(void);

/* One that is built in, by its name, or all of a file; a name with a '/' or a '.' is a file's. NULL
 * with a sentence. To be freed. */
struct profile_set *profiles_find(const char *name_or_file, char *ret_error, size_t error_bytes);

/* Whether a list with commas between has the word. */
bool profile_has_word(const char *words, struct text word);
/* Whether the text begins with one of the words. */
bool profile_begins(const char *words, struct text text);

/* Finds a pattern in a text: "{}" stands for digits, "{#}" for an amount, "{*}" for what comes up
 * to a comma, a quote, what follows in the pattern, or the end; everything else for itself. Returns
 * how many values there are, of at most 128 bytes; 0: the pattern is not there. */
#define PROFILE_VALUES_MAX 6
int profile_match(
    const char *pattern, struct text text, struct text ret_values[PROFILE_VALUES_MAX]);

#endif
