/* statements.h: what the bank says of the escrow account: its statements and their lines.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_STATEMENTS_H
#define VSL_MODEL_RECORDS_STATEMENTS_H

#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

enum bank_statement_status {
    BANK_STATEMENT_OPEN = 1,
    BANK_STATEMENT_CLOSED = 2,    /* its lines are as many as it said, and add up */
    BANK_STATEMENT_TAKEN = 3,     /* they are not, or do not; two persons took it so */
    BANK_STATEMENT_CANCELLED = 4, /* it had none; as if it had never been there */
};

/* All stay in memory, for the next one follows the last, and none may come twice. */
struct bank_statement {
    int64_t id;
    int64_t ledger_id;
    int64_t number;         /* the bank's; 0: none */
    int64_t missing_before; /* numbers that are missing before its own */
    int64_t opening_minor;
    int64_t closing_minor;
    int64_t sum_minor; /* of its lines */
    int64_t opened_sequence;
    int64_t closed_sequence; /* 0: it is open */
    int64_t changed_sequence;
    int32_t from_date; /* days */
    int32_t to_date;
    int32_t control_count; /* that it said */
    int32_t line_count;    /* that came */
    int32_t last_ordinal;  /* of them; 0: none */
    int32_t file_position; /* among the statements of its file */
    int32_t opened_date;   /* days */
    uint8_t status;        /* enum bank_statement_status */
    bool has_gap;          /* it does not begin as the one before ended */
    uint8_t reference_length;
    uint8_t file_sha256_length;
    char reference[STATEMENT_REFERENCE_BYTES_MAX]; /* the bank's name for it; empty: none */
    char file_sha256[FILE_SHA256_BYTES];
};

/* What its lines do not explain; 0: they add up. */
static inline int64_t bank_statement_difference_minor(const struct bank_statement *statement)
{
    return statement->closing_minor - statement->opening_minor - statement->sum_minor;
}

enum statement_line_status {
    STATEMENT_LINE_UNMATCHED = 1, /* nothing of the ledger was found for it */
};

/* Nothing is decided by a line yet, so none is kept in memory for it: a command that names one
 * brings it in. What the bank wrote of it stands in the command that added it. */
struct statement_line {
    int64_t id;
    int64_t ledger_id;
    int64_t bank_statement_id;
    int64_t amount_minor; /* signed: above 0 money came in */
    int64_t added_sequence;
    int64_t changed_sequence;
    int32_t ordinal;
    int32_t booking_date; /* days */
    int32_t value_date;   /* days; 0: the bank does not say */
    uint8_t status;       /* enum statement_line_status */
};

#endif
