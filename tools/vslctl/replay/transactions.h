/* transactions.h: a file of booked transactions for the replay, read as if it were hostile.
 *
 * The form is that of the PKDD'99 data set as CSV: a head line, then per transaction
 *     booking_date,trans_id,account_id,operation,purpose,delta_minor,balance_after_minor,
 *     partner_bank,partner_account
 * in the order in which it was booked. Amounts are minor units.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_REPLAY_TRANSACTIONS_H
#define VSL_TOOLS_VSLCTL_REPLAY_TRANSACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRANSACTION_LINE_BYTES_MAX 512
#define TRANSACTIONS_MAX 10000000

enum operation {
    OPERATION_CASH_IN,
    OPERATION_CASH_OUT,
    OPERATION_CARD_OUT,
    OPERATION_TRANSFER_IN,
    OPERATION_TRANSFER_OUT,
    OPERATION_INTEREST, /* "internal" */
};

struct transaction {
    uint32_t line; /* in the file, from 1 on */
    int32_t date;  /* YYYYMMDD */
    int64_t transaction_id;
    int64_t account_id; /* the file's */
    int64_t delta_minor;
    int64_t balance_after_minor;
    enum operation operation;
    bool is_fee; /* money out that is a fee by its purpose */
    char purpose[24];
    char partner_bank[17];
    char partner_account[41];
};

/* Reads a file. Returns the transactions, which the caller frees, or NULL with a sentence that
 * names the line and the rule. */
struct transaction *transactions_load(
    const char *file, size_t *ret_count, char *ret_error, size_t error_bytes);

#endif
