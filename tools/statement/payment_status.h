/* payment_status.h: what a bank says of payments that it was ordered, ISO 20022 pain.002.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_PAYMENT_STATUS_H
#define VSL_TOOLS_STATEMENT_PAYMENT_STATUS_H

#include "base/must_use.h"

#include <stdbool.h>
#include <stddef.h>

#define PAYMENT_ID_BYTES 141 /* of 35 letters, in any writing */

/* One status. Of a payment, or where `instruction_id` and `end_to_end_id` are empty of the message
 * or a part of it as a whole. */
struct payment_status {
    char message_id[PAYMENT_ID_BYTES]; /* of the order */
    char instruction_id[PAYMENT_ID_BYTES];
    char end_to_end_id[PAYMENT_ID_BYTES];
    char status[8]; /* such as RJCT; empty: none was given */
    char reason[8]; /* such as AC01; empty: none */
    bool is_of_payment;
    bool has_payments; /* of the message or part: payments of it have a status of their own */
};

/* Reads a file as if it were hostile, in bounded memory: no document type, so no entities, nothing
 * from outside. Hands on each status, of a part behind those of its payments, of the message last;
 * `take` may be NULL, and false ends it. -1 with a sentence when the file is no pain.002. */
MUST_USE int payment_status_read(const char *file,
    bool (*take)(void *context, const struct payment_status *status), void *context,
    char *ret_error, size_t error_bytes);

#endif
