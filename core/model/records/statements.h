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
    int64_t first_line_id;   /* between these are its lines, with those of other ledgers; 0: none */
    int64_t last_line_id;
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
    STATEMENT_LINE_PARTLY = 2,    /* for a part of its amount something was */
    STATEMENT_LINE_MATCHED = 3,   /* for all of it */
};

/* None is kept in memory for what it is: a command that names one brings it in. What the bank wrote
 * of it stands in the command that added it. */
struct statement_line {
    int64_t id;
    int64_t ledger_id;
    int64_t bank_statement_id;
    int64_t amount_minor;  /* signed: above 0 money came in */
    int64_t matched_minor; /* of it, with its sign */
    int64_t added_sequence;
    int64_t changed_sequence;
    int32_t ordinal;
    int32_t booking_date; /* days */
    int32_t value_date;   /* days; 0: the bank does not say */
    uint8_t status;       /* enum statement_line_status */
};

static inline enum statement_line_status statement_line_status_of(const struct statement_line *line)
{
    if (line->matched_minor == 0)
        return STATEMENT_LINE_UNMATCHED;
    return line->matched_minor == line->amount_minor ? STATEMENT_LINE_MATCHED
                                                     : STATEMENT_LINE_PARTLY;
}

/* What the ledger booked at its escrow account, and a line can settle. */
enum booking_kind {
    BOOKING_PAYOUT = 1,  /* what left by the payout with that id */
    BOOKING_RETURN = 2,  /* what came back of the payout */
    BOOKING_RECEIPT = 3, /* the receipt or interest with that sequence number */
};

enum statement_match_status {
    STATEMENT_MATCH_MADE = 1,
    STATEMENT_MATCH_UNDONE = 2,
};

/* That a line, or a part of it, is what the ledger booked, or a part of that. None is kept in
 * memory for what it is. By which rule it was found stands in the command that made it. */
struct statement_match {
    int64_t id;
    int64_t ledger_id;
    int64_t bank_statement_id; /* the line's */
    int64_t statement_line_id;
    int64_t booking_id;
    int64_t amount_minor; /* without sign */
    int64_t made_sequence;
    int64_t undone_sequence; /* 0: it stands */
    int64_t changed_sequence;
    uint8_t booking_kind; /* enum booking_kind */
    uint8_t status;       /* enum statement_match_status */
};

/* How much of a booking is matched: one a booking, made by its first match. None is kept in memory;
 * whoever asks for a booking has it brought in. */
struct matched_booking {
    int64_t id;
    int64_t ledger_id;
    int64_t booking_id;
    int64_t matched_minor; /* by the matches that stand */
    int64_t changed_sequence;
    uint8_t booking_kind; /* enum booking_kind */
};

#endif
