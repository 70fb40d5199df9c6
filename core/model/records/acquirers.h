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
    PROMISE_DISPUTED = 2,  /* likewise, and a difference says what becomes of it */
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
    int64_t late_at_us; /* when the service said that it is late; 0: it did not */
    int64_t changed_sequence;
    int32_t due_date; /* days */
    uint8_t status;   /* enum promise_status */
    uint8_t reference_length;
    uint8_t order_number_length;
    char reference[PROMISE_REFERENCE_BYTES_MAX]; /* the acquirer's number of it, its own for ever */
    char order_number[ORDER_NUMBER_BYTES_MAX];
};

enum settlement_status {
    SETTLEMENT_OPEN = 1,
    SETTLEMENT_CLOSED = 2,    /* its lines are as many, and as much, as it said */
    SETTLEMENT_ABANDONED = 3, /* they are not; what was left went back to its item of suspense */
};

/* Money of an acquirer on its way to what it pays: out of an item of suspense, line by line. What
 * of it has no line yet is available at the acquirer's account. */
struct settlement {
    int64_t id;
    int64_t ledger_id;
    int64_t acquirer_id;
    int64_t suspense_id; /* that the money came from */
    int64_t total_minor;
    int64_t settled_minor;  /* by its lines */
    int64_t returned_minor; /* when it was abandoned */
    int64_t opened_sequence;
    int64_t changed_sequence;
    int32_t line_count;   /* that it said */
    int32_t lines_booked; /* that came */
    int32_t opened_date;  /* days */
    uint8_t status;       /* enum settlement_status */
};

enum difference_kind {
    DIFFERENCE_SHORT = 1,     /* less than was open */
    DIFFERENCE_OVER = 2,      /* more */
    DIFFERENCE_FEE = 3,       /* the acquirer kept more, or less, than its fee */
    DIFFERENCE_UNKNOWN = 4,   /* nobody knows what it pays */
    DIFFERENCE_DUPLICATE = 5, /* it was paid before, or is disputed */
    DIFFERENCE_LATE = 6,      /* it was cancelled before */
};

enum difference_status { DIFFERENCE_OPEN = 1, DIFFERENCE_CLOSED = 2 };

/* How a difference was closed. */
enum difference_end {
    DIFFERENCE_BORNE = 1,     /* the platform paid what is missing */
    DIFFERENCE_EXPECTED = 2,  /* the acquirer will pay it: the promise is open again */
    DIFFERENCE_CORRECTED = 3, /* the books follow the acquirer */
    DIFFERENCE_RETURNED = 4,  /* the money went back to its item of suspense */
    DIFFERENCE_ASSIGNED = 5,  /* it paid another promise */
};

/* What a line paid too much is available at the acquirer's account until it is decided; what it
 * paid too little is open of its promise, which is disputed. */
struct difference {
    int64_t id;
    int64_t ledger_id;
    int64_t acquirer_id;
    int64_t settlement_id;
    int64_t suspense_id;
    int64_t promise_id; /* 0: not known */
    int64_t account_id; /* the promise's; 0: not known */
    int64_t amount_minor;
    int64_t line_sequence;
    int64_t closed_sequence; /* 0: not yet */
    int64_t changed_sequence;
    int32_t opened_date; /* days */
    uint8_t kind;        /* enum difference_kind */
    uint8_t status;      /* enum difference_status */
    uint8_t ended_by;    /* enum difference_end; 0: not yet */
    bool is_missing;     /* money is missing, else it is too much */
    uint8_t reference_length;
    uint8_t order_number_length;
    char reference[PROMISE_REFERENCE_BYTES_MAX]; /* the promise's, or what the line says */
    char order_number[ORDER_NUMBER_BYTES_MAX];   /* the promise's */
};

#endif
