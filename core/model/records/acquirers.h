/* acquirers.h: payment companies (支付渠道), and what they promised.
 *
 * Called acquirers, for a channel is who asks (request_key.h).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_ACQUIRERS_H
#define VSL_MODEL_RECORDS_ACQUIRERS_H

#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

enum acquirer_status {
    ACQUIRER_OPEN = 1,
    ACQUIRER_STOPPED = 2, /* promises nothing more; what it promised is settled */
};

/* What it owes stands on its account, an ACCOUNT_ACQUIRER: minus that is pending in there. */
struct acquirer {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t ceiling_minor; /* of all its open promises together */
    int64_t changed_sequence;
    int32_t settlement_days; /* promises are due so many accounting days after theirs, 0..366 */
    uint8_t status;          /* enum acquirer_status */
    bool keeps_fee;          /* the fee of its rule is its own: it pays so much less */
    bool next_date;          /* what it paid may be withdrawn from the next accounting date on */
    char name[ACQUIRER_NAME_BYTES_MAX];
    uint8_t name_length;
    char fee_rule[FEE_RULE_NAME_BYTES_MAX];
    uint8_t fee_rule_length; /* 0: no fee */
};

enum promise_status {
    PROMISE_OPEN = 1,      /* something of it is not paid yet */
    PROMISE_SETTLED = 3,   /* paid, or the rest of it was cancelled */
    PROMISE_CANCELLED = 4, /* nothing of it was paid */
};

/* What a payer gave the acquirer for an account. The acquirer owes amount - kept, of which the fee
 * waits at FEE and the rest at the account. How much of the fee is settled or cancelled follows
 * from how much of the promise is: see model/promise.h. */
struct promise {
    int64_t id;
    int64_t ledger_id;
    int64_t acquirer_id;
    int64_t account_id;
    int64_t amount_minor;
    int64_t kept_minor; /* the acquirer's own fee */
    int64_t fee_minor;  /* the platform's; one of both is 0 */
    int64_t settled_minor;
    int64_t cancelled_minor;
    int64_t fee_rule_id; /* the version that both are by; 0: none */
    int64_t booked_sequence;
    int64_t changed_sequence;
    int32_t due_date; /* days */
    uint8_t status;   /* enum promise_status */
    uint8_t reference_length;
    uint8_t order_number_length;
    char reference[PROMISE_REFERENCE_BYTES_MAX]; /* the acquirer's number of it, its own for ever */
    char order_number[ORDER_NUMBER_BYTES_MAX];
};

#endif
