/* payout_order.h: payouts that the bank is told to make, and the message that tells it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_PAYOUT_ORDER_H
#define VSL_TOOLS_VSLCTL_FILES_PAYOUT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ORDER_PAYOUTS_MAX 8000
#define ORDER_ID_BYTES 36     /* Max35Text, and a NUL */
#define ORDER_NAME_BYTES 1024 /* of 140 characters, and more to see that there are too many */
#define ORDER_NAME_CHARACTERS 140
#define ORDER_ACCOUNT_BYTES 35 /* Max34Text */

struct order_payout {
    int64_t payout_id;
    int64_t amount_minor;
    int64_t destination_sequence; /* the command that has whom it pays in plain */
    bool is_sent;                 /* by this message, in a run before */
    bool is_out;                  /* it is not in the message */
    char name[ORDER_NAME_BYTES];
    char account_number[128];
    char bank_code[128];
    char end_to_end_id[ORDER_ID_BYTES];
};

struct order_message {
    char message_id[ORDER_ID_BYTES];
    char debtor_name[ORDER_NAME_BYTES];
    char debtor_account[ORDER_ACCOUNT_BYTES];
    char debtor_bank[128];
    char currency[8];
    int decimals;
    char execution_date[64];
    char created_at[64];
    const struct order_payout *payouts;
    size_t count;
};

/* Whether it may stand in the message: "" where it may, else why not. */
const char *order_fault(const struct order_payout *payout);
/* The same of a text that is given for it. */
bool order_text_is_right(const char *text, size_t characters_max);

/* Writes pain.001.001.03: one payment information with a transaction for each payout that is in. */
void order_write(FILE *out, const struct order_message *message);

#endif
