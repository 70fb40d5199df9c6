/* card_flow.h: what a card is owed by an account (同卡进出): money leaves by the card that it came by.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_CARD_FLOW_H
#define VSL_MODEL_CARD_FLOW_H

#include "model/records/cards.h"

/* The most that came by one card, went to it or was handed over to it: so that their sums are
 * numbers of 64 bits. */
#define CARD_FLOW_MINOR_MAX (INT64_MAX / 4)

/* What came by the card and by those that it replaced, and has not left by it; never negative: the
 * main card may be paid more than came by it. */
static inline int64_t card_flow_owed_minor(const struct card_flow *flow)
{
    int64_t owed = flow->in_minor - flow->out_minor + flow->moved_minor;
    return owed > 0 ? owed : 0;
}

#endif
