/* ledgers.h: a platform's money in one escrow account.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_LEDGERS_H
#define VSL_MODEL_RECORDS_LEDGERS_H

#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

enum ledger_status { LEDGER_OPEN = 1, LEDGER_CLOSED = 2 };

struct ledger {
    int64_t id;
    int64_t changed_sequence;
    int64_t first_control_account_id; /* ESCROW; the others follow in the order of account_kind */
    int64_t open_member_count;        /* derived */
    int64_t open_payout_count;        /* payouts requested, not yet paid or failed; derived */
    /* The accounting dates of the key window: [0] is the present one, then the ones before it,
     * newest first; days since 1970-01-01. Requests older than the oldest are refused. */
    int32_t accounting_dates[KEY_WINDOW_DATES_MAX];
    uint8_t accounting_date_count; /* how many of them there have been yet, 1..key_window_dates */
    uint8_t key_window_dates;      /* 1..7 */
    uint8_t status;                /* enum ledger_status */
    bool advance_refunds;          /* terms: PLATFORM_OWN advances what a payee cannot refund */
    int32_t payout_return_days; /* terms: how long after its day a paid payout may return, 1..366 */
    char currency[4];           /* ISO 4217, NUL-ended */
    char receiving_prefix[RECEIVING_PREFIX_DIGITS_MAX];
    uint8_t receiving_prefix_length;
    char platform_name[SEALED_NAME_BYTES_MAX];
    uint16_t platform_name_length;
    char escrow_account_number[SEALED_NUMBER_BYTES_MAX];
    uint16_t escrow_account_number_length;
    /* Terms: the platform's own named account at a bank; lengths 0: none. */
    char own_account_name[SEALED_NAME_BYTES_MAX];
    uint16_t own_account_name_length;
    char own_account_number[SEALED_NUMBER_BYTES_MAX];
    uint16_t own_account_number_length;
    char own_bank_code[BANK_CODE_BYTES_MAX];
    uint8_t own_bank_code_length;
};

#endif
