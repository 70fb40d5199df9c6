/* past.h: what was executed, as the journal has it, and the sums of orders.
 *
 * Commands are kept as bodies and read back for each use, as the flow does it for refunds and
 * reversals. The sums of an order are made from kinds and postings alone, by the rules of the order
 * view.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_PAST_H
#define VSL_TESTS_ENGINE_PAST_H

#include "command/body.h"
#include "engine/engine.h"

enum { PAST_ORDERS_MAX = 1024 };

/* ---- commands ---- */

struct past;

struct past *past_create(void);
void past_destroy(struct past *past);

/* A recorded command; sequences without gaps, from 1 on. */
void past_add(struct past *past, const struct command *command, const uint8_t *body, size_t length,
    const struct effects *effects);

/* The command that a refund or a reversal names; NULL when there is none, or it names none. Valid
 * until the next call. */
const struct original *past_original(struct past *past, const struct command *command);
/* The command with that number; NULL when there is none. */
const struct original *past_at(struct past *past, int64_t sequence);
/* The first receipt of the ledger behind `after` that has the folded reference and was not
 * reversed; 0: none. */
int64_t past_next_receipt(
    const struct past *past, int64_t ledger_id, struct text reference, int64_t after);
/* The Reveal with the ledgers and kinds of the commands that it names; valid until the next one. */
struct command past_revealed(const struct past *past, const struct command *command);

/* ---- orders ---- */

struct order_sums {
    int64_t ledger_id;
    uint32_t length;
    char number[ORDER_NUMBER_BYTES_MAX];
    int64_t paid, confirmed, refunded, held, withdrawn, fees;
};

struct orders {
    int count;
    struct order_sums sums[PAST_ORDERS_MAX];
};

/* Adds an accepted command to the sums of its order; NULL when it has none. */
const struct order_sums *orders_add(
    struct orders *orders, const struct command *command, const struct effects *effects);

#endif
