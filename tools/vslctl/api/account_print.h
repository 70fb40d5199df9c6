/* account_print.h: an account's statement as a paper, and the forms that it is written in.
 *
 * A paper has four sections, one a bucket: what was there, each change with the balance after it,
 * what is there. It is written as it comes, so its length does not matter.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_API_ACCOUNT_PRINT_H
#define VSL_TOOLS_VSLCTL_API_ACCOUNT_PRINT_H

#include "text/format.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PAPER_BUCKETS 4
#define PAPER_TEXT_BYTES 256

struct paper_section {
    int64_t opening_minor;
    int64_t debits_minor; /* 0 or below */
    int64_t credits_minor;
    int64_t closing_minor;
    int64_t lines;
};

struct paper {
    int64_t ledger_id;
    int64_t account_id;
    char platform_name[PAPER_TEXT_BYTES * 4];
    char platform_member_id[PAPER_TEXT_BYTES];
    char receiving_number[32];
    char currency[8];
    int decimals;
    char from[FORMAT_BYTES_MAX]; /* a day; empty: from the account's beginning */
    char to[FORMAT_BYTES_MAX];
    bool is_provisional;    /* the last day is not closed yet */
    int64_t as_of_sequence; /* the last command that it contains, when it is provisional */
    struct paper_section sections[PAPER_BUCKETS]; /* by enum bucket */
};

struct paper_line {
    int64_t sequence;
    int32_t line;
    char date[FORMAT_BYTES_MAX]; /* the accounting date */
    char time[FORMAT_BYTES_MAX]; /* when it was recorded, UTC */
    char what[FORMAT_BYTES_MAX]; /* as in the API, such as book_receipt */
    char other[24];              /* the account on the other side */
    const char *chinese;
    const char *english;
    const char *order_number;
    const char *remark;
    int64_t amount_minor;
    int64_t balance_minor;
};

struct paper_writer {
    FILE *out;
    const struct paper *paper;
    /* Of HTML: where it is. */
    int bucket;
    int page;
    int used; /* of a page's lines */
    int64_t page_debits_minor, page_credits_minor;
    int64_t balance_minor;
};

struct paper_form {
    void (*begin)(struct paper_writer *writer);
    void (*begin_section)(struct paper_writer *writer, int bucket);
    void (*line)(struct paper_writer *writer, const struct paper_line *line);
    void (*end_section)(struct paper_writer *writer);
    void (*end)(struct paper_writer *writer);
};

extern const struct paper_form paper_text;
extern const struct paper_form paper_csv;
extern const struct paper_form paper_html;

/* What a kind of command is called on a paper; a measure of the bank has no other name on it,
 * whoever has it printed. */
struct paper_name {
    int kind; /* Vsl__V1__CommandKind */
    const char *chinese;
    const char *english;
};
const struct paper_name *paper_name_of(int kind, bool has_order);

/* "available", and in Chinese. */
const char *paper_bucket(int bucket);
const char *paper_bucket_chinese(int bucket);

#endif
