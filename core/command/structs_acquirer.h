/* structs_acquirer.h: the commands of acquirers, their promises and settlements.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_ACQUIRER_H
#define VSL_COMMAND_STRUCTS_ACQUIRER_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Terms of an acquirer, as a whole. */
struct acquirer_terms {
    int32_t settlement_days; /* 0..SETTLEMENT_DAYS_MAX */
    struct text fee_rule;    /* empty: no fee */
    bool keeps_fee;
    int64_t ceiling_minor;
    bool withdrawable_next_date;
};

struct open_acquirer {
    struct text name;
    struct acquirer_terms terms;
};

struct set_acquirer {
    int64_t acquirer_id;
    struct acquirer_terms terms;
    bool is_stopped;
};

struct book_promise {
    int64_t acquirer_id;
    int64_t account_id;
    int64_t amount_minor; /* that its payer gave */
    struct text reference;
    struct text order_number;
    struct text remark;
};

struct cancel_promise {
    int64_t promise_id;
    int64_t amount_minor; /* of what is owed; 0: all that is open */
    struct text remark;
};

struct open_settlement {
    int64_t acquirer_id;
    int64_t suspense_id;
    int32_t line_count;
    int64_t total_minor;
    struct text remark;
};

struct settle_line {
    int64_t settlement_id;
    int64_t promise_id; /* excludes reference */
    struct text reference;
    int64_t gross_minor;
    int64_t kept_minor; /* of it, by the acquirer */
    bool is_partial;    /* more will come for the same promise */
    struct text remark;
};

struct close_settlement {
    int64_t settlement_id;
    bool is_abandoned;
    int64_t suspense_id; /* of what is abandoned; 0 else */
    struct text remark;
};

struct close_difference {
    int64_t difference_id;
    int32_t ended_by;    /* enum difference_end */
    int64_t promise_id;  /* of DIFFERENCE_ASSIGNED; 0 else */
    int64_t suspense_id; /* of DIFFERENCE_RETURNED; 0 else */
    struct text remark;
};

#endif
