/* order_sums.h: what the commands of an order add up to.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_ORDER_SUMS_H
#define VSL_QUERY_ORDER_SUMS_H

#include "base/must_use.h"
#include "model/command_record.h"
#include "model/records.h"

#include <stdbool.h>
#include <stdint.h>

/* As in proto/vsl/v1/order.proto. */
struct order_sums {
    int64_t paid_minor;
    int64_t confirmed_minor;
    int64_t refunded_minor;
    int64_t held_minor;
    int64_t withdrawn_minor;
    int64_t fees_minor;
    bool has_overflown; /* a sum is beyond int64; they mean nothing then */
};

/* Adds a command of the order; a refused one adds nothing. -1 when its stored body is damaged. */
MUST_USE int order_sums_add(struct order_sums *sums, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count);

/* Whether paid = confirmed + refunded + held. */
bool order_sums_balance(const struct order_sums *sums);

#endif
