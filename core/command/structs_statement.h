/* structs_statement.h: the commands of the bank's statements.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_STATEMENT_H
#define VSL_COMMAND_STRUCTS_STATEMENT_H

#include "base/text.h"
#include "command/structs_parts.h"

#include <stdbool.h>
#include <stdint.h>

struct open_bank_statement {
    struct text reference;      /* the bank's name for it; empty: none */
    struct text account_number; /* empty: the bank does not say */
    struct text currency;       /* ISO 4217 */
    int32_t from_date;          /* days */
    int32_t to_date;
    int64_t number; /* the bank's; 0: none */
    int64_t opening_minor;
    int64_t closing_minor;
    int32_t line_count;
    struct text file_sha256; /* 64 hexadecimal digits */
    int32_t file_position;   /* among the statements of this file, from 1 on */
    bool has_gap;            /* it need not begin as the last one ended */
};

struct add_statement_line {
    int64_t bank_statement_id;
    struct text entry_key; /* empty: nothing tells it from others */
    int32_t ordinal;
    int64_t amount_minor; /* signed */
    int32_t booking_date; /* days */
    int32_t value_date;   /* days; 0: not given */
    struct text bank_reference;
    struct party counterparty;
    struct text remark;
    struct text end_to_end_id;
};

struct close_bank_statement {
    int64_t bank_statement_id;
    bool is_cancelled;
    bool is_as_it_stands; /* its lines need not add up; not with is_cancelled */
};

struct match_statement_line {
    int64_t statement_line_id;
    int64_t payout_id;        /* what left, or, of a line with money that came in, came back */
    int64_t receipt_sequence; /* or the receipt or interest that came in: one of both */
    int64_t amount_minor;     /* of the line's, without its sign */
    struct text rule;         /* by which it was found */
};

struct undo_match {
    int64_t statement_match_id;
    struct text remark;
};

#endif
